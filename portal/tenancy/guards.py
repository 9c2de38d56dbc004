"""One way to refuse: a policy, and the sentence that stands beside it."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from portal.foundation.errors import NotPermitted

P = ParamSpec("P")
F = TypeVar("F", bound=Callable[..., bool])
REFUSALS: dict[Callable[..., bool], str] = {}
"""What each policy says to whom it refuses."""


def otherwise(sentence: str) -> Callable[[F], F]:
    """Decorator: what a policy says to whoever may not."""

    def keep(policy: F) -> F:
        REFUSALS[policy] = sentence
        return policy

    return keep


def guard(policy: Callable[P, bool], *args: P.args, **kwargs: P.kwargs) -> None:
    """Refuses (NotPermitted), in the policy's own words, where it does not hold."""
    if not policy(*args, **kwargs):
        raise NotPermitted(REFUSALS[policy])
