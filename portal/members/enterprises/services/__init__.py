"""The verbs of enterprises, by noun."""

from portal.members.enterprises.services.identity import (
    EnterpriseAction,
    Identity,
    ensure_enterprise,
    index_enterprise,
    mark_same,
    take_over_identity,
)

__all__ = [
    "EnterpriseAction",
    "Identity",
    "ensure_enterprise",
    "index_enterprise",
    "mark_same",
    "take_over_identity",
]
