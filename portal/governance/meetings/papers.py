"""What stands on the papers of a meeting, frozen as it is issued."""

import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from portal.governance.bodies.models import MajorityBase
from portal.governance.meetings.models import (
    MATTER_KINDS,
    Described,
    Meeting,
    MeetingItem,
    MeetingOutcome,
)
from portal.governance.resolutions.models import Resolution

Listed = Mapping[uuid.UUID, Described]
"""How each matter of a meeting is told."""


def agenda_paper(meeting: Meeting, listed: Listed) -> dict[str, Any]:
    """The agenda (会议议程): the matters of each kind in a table of its own."""
    return {**_head(meeting), "sections": _sections(meeting.items, listed, _row)}


def minutes_paper(
    meeting: Meeting, listed: Listed, resolutions: Sequence[Resolution]
) -> dict[str, Any]:
    """The minutes (会议纪要): attendance, what became of each matter, and the resolutions."""
    entitled, there = len(meeting.attendees), sum(a.present for a in meeting.attendees)

    def row(item: MeetingItem, told: Described) -> dict[str, Any]:
        return _row(item, told) | _result(item, entitled, there)

    carried = [i for i in meeting.items if i.result and i.result.outcome is MeetingOutcome.CARRIED]
    others = [i for i in meeting.items if i not in carried]
    return {
        **_head(meeting),
        "entitled": entitled,
        "there": there,
        "attendees": [
            {"name": a.name, "capacity": a.capacity, "present": a.present}
            for a in meeting.attendees
        ],
        "carried_by_kind": _sections(carried, listed, row),
        "others_by_kind": _sections(others, listed, row),
        "resolutions": [{"number": r.number, "title": r.title} for r in resolutions],
        "chaired_by": meeting.chaired_by,
        "minutes_by": meeting.minutes_by,
    }


def resolution_text(items: Sequence[MeetingItem], listed: Listed) -> str:
    """What a resolution says of the matters that it carries, one a line."""
    if len(items) == 1:
        return items[0].matter.text or _line(listed[items[0].matter_id])
    return "\n".join(f"{number}. {_line(listed[i.matter_id])}" for number, i in enumerate(items, 1))


def _line(told: Described) -> str:
    return "，".join(filter(None, (told.name, told.number)))


def _head(meeting: Meeting) -> dict[str, Any]:
    return {
        "title": meeting.title,
        "body_zh": meeting.body.name_zh,
        "meeting_number": meeting.number,
        "held_on": meeting.held_on.isoformat(),
        "begins_at": meeting.begins_at.strftime("%H:%M") if meeting.begins_at else "",
        "place": meeting.place,
    }


def _sections(items: Sequence[MeetingItem], listed: Listed, row: Any) -> list[dict[str, Any]]:
    """The rows of each kind, under the heads of its cells.

    `amounts` are the cells that are yuan.
    """
    found = []
    for code, kind in MATTER_KINDS.items():
        rows = [(listed[item.matter_id], item) for item in items if item.matter.kind == code]
        if rows:
            amounts = sorted(
                {
                    i
                    for told, _ in rows
                    for i, cell in enumerate(told.cells)
                    if isinstance(cell, Decimal)
                }
            )
            section = {"kind": kind.label, "columns": list(kind.columns), "amounts": amounts}
            found.append(section | {"rows": [row(item, told) for told, item in rows]})
    return found


def _row(item: MeetingItem, told: Described) -> dict[str, Any]:
    cells = [f"{cell:,.2f}" if isinstance(cell, Decimal) else cell for cell in told.cells]
    return {"position": item.position, "number": told.number, "name": told.name, "cells": cells}


def _result(item: MeetingItem, entitled: int, present: int) -> dict[str, Any]:
    """What became of a matter.

    `counted_of` is of whom its rule counts the majority, `rule` what that asks for.
    """
    result, rule = item.result, item.matter
    return {
        "outcome": result.outcome.value if result else "",
        "in_favour": result.in_favour if result else None,
        "reason": result.reason if result else "",
        "rule": f"{'＞' if rule.strict else '≥'} {rule.pass_num}/{rule.pass_den}",
        "counted_of": present if rule.pass_base is MajorityBase.PRESENT else entitled,
    }
