"""Keeping the identity of enterprises."""

import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from portal.accounts.queries import list_representations
from portal.audit.acts import Act
from portal.audit.record import record
from portal.foundation.labels import N_
from portal.foundation.search import normalise_name, pinyin_key
from portal.jobs.news import News
from portal.jobs.outbox import announce
from portal.members.enterprises.models import (
    Enterprise,
    EnterpriseKind,
    FormerName,
    Party,
    PartyKind,
)
from portal.members.enterprises.queries import find_enterprise_by_uscc
from portal.tenancy.actor import Actor
from portal.tenancy.chambers import today_of
from portal.tenancy.search_index import index_subject
from portal.tenancy.session import ChamberSession


class EnterpriseAction(Act):
    """Acts on an enterprise."""

    ENTERED = "enterprise.entered", N_("Enterprise entered")
    FOUND_SAME = "enterprise.found_same", N_("Found to be another enterprise known before")
    IDENTITY_TAKEN_OVER = (
        "enterprise.identity_taken_over",
        N_("Identity taken over from the application"),
    )
    CORRECTED = "enterprise.corrected", N_("Enterprise corrected")
    AMENDMENT_ASKED = "amendment.asked", N_("Change of identity asked for")
    AMENDMENT_APPROVED = "amendment.approved", N_("Change of identity approved")
    AMENDMENT_REFUSED = "amendment.refused", N_("Change of identity refused")
    NOTED = "enterprise.noted", N_("Note on an enterprise written")
    TAGGED = "enterprise.tagged", N_("Enterprises tagged")
    UNTAGGED = "enterprise.untagged", N_("Tag taken off enterprises")
    HISTORY_ENTERED = "enterprise.history_entered", N_("History entered by hand")


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
    def of(cls, described: object, **but: Any) -> "Identity":
        """What something says of an enterprise, `but` for some fields.

        Something that has all these fields: an application, an enterprise.
        """
        return cls(
            **{name: but.get(name, getattr(described, name)) for name in cls.__dataclass_fields__}
        )

    def columns(self) -> dict[str, Any]:
        """The columns of an enterprise that say this."""
        return {
            "uscc": self.uscc,
            "name": self.name,
            "name_normal": normalise_name(self.name),
            "pinyin_key": pinyin_key(self.name),
            "kind": self.kind,
            "legal_representative": self.legal_representative,
            "capital": self.capital,
            "industry": self.industry,
            "region": self.region,
            "address": self.address,
            "licence_file_id": self.licence_file_id,
        }


def ensure_enterprise(session: ChamberSession, identity: Identity, *, actor: Actor) -> Enterprise:
    """The enterprise of this USCC, entered where new. A known enterprise is returned unchanged.

    A claim gives no right over it.
    """
    known = find_enterprise_by_uscc(session, identity.uscc)
    if known is not None:
        return known
    party = Party(kind=PartyKind.ENTERPRISE)
    session.add(party)
    session.flush()
    enterprise = Enterprise(id=party.id, created_at=session.now(), **identity.columns())
    session.add(enterprise)
    session.flush()
    index_enterprise(session, enterprise)
    record(session, EnterpriseAction.ENTERED, enterprise, actor=actor, uscc=identity.uscc)
    return enterprise


def take_over_identity(
    session: ChamberSession, enterprise: Enterprise, identity: Identity, *, actor: Actor
) -> None:
    """Once staff have decided on an application, what it says becomes what the chamber knows."""
    changed = {
        name: value
        for name, value in identity.columns().items()
        if getattr(enterprise, name) != value
    }
    if not changed:
        return
    change_identity(session, enterprise, changed)
    record(
        session,
        EnterpriseAction.IDENTITY_TAKEN_OVER,
        enterprise,
        actor=actor,
        fields=sorted(changed),
    )


def change_identity(
    session: ChamberSession, enterprise: Enterprise, changed: dict[str, Any]
) -> None:
    """Sets columns of an enterprise.

    A name that goes is kept as a former one, and every search knows both. The caller audits the act
    of `actor`.
    """
    renamed = any(
        changed.get(name, getattr(enterprise, name)) != getattr(enterprise, name)
        for name in ("name", "uscc")
    )
    if changed.get("name", enterprise.name) != enterprise.name:
        today = today_of(session)
        session.add(FormerName(enterprise_id=enterprise.id, name=enterprise.name, until_on=today))
    for name, value in changed.items():
        setattr(enterprise, name, value)
    session.flush()
    index_enterprise(session, enterprise)
    if renamed:
        announce(session, News.ENTERPRISE_RENAMED, enterprise_id=enterprise.id)


def index_enterprise(session: ChamberSession, enterprise: Enterprise) -> None:
    """Writes the search tokens of an enterprise.

    Its name, code and former names, and the people who act for it. A consequence of an act of
    `actor`, which its caller audits.
    """
    former = session.scalars(
        sa.select(FormerName.name).where(FormerName.enterprise_id == enterprise.id)
    ).all()
    people = [r.person for r in list_representations(session, enterprise_id=enterprise.id)]
    texts = [text for person in people for text in (person.name, person.phone)]
    index_subject(
        session, "enterprise", enterprise.id, enterprise.name, enterprise.uscc, *former, *texts
    )


def mark_same(
    session: ChamberSession, enterprise: Enterprise, other: Enterprise, *, actor: Actor
) -> None:
    """A person found `enterprise` to be `other`.

    Its record is kept, no search finds it, and its code is free for the other.
    """
    enterprise.same_as_id = other.id
    index_subject(session, "enterprise", enterprise.id)
    record(session, EnterpriseAction.FOUND_SAME, enterprise, actor=actor, other=other.uscc)
