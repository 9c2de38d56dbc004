"""What reviewers do beside deciding: claim, hand over, note, tick the checklist."""

from collections.abc import Sequence

import sqlalchemy as sa

from portal.accounts.models import Person
from portal.admission.applications.models import (
    OPEN_STATES,
    Application,
    ApplicationAction,
    ApplicationState,
)
from portal.admission.applications.policies import may_review
from portal.admission.reviewing.models import (
    ApplicationNote,
    ChecklistItem,
    ChecklistTick,
    Handover,
)
from portal.admission.reviewing.policies import may_hand_over, may_keep_checklist, may_tick
from portal.admission.reviewing.queries.desk import find_tick, list_held, list_reviewers
from portal.audit.record import record
from portal.foundation.errors import InvalidInput, Refused
from portal.foundation.labels import N_
from portal.tenancy.actor import Actor
from portal.tenancy.guards import guard
from portal.tenancy.session import ChamberSession


def claim_application(session: ChamberSession, application: Application, *, actor: Actor) -> None:
    """Takes an application as one's own work; claiming one's own changes nothing.

    NotPermitted for others than reviewers; Refused where it has ended, or a colleague holds it: it
    is handed over, never taken.
    """
    guard(may_review, actor)
    application = session.lock(application)
    if application.state not in OPEN_STATES:
        raise Refused(N_("This application has ended."))
    if application.handler_id == actor.person_id:
        return
    if application.handler_id is not None:
        raise Refused(N_("A colleague works on this application. Ask for it to be handed over."))
    application.handler_id = actor.person_id
    session.add(
        Handover(
            application_id=application.id,
            to_person_id=actor.person_id,
            to_name=actor.name,
            handed_by=actor.name,
            handed_at=session.now(),
        )
    )
    record(session, ApplicationAction.CLAIMED, application, actor=actor)


def hand_over_application(
    session: ChamberSession,
    application: Application,
    to: Person | None,
    words: str,
    *,
    actor: Actor,
) -> None:
    """Passes an application to a colleague, with a word for them.

    Or back to everyone, where `to` is None.

    NotPermitted for others than its holder and the officers; InvalidInput where the colleague
    reviews nothing; Refused where it has ended.
    """
    application = session.lock(application)
    guard(may_hand_over, actor, application)
    if application.state not in OPEN_STATES:
        raise Refused(N_("This application has ended."))
    if to is not None and to.id not in {person.id for person in list_reviewers(session)}:
        raise InvalidInput(
            "to", N_("Choose a colleague of the membership department or the general office.")
        )
    before = session.find(Person, application.handler_id)
    application.handler_id = to.id if to else None
    session.add(
        Handover(
            application_id=application.id,
            from_name=before.name if before else "",
            to_person_id=to.id if to else None,
            to_name=to.name if to else "",
            words=words.strip(),
            handed_by=actor.name,
            handed_at=session.now(),
        )
    )
    record(
        session, ApplicationAction.HANDED_OVER, application, actor=actor, to=to.name if to else ""
    )


def hand_over_everything(
    session: ChamberSession, leaving: Person, to: Person | None, words: str, *, actor: Actor
) -> int:
    """Passes every open application that a leaving colleague holds to another.

    Or back to everyone; returns how many. Refuses as hand_over_application.
    """
    listed: Sequence[Application] = list_held(session, leaving.id)
    locked = [session.lock(application) for application in sorted(listed, key=lambda a: a.id)]
    held = [
        application
        for application in locked
        if application.handler_id == leaving.id and application.state in OPEN_STATES
    ]
    for application in held:
        hand_over_application(session, application, to, words, actor=actor)
    return len(held)


def write_note(
    session: ChamberSession, application: Application, body: str, *, actor: Actor
) -> ApplicationNote:
    """Adds an internal note; notes are never changed. NotPermitted for others than reviewers.

    InvalidInput for an empty one.
    """
    guard(may_review, actor)
    if not body.strip():
        raise InvalidInput("body", N_("Write the note first."))
    note = ApplicationNote(
        application_id=application.id,
        body=body.strip(),
        written_by=actor.name,
        written_at=session.now(),
    )
    session.add(note)
    record(session, ApplicationAction.NOTED, application, actor=actor)
    return note


def tick_point(
    session: ChamberSession,
    application: Application,
    item: ChecklistItem,
    *,
    ticked: bool,
    actor: Actor,
) -> None:
    """Ticks a point of the checklist, or takes the tick back; doing it twice is doing it once.

    NotPermitted for others than reviewers and whoever decides the open step; Refused where the
    application is not in review.
    """
    guard(may_tick, actor, application)
    application = session.lock(application)
    if application.state not in {ApplicationState.IN_REVIEW, ApplicationState.RETURNED}:
        raise Refused(N_("The checklist is kept while an application is in review."))
    tick = find_tick(session, application.id, item.id)
    if ticked == (tick is not None):
        return
    if tick is None:
        session.add(
            ChecklistTick(
                application_id=application.id,
                item_id=item.id,
                ticked_by=actor.name,
                ticked_at=session.now(),
            )
        )
    else:
        session.delete(tick)
    record(
        session,
        ApplicationAction.TICKED if ticked else ApplicationAction.UNTICKED,
        application,
        actor=actor,
        point=item.title_zh,
    )


def add_point(
    session: ChamberSession, title_zh: str, title_en: str, *, actor: Actor
) -> ChecklistItem:
    """Adds a point to the chamber's checklist. NotPermitted.

    InvalidInput where it stands already.
    """
    guard(may_keep_checklist, actor)
    if session.scalars(
        sa.select(ChecklistItem.id).where(ChecklistItem.title_zh == title_zh)
    ).first():
        raise InvalidInput("title_zh", N_("This point stands in the checklist already."))
    last = session.scalar(sa.select(sa.func.max(ChecklistItem.position))) or 0
    item = ChecklistItem(title_zh=title_zh, title_en=title_en, position=last + 1)
    session.add(item)
    record(session, ApplicationAction.CHECKLIST_CHANGED, item, actor=actor, added=title_zh)
    return item


def retire_point(session: ChamberSession, item: ChecklistItem, *, actor: Actor) -> None:
    """Asks a point no more; its ticks stay. NotPermitted as add_point. **Locks** the point."""
    guard(may_keep_checklist, actor)
    item = session.lock(item)
    if item.retired_at is None:
        item.retired_at = session.now()
        record(
            session, ApplicationAction.CHECKLIST_CHANGED, item, actor=actor, retired=item.title_zh
        )
