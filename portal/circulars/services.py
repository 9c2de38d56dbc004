"""Writing notices, publishing them, and reading them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from portal.audit.record import record
from portal.circulars.models import (
    CIRCULAR_MOVES,
    Circular,
    CircularAction,
    CircularFile,
    CircularMail,
    CircularReading,
    CircularRecipient,
    CircularState,
)
from portal.circulars.policies import (
    may_change,
    may_publish_circulars,
    may_read_circulars,
    may_write_circulars,
)
from portal.circulars.queries import has_received
from portal.files.services import add_file
from portal.files.storing import StoredBytes
from portal.foundation.errors import InvalidInput, NotFound, Refused
from portal.foundation.labels import N_
from portal.foundation.transitions import move
from portal.jobs.outbox import enqueue, send_mail
from portal.roll.queries.listing import count_roll, listeners_of
from portal.roll.queries.narrowing import RollFilter
from portal.tenancy.actor import MEMBERSHIP, Actor
from portal.tenancy.bulk import insert_rows
from portal.tenancy.chambers import today_of
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession

MOST_FILES = 10
ALL_MEMBERS = RollFilter(state="member")


@dataclass(frozen=True)
class Words:
    """What a notice says, and to whom it goes.

    And whether everybody may read it, and whether it is mailed.
    """

    title: str
    body: str
    audience: RollFilter = ALL_MEMBERS
    is_public: bool = False
    by_mail: bool = True


def write_circular(session: ChamberSession, words: Words, *, actor: Actor) -> Circular:
    """Keeps a draft.

    NotPermitted for others than the membership department and the general office.
    """
    guard(may_write_circulars, actor)
    circular = Circular(written_by=actor.name, written_at=session.now(), **_columns(words))
    session.add(circular)
    session.flush()
    record(
        session,
        CircularAction.WRITTEN,
        circular,
        actor=actor,
        department=MEMBERSHIP,
        title=words.title,
    )
    return circular


def change_circular(
    session: ChamberSession, circular: Circular, words: Words, *, actor: Actor
) -> None:
    """Changes a draft. NotPermitted; Refused once it is published.

    Then it is withdrawn and written anew.
    """
    circular = _draft(session, circular, actor)
    for name, value in _columns(words).items():
        setattr(circular, name, value)
    record(
        session,
        CircularAction.CHANGED,
        circular,
        actor=actor,
        department=MEMBERSHIP,
        title=words.title,
    )


def attach_file(
    session: ChamberSession, circular: Circular, stored: StoredBytes, *, actor: Actor
) -> CircularFile:
    """Adds an attachment to a draft. NotPermitted; Refused beyond ten, or once it is published."""
    circular = _draft(session, circular, actor)
    count = (
        session.scalar(
            sa.select(sa.func.count(CircularFile.id)).where(CircularFile.circular_id == circular.id)
        )
        or 0
    )
    if count >= MOST_FILES:
        raise Refused(N_("There are ten attachments already."))
    file = add_file(session, stored, owner_type="circular", owner_id=circular.id)
    kept = CircularFile(circular_id=circular.id, file_id=file.id)
    session.add(kept)
    record(
        session,
        CircularAction.CHANGED,
        circular,
        actor=actor,
        department=MEMBERSHIP,
        file=file.name,
    )
    return kept


def publish_circular(session: ChamberSession, circular: Circular, *, actor: Actor) -> None:
    """Publishes a draft: the worker takes it to each enterprise, piece by piece. NotPermitted.

    InvalidInput where nobody would get it; IllegalMove where it is published.
    """
    guard(may_publish_circulars, actor)
    circular = session.lock(circular)
    today = today_of(session)
    total = count_roll(session, RollFilter.read(circular.audience), today)
    if not total and not circular.is_public:
        raise InvalidInput(
            "title", N_("Nobody on the roll matches: the notice would reach no one.")
        )
    move(circular, CircularState.PUBLISHED, CIRCULAR_MOVES)
    circular.published_at, circular.total = session.now(), total
    enqueue(
        session,
        "deliver_circular",
        unique_key=f"deliver_circular:{circular.id}",
        circular_id=circular.id,
    )
    record(
        session,
        CircularAction.PUBLISHED,
        circular,
        actor=actor,
        department=MEMBERSHIP,
        title=circular.title,
        enterprises=total,
    )


def withdraw_circular(session: ChamberSession, circular: Circular, *, actor: Actor) -> None:
    """Takes a notice off every page; mails that have left cannot be called back. NotPermitted.

    IllegalMove where it is not published.
    """
    guard(may_publish_circulars, actor)
    circular = session.lock(circular)
    move(circular, CircularState.WITHDRAWN, CIRCULAR_MOVES)
    record(
        session,
        CircularAction.WITHDRAWN,
        circular,
        actor=actor,
        department=MEMBERSHIP,
        title=circular.title,
    )


def deliver_piece(
    session: ChamberSession,
    circular: Circular,
    enterprise_ids: Sequence[uuid.UUID],
    *,
    actor: Actor,
) -> None:
    """Takes a notice to some enterprises.

    It stands on their page, and who votes for them, is written to about dues, or else acts first is
    mailed, each once.

    Enterprises reached before are passed over.
    """
    reached = sa.select(CircularRecipient.enterprise_id).where(
        CircularRecipient.circular_id == circular.id,
        CircularRecipient.enterprise_id.in_(enterprise_ids),
    )
    known = set(session.scalars(reached))
    fresh = [enterprise_id for enterprise_id in enterprise_ids if enterprise_id not in known]
    rows = ({"circular_id": circular.id, "enterprise_id": id_} for id_ in fresh)
    insert_rows(session, CircularRecipient, rows)
    if circular.by_mail:
        _mail(session, circular, fresh, actor=actor)
    count = sa.update(Circular).where(Circular.id == circular.id)
    session.execute(count.values(delivered=Circular.delivered + len(fresh)))


def _mail(
    session: ChamberSession, circular: Circular, fresh: Sequence[uuid.UUID], *, actor: Actor
) -> None:
    for person in listeners_of(session, fresh):
        send_mail(
            session,
            CircularMail.NOTICE,
            to=person.email,
            name=person.greeted,
            language=person.language,
            title=circular.title,
            body=circular.body,
            circular_id=str(circular.id),
            by=actor.name,
        )


def end_delivery(session: ChamberSession, circular: Circular) -> None:
    """Everybody who was on the roll when `actor` (the portal) came to them has it.

    Who left meanwhile is not counted any more.
    """
    session.execute(
        sa.update(Circular).where(Circular.id == circular.id).values(total=Circular.delivered)
    )


def detach_file(session: ChamberSession, kept: CircularFile, *, actor: Actor) -> None:
    """Takes an attachment off a draft. NotPermitted; Refused once it is published."""
    circular = _draft(session, session.fetch(Circular, kept.circular_id), actor)
    session.execute(sa.delete(CircularFile).where(CircularFile.id == kept.id))
    record(
        session,
        CircularAction.CHANGED,
        circular,
        actor=actor,
        department=MEMBERSHIP,
        took_off=str(kept.file_id),
    )


def discard_circular(session: ChamberSession, circular: Circular, *, actor: Actor) -> None:
    """Throws a draft away with its attachments. NotPermitted; Refused once it is published."""
    circular = _draft(session, circular, actor)
    record(
        session,
        CircularAction.DISCARDED,
        circular,
        actor=actor,
        department=MEMBERSHIP,
        title=circular.title,
    )
    session.execute(sa.delete(CircularFile).where(CircularFile.circular_id == circular.id))
    session.execute(sa.delete(Circular).where(Circular.id == circular.id))


def read_circular(session: ChamberSession, circular: Circular, *, actor: Actor) -> None:
    """Writes down that somebody of an enterprise opened a notice, once.

    NotFound where it did not go to that enterprise or was withdrawn.
    """
    if (
        not may_read_circulars(actor)
        or circular.state is not CircularState.PUBLISHED
        or not has_received(session, circular.id, actor.enterprise_id)
    ):
        raise NotFound(N_("There is nothing at this address."))
    known = sa.select(CircularReading.id).where(
        CircularReading.circular_id == circular.id,
        CircularReading.enterprise_id == actor.enterprise_id,
    )
    if session.scalar(known) is None:
        session.add(
            CircularReading(
                circular_id=circular.id,
                enterprise_id=actor.enterprise_id,
                read_by=actor.name,
                read_at=session.now(),
            )
        )


def _draft(session: ChamberSession, circular: Circular, actor: Actor) -> Circular:
    guard(may_write_circulars, actor)
    circular = session.lock(circular)
    if not may_change(actor, circular):
        raise Refused(N_("This notice is published. Withdraw it and write another."))
    return circular


def _columns(words: Words) -> dict[str, object]:
    return {
        "title": words.title,
        "body": words.body,
        "audience": words.audience.asked(),
        "is_public": words.is_public,
        "by_mail": words.by_mail,
    }
