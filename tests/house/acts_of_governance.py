"""One act for each posting route of bodies, meetings and resolutions, and what the audit says of
it.
"""

from collections.abc import Callable

import sqlalchemy as sa

from portal.governance.meetings.models import MeetingAttendee, MeetingItem
from tests.cast import House
from tests.house.sightseeing import ids_of

Act = Callable[[House], object]
RULE = {
    "quorum_num": "2",
    "quorum_den": "3",
    "pass_num": "1",
    "pass_den": "2",
    "pass_base": "present",
}


def _send(path: str, **fields: str) -> Act:
    return lambda house: house.browser("secretary").send(
        path.format(**ids_of(house, "jia")), **fields
    )


def _enter(house: House) -> None:
    body = str(ids_of(house, "jia")["body_id"])
    house.browser("secretary").send(
        "/resolutions/enter", body=body, title="决议", adopted_on="2026-06-01"
    )


def _bring(house: House) -> None:
    body = str(ids_of(house, "jia")["body_id"])
    house.browser("secretary").send("/meetings/matters/bring", body=body, title="其他事项")


def _hold(house: House) -> None:
    address = "/meetings/{meeting_id}".format(**ids_of(house, "jia"))
    secretary = house.browser("secretary")
    secretary.send(f"{address}/attendees", lines="张三，理事")
    item = str(_one(house, sa.select(MeetingItem.id)))
    seat = str(_one(house, sa.select(MeetingAttendee.id)))
    secretary.send(
        f"{address}/hold",
        present=seat,
        in_favour="1",
        **{"ballots-0-item": item, "ballots-0-outcome": "carried"},
    )


def _one(house: House, query: sa.Select) -> object:
    with house.doors.chamber(house.jia.id) as session:
        return session.scalars(query).first()


GOVERNANCE_ACTS: dict[str, tuple[Act, str]] = {
    "meetings.call_meeting": (
        _send("/meetings/call", title="会", held_on="2026-06-15"),
        "meeting.called",
    ),
    "meetings.change_meeting": (
        _send("/meetings/{meeting_id}/edit", title="会", held_on="2026-06-15"),
        "meeting.changed",
    ),
    "meetings.change_agenda": (_send("/meetings/{meeting_id}/candidates"), "meeting.changed"),
    "meetings.seat_attendees": (
        _send("/meetings/{meeting_id}/attendees", lines="张三"),
        "meeting.changed",
    ),
    "meetings.print_agenda": (_send("/meetings/{meeting_id}/list"), "meeting.listed"),
    "meetings.export_agenda": (_send("/meetings/{meeting_id}/export"), "meeting.listed"),
    "meetings.hold_meeting": (_hold, "meeting.held"),
    "meetings.cancel_meeting": (_send("/meetings/{meeting_id}/cancel"), "meeting.cancelled"),
    "meetings.send_notice": (_send("/meetings/{meeting_id}/notice"), "meeting.notice_sent"),
    "meetings.bring_other_matter": (_bring, "matter.brought"),
    "resolutions.enter_resolution": (_enter, "resolution.adopted"),
    "resolutions.publish_resolution": (
        _send("/resolutions/{resolution_id}/publish"),
        "resolution.published",
    ),
    "resolutions.export_resolutions": (_send("/resolutions/export"), "resolutions.exported"),
    "chamber_settings.add_body": (
        _send("/settings/bodies/add", name_zh="监事会", name_en="Supervisors", **RULE),
        "body.added",
    ),
    "chamber_settings.change_body": (
        _send("/settings/bodies/{body_id}", name_zh="常务会", name_en="Standing council", **RULE),
        "body.changed",
    ),
    "chamber_settings.seat_offices": (
        _send("/settings/bodies/{body_id}/offices"),
        "body.offices_seated",
    ),
    "chamber_settings.retire_body": (_send("/settings/bodies/{body_id}/retire"), "body.retired"),
}
