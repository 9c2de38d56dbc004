"""Keeping the identity of enterprises."""

import uuid
from dataclasses import dataclass

from portal.audit.record import record
from portal.enterprises.models import Enterprise, EnterpriseKind
from portal.enterprises.queries import find_enterprise_by_uscc
from portal.foundation.labels import N_, Labelled
from portal.foundation.search import normalise_name, pinyin_key
from portal.tenancy.actor import Actor
from portal.tenancy.search_index import index_subject
from portal.tenancy.session import ChamberSession


class EnterpriseAction(Labelled):
    """Acts on an enterprise."""

    ENTERED = "enterprise.entered", N_("Enterprise entered")
    FOUND_SAME = "enterprise.found_same", N_("Found to be another enterprise known before")
    IDENTITY_TAKEN_OVER = "enterprise.identity_taken_over", N_("Identity taken over from the application")


@dataclass(frozen=True)
class Identity:
    """What identifies and describes an enterprise, as checked. `capital` in fen."""

    uscc: str
    name: str
    kind: EnterpriseKind
    legal_representative: str
    capital: int
    industry: str
    region: str
    address: str
    licence_file_id: uuid.UUID | None

    @classmethod
    def of(cls, described: object) -> "Identity":
        """What something that has all these fields (an application, an enterprise) says of an enterprise."""
        return cls(**{name: getattr(described, name) for name in cls.__dataclass_fields__})


def ensure_enterprise(session: ChamberSession, identity: Identity, *, actor: Actor) -> Enterprise:
    """The enterprise of this USCC, entered where new. A known enterprise is returned unchanged: a claim gives no right over it."""
    known = find_enterprise_by_uscc(session, identity.uscc)
    if known is not None:
        return known
    enterprise = Enterprise(created_at=session.now(), **_columns(identity))
    session.add(enterprise)
    session.flush()
    index_subject(session, "enterprise", enterprise.id, identity.name, identity.uscc)
    record(session, EnterpriseAction.ENTERED, enterprise, actor=actor, uscc=identity.uscc)
    return enterprise


def take_over_identity(session: ChamberSession, enterprise: Enterprise, identity: Identity, *, actor: Actor) -> None:
    """Once staff have decided on an application, what it says becomes what the chamber knows."""
    changed = {name: value for name, value in _columns(identity).items() if getattr(enterprise, name) != value}
    if not changed:
        return
    for name, value in changed.items():
        setattr(enterprise, name, value)
    index_subject(session, "enterprise", enterprise.id, identity.name, identity.uscc)
    record(session, EnterpriseAction.IDENTITY_TAKEN_OVER, enterprise, actor=actor, fields=sorted(changed))


def mark_same(session: ChamberSession, enterprise: Enterprise, other: Enterprise, *, actor: Actor) -> None:
    """A person found `enterprise` to be `other`: its record is kept, no search finds it, and its code is free for the other."""
    enterprise.same_as_id = other.id
    index_subject(session, "enterprise", enterprise.id)
    record(session, EnterpriseAction.FOUND_SAME, enterprise, actor=actor, other=other.uscc)


def _columns(identity: Identity) -> dict[str, object]:
    return {
        "uscc": identity.uscc,
        "name": identity.name,
        "name_normal": normalise_name(identity.name),
        "pinyin_key": pinyin_key(identity.name),
        "kind": identity.kind,
        "legal_representative": identity.legal_representative,
        "capital": identity.capital,
        "industry": identity.industry,
        "region": identity.region,
        "address": identity.address,
        "licence_file_id": identity.licence_file_id,
    }
