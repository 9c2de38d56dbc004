"""Quorum and majority, in integer arithmetic."""

from dataclasses import dataclass

from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_
from portal.governance.bodies.models import MajorityBase, VotingRule

MOST_VOTERS = 100_000
BODIES = (
    ("assembly", "会员大会", "Members' assembly", (2, 3), (1, 2)),
    ("council", "理事会", "Council", (2, 3), (2, 3)),
)
"""The bodies of a new chamber.

Code, names, quorum of all entitled, majority of those present.
"""


@dataclass(frozen=True)
class Vote:
    """The counts of a vote: entitled (应到), present (实到), in favour."""

    entitled: int
    present: int
    in_favour: int


def check_counts(vote: Vote) -> None:
    """Refuses (InvalidInput) counts that cannot be.

    More present than entitled, more in favour than present.
    """
    if not 0 < vote.entitled <= MOST_VOTERS:
        raise InvalidInput("entitled", N_("Someone must be entitled to vote."))
    if not 0 <= vote.present <= vote.entitled:
        raise InvalidInput("present", N_("More cannot be present than are entitled."))
    if not 0 <= vote.in_favour <= vote.present:
        raise InvalidInput("in_favour", N_("More cannot be in favour than were present."))


def has_quorum(rule: VotingRule, vote: Vote) -> bool:
    """Whether enough were present: present · den ≥ num · entitled."""
    return vote.present * rule.quorum_den >= rule.quorum_num * vote.entitled


def check_quorum(rule: VotingRule, vote: Vote) -> None:
    """Refuses (InvalidInput) where too few of those entitled were present to decide anything."""
    if not has_quorum(rule, vote):
        raise InvalidInput(
            "present",
            N_("No quorum: at least %(num)s/%(den)s of those entitled must be present."),
            num=rule.quorum_num,
            den=rule.quorum_den,
        )


def carries(rule: VotingRule, vote: Vote) -> bool:
    """Whether the matter is carried.

    Yes · den ≥ num · base, or > where the rule is strict (超过, 过半数).
    """
    base = vote.present if rule.pass_base is MajorityBase.PRESENT else vote.entitled
    reached, needed = vote.in_favour * rule.pass_den, rule.pass_num * base
    return has_quorum(rule, vote) and (reached > needed if rule.strict else reached >= needed)


def check_carried(rule: VotingRule, vote: Vote) -> None:
    """Refuses (InvalidInput) counts that cannot be, no quorum, and too few in favour."""
    check_counts(vote)
    check_quorum(rule, vote)
    if not carries(rule, vote):
        raise InvalidInput(
            "in_favour",
            N_(
                "Not carried: the rule asks for %(num)s/%(den)s. If it was declined, enter "
                "it as declined."
            ),
            num=rule.pass_num,
            den=rule.pass_den,
        )
