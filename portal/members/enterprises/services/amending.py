"""Correcting an enterprise.

What describes it at once, what identifies it only when another agrees.
"""

from dataclasses import dataclass
from typing import Any

from portal.audit.record import record
from portal.files.services import add_file
from portal.files.storing import StoredBytes
from portal.foundation.errors import InvalidInput, Refused
from portal.foundation.labels import N_
from portal.foundation.transitions import move
from portal.jobs.outbox import enqueue
from portal.members.enterprises.models import (
    AMENDMENT_MOVES,
    Amendment,
    AmendmentDecision,
    AmendmentState,
    Enterprise,
)
from portal.members.enterprises.policies import (
    may_ask_for_amendment,
    may_decide_amendment,
    may_keep_roll,
)
from portal.members.enterprises.queries import find_enterprise_by_uscc, find_waiting_amendment
from portal.members.enterprises.services.identity import EnterpriseAction, Identity, change_identity
from portal.tenancy.actor import MEMBERSHIP, Actor
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession

IDENTIFYING = ("name", "uscc", "legal_representative")
FOLLOWS_NAME = ("name_normal", "pinyin_key")


@dataclass(frozen=True)
class Corrected:
    """What became of a correction.

    The fields that changed at once, and the amendment that waits for approval.
    """

    at_once: tuple[str, ...]
    amendment: Amendment | None


def correct_enterprise(
    session: ChamberSession,
    enterprise: Enterprise,
    said: Identity,
    *,
    reason: str,
    licence: StoredBytes | None = None,
    actor: Actor,
) -> Corrected:
    """Corrects what is known of an enterprise.

    Kind, capital, industry, region and address change at once where staff say so. Name, code, legal
    representative and licence wait for somebody else's approval (变更登记), and so does everything
    that the enterprise itself asks for. NotPermitted; InvalidInput where nothing differs, the code
    is another enterprise's, or a change of identity has no reason; Refused while another amendment
    waits.
    """
    guard(may_ask_for_amendment, actor, enterprise.id)
    enterprise = session.lock(enterprise)
    told = {n: v for n, v in said.columns().items() if n != "licence_file_id"}
    changed = {n: v for n, v in told.items() if getattr(enterprise, n) != v}
    waits = set(IDENTIFYING) if may_keep_roll(actor) else set(changed)
    asked = {n: v for n, v in changed.items() if n not in FOLLOWS_NAME}
    later = {n: v for n, v in asked.items() if n in waits}
    at_once = {n: v for n, v in asked.items() if n not in waits}
    if not later and not at_once and licence is None:
        raise InvalidInput("name", N_("Nothing differs from what the chamber knows."))
    if at_once:
        was = {name: _plain(getattr(enterprise, name)) for name in at_once}
        act = EnterpriseAction.CORRECTED
        record(session, act, enterprise, actor=actor, department=MEMBERSHIP, was=was)
        change_identity(session, enterprise, at_once)
    amendment = None
    if later or licence:
        amendment = _ask(session, enterprise, later, reason, licence, actor=actor)
    return Corrected(tuple(sorted(at_once)), amendment)


def approve_amendment(session: ChamberSession, amendment: Amendment, *, actor: Actor) -> None:
    """Lets a change of identity stand: a former name is kept and stays searchable.

    NotPermitted for whoever asked for it.

    Refused where the new code has become another enterprise's meanwhile, or what stood when it was
    asked for stands no longer; IllegalMove where it was decided.
    """
    enterprise = _decide(session, amendment, AmendmentState.APPROVED, "", actor=actor)
    if any(
        _plain(getattr(enterprise, name)) != pair[0] for name, pair in amendment.changes.items()
    ):
        raise Refused(
            N_(
                "What stands now is not any more what stood when this change was asked for. "
                "Refuse it, and let it be asked for again."
            )
        )
    new = {name: pair[1] for name, pair in amendment.changes.items()}
    other = find_enterprise_by_uscc(session, new["uscc"]) if "uscc" in new else None
    if other is not None and other.id != enterprise.id:
        raise Refused(N_("This code has become another enterprise's meanwhile."))
    if "name" in new:
        new |= {
            name: Identity.of(enterprise, name=new["name"]).columns()[name] for name in FOLLOWS_NAME
        }
    if amendment.licence_file_id:
        new["licence_file_id"] = amendment.licence_file_id
    change_identity(session, enterprise, new)
    record(
        session,
        EnterpriseAction.AMENDMENT_APPROVED,
        amendment,
        actor=actor,
        department=MEMBERSHIP,
        changes=amendment.changes,
    )


def refuse_amendment(
    session: ChamberSession, amendment: Amendment, reason: str, *, actor: Actor
) -> None:
    """Leaves everything as it is.

    Refuses as approve_amendment, and InvalidInput without a reason.
    """
    if not reason.strip():
        raise InvalidInput("reason", N_("Give the reason. The one who asked reads it."))
    _decide(session, amendment, AmendmentState.REFUSED, reason.strip(), actor=actor)
    record(
        session, EnterpriseAction.AMENDMENT_REFUSED, amendment, actor=actor, department=MEMBERSHIP
    )


def _check_asked(
    session: ChamberSession, enterprise: Enterprise, later: dict[str, Any], reason: str
) -> None:
    if not reason.strip():
        raise InvalidInput("reason", N_("Say why: somebody else has to agree."))
    if find_waiting_amendment(session, enterprise.id) is not None:
        raise Refused(
            N_(
                "A change of this enterprise waits for approval already. It has to be "
                "decided first."
            )
        )
    other = find_enterprise_by_uscc(session, later["uscc"]) if "uscc" in later else None
    if other is not None:
        raise InvalidInput("uscc", N_("This code is another enterprise's."))


def _ask(
    session: ChamberSession,
    enterprise: Enterprise,
    later: dict[str, Any],
    reason: str,
    licence: StoredBytes | None,
    *,
    actor: Actor,
) -> Amendment:
    _check_asked(session, enterprise, later, reason)
    file = None
    if licence:
        file = add_file(session, licence, owner_type="enterprise", owner_id=enterprise.id)
        enqueue(session, "make_previews", file_id=file.id)
    amendment = Amendment(
        enterprise_id=enterprise.id,
        changes={
            name: [_plain(getattr(enterprise, name)), _plain(value)]
            for name, value in later.items()
        },
        reason=reason.strip(),
        licence_file_id=file.id if file else None,
        asked_by=actor.name,
        asked_by_id=actor.person_id,
        asked_at=session.now(),
    )
    session.add(amendment)
    session.flush()
    record(
        session,
        EnterpriseAction.AMENDMENT_ASKED,
        amendment,
        actor=actor,
        department=MEMBERSHIP,
        changes=amendment.changes,
    )
    return amendment


def _decide(
    session: ChamberSession, amendment: Amendment, to: AmendmentState, reason: str, *, actor: Actor
) -> Enterprise:
    guard(may_decide_amendment, actor, amendment)
    enterprise = session.lock(session.fetch(Enterprise, amendment.enterprise_id))
    amendment = session.lock(amendment)
    move(amendment, to, AMENDMENT_MOVES)
    approved = to is AmendmentState.APPROVED
    session.add(
        AmendmentDecision(
            amendment_id=amendment.id,
            approved=approved,
            reason=reason,
            decided_by=actor.name,
            decided_at=session.now(),
        )
    )
    session.flush()
    return enterprise


def _plain(value: Any) -> Any:
    return getattr(value, "value", value)
