"""The notice of a meeting, mailed to whoever sits in it."""

from portal.audit.record import record
from portal.foundation.errors import Refused
from portal.foundation.labels import N_
from portal.governance.meetings.models import Meeting, MeetingAction, MeetingMail
from portal.governance.meetings.queries import describe, list_representatives
from portal.governance.meetings.services.meetings import planned, whole_meeting
from portal.jobs.outbox import send_mail
from portal.tenancy.actor import Actor
from portal.tenancy.session import ChamberSession


def send_notice(
    session: ChamberSession, meeting: Meeting, *, seen: str | None = None, actor: Actor
) -> int:
    """Mails the notice of a planned meeting to whoever acts for the enterprises that sit in it.

    Returns to how many.

    NotPermitted; Refused once it is held or cancelled, where nobody of it can be mailed, and
    where the page that sends it has not `seen` the last one leave. **Locks** the meeting.
    """
    meeting = planned(session, meeting, actor=actor)
    if seen is not None and seen != meeting.notice_seen:
        raise Refused(N_("The notice went out since this page was opened. Look at it again."))
    whole = whole_meeting(session, meeting)
    told = list_representatives(session, meeting)
    if not told:
        raise Refused(
            N_("Nobody who is entitled can be mailed. Copy the text of the notice instead.")
        )
    listed = describe(session, [item.matter for item in whole.items])
    for person in told:
        send_mail(
            session,
            MeetingMail.NOTICE,
            to=person.email,
            name=person.greeted,
            language=person.language,
            title=whole.title,
            number=whole.number,
            held_on=whole.held_on.isoformat(),
            begins_at=whole.begins_at.strftime("%H:%M") if whole.begins_at else "",
            place=whole.place,
            matters=[listed[item.matter_id].name for item in whole.items],
        )
    meeting.notice_sent_at = session.now()
    record(session, MeetingAction.MEETING_NOTICE_SENT, meeting, actor=actor, count=len(told))
    return len(told)
