"""What stands on the papers of a council meeting, frozen as it is issued."""

from typing import Any

from portal.applications.models import Application, CouncilMeeting, MajorityBase, MeetingItem, MeetingOutcome
from portal.members.enterprises.rules.codes import industry_name, region_name


def candidates_paper(meeting: CouncilMeeting) -> dict[str, Any]:
    """The list of candidates (入会申请企业名单)."""
    return {**_head(meeting), "rows": [candidate_row(item) for item in meeting.items]}


def minutes_paper(meeting: CouncilMeeting) -> dict[str, Any]:
    """The minutes (会议纪要): attendance, and what became of each candidate."""
    there = sum(a.present for a in meeting.attendees)
    rows = [candidate_row(item) | _result(item, len(meeting.attendees), there) for item in meeting.items]
    return {
        **_head(meeting),
        "entitled": len(meeting.attendees),
        "there": there,
        "attendees": [{"name": a.name, "capacity": a.capacity, "present": a.present} for a in meeting.attendees],
        "carried": [row for row in rows if row["outcome"] == MeetingOutcome.CARRIED.value],
        "others": [row for row in rows if row["outcome"] != MeetingOutcome.CARRIED.value],
        "chaired_by": meeting.chaired_by,
        "minutes_by": meeting.minutes_by,
    }


def candidate_row(item: MeetingItem) -> dict[str, Any]:
    """One candidate as papers and spreadsheets name it; `capital` in fen."""
    return {"position": item.position, **application_row(item.application)}


def application_row(application: Application) -> dict[str, Any]:
    """An application as lists name it; `capital` in fen."""
    return {
        "number": application.number or "",
        "name": application.name,
        "uscc": application.uscc,
        "grade": application.grade.name_zh,
        "industry": industry_name(application.industry),
        "region": region_name(application.region),
        "legal_representative": application.legal_representative,
        "capital": application.capital,
    }


def _head(meeting: CouncilMeeting) -> dict[str, Any]:
    return {"title": meeting.title, "meeting_number": meeting.number, "held_on": meeting.held_on.isoformat(), "place": meeting.place}


def _result(item: MeetingItem, entitled: int, present: int) -> dict[str, Any]:
    """What became of a candidate; `counted_of` is of whom its step counts the majority, `rule` what it asks for."""
    result, step = item.result, item.step
    return {
        "outcome": result.outcome.value if result else "",
        "in_favour": result.in_favour if result else None,
        "reason": result.reason if result else "",
        "rule": f"{'＞' if step.strict else '≥'} {step.pass_num}/{step.pass_den}",
        "counted_of": present if step.pass_base is MajorityBase.PRESENT else entitled,
    }
