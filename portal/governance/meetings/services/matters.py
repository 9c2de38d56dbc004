"""Matters: brought before a body by the feature that they are of.

Or written down by the secretariat itself.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

import sqlalchemy as sa

from portal.audit.record import record
from portal.foundation.errors import InvalidInput, Refused
from portal.foundation.labels import N_
from portal.governance.bodies.models import RULE, Body, VotingRule
from portal.governance.meetings.models import (
    MATTER_KINDS,
    Described,
    Matter,
    MatterKind,
    MeetingAction,
    MeetingItem,
    MeetingOutcome,
    MeetingResult,
    Verdict,
    register_kind,
)
from portal.governance.meetings.policies import may_keep_meetings
from portal.governance.meetings.queries import list_waiting
from portal.tenancy.actor import Actor
from portal.tenancy.guards import guard
from portal.tenancy.models import ChamberOwned
from portal.tenancy.session import ChamberSession


class OtherMatter(MatterKind):
    """A matter that no feature brings.

    Its words are all there is of it, and its resolution is what follows.
    """

    code = "other"
    label = N_("Other matter")

    def waits(self) -> sa.ColumnElement[bool]:
        """Until a meeting has carried or declined it."""
        decided = sa.select(MeetingItem.matter_id).join(
            MeetingResult, MeetingResult.item_id == MeetingItem.id
        )
        final = (MeetingOutcome.CARRIED, MeetingOutcome.DECLINED, MeetingOutcome.FELL_AWAY)
        return Matter.id.not_in(decided.where(MeetingResult.outcome.in_(final)))

    def describe(
        self, session: ChamberSession, matters: Sequence[Matter]
    ) -> Mapping[UUID, Described]:
        """By its own title."""
        return {matter.id: Described("", matter.title) for matter in matters}

    def lock(self, session: ChamberSession, matters: Sequence[Matter]) -> None:
        """Nothing beside the matters themselves."""

    def settle(
        self, session: ChamberSession, matter: Matter, verdict: Verdict, *, actor: Actor
    ) -> None:
        """A reason where it is declined.

        Else nothing follows but the resolution that `actor` enters.
        """
        if verdict.outcome is MeetingOutcome.DECLINED and not verdict.reason.strip():
            raise InvalidInput("reason", N_("Give the reason. It stands in the minutes."))

    def resolution_title(self, names: Sequence[str]) -> str:
        """By the first of them, and how many there are."""
        return names[0] if len(names) == 1 else f"关于{names[0]}等{len(names)}项事项的决议"


register_kind(OtherMatter())


def bring_matter(
    session: ChamberSession,
    kind: str,
    subject: ChamberOwned,
    *,
    body_id: UUID,
    rule: VotingRule,
    title: str,
    text: str = "",
) -> Matter:
    """Brings a matter of a registered kind, about a row of the feature that calls.

    It is decided by `rule`, as that stands now.
    """
    session.flush()
    matter = Matter(
        kind=MATTER_KINDS[kind].code,
        body_id=body_id,
        title=title[:200],
        text=text,
        subject_type=subject.__tablename__,  # type: ignore[attr-defined]
        subject_id=subject.id,
        brought_at=session.now(),
        **{name: getattr(rule, name) for name in RULE},
    )
    session.add(matter)
    session.flush()
    return matter


def bring_other_matter(
    session: ChamberSession, body: Body, title: str, text: str, *, actor: Actor
) -> Matter:
    """Writes down a matter of the secretariat's own, decided by the body's rule.

    NotPermitted; Refused for a body that meets no more; InvalidInput without a title, or with
    that of a matter that waits already. **Locks** the body.
    """
    guard(may_keep_meetings, actor)
    body, title = session.lock(body), title.strip()[:200]
    if body.retired_at is not None:
        raise Refused(N_("This body meets no more."))
    if not title:
        raise InvalidInput("title", N_("Give the matter a title."))
    if any(known.title == title for known in list_waiting(session, body.id)):
        raise InvalidInput("title", N_("A matter of this title waits for this body already."))
    matter = bring_matter(
        session, OtherMatter.code, body, body_id=body.id, rule=body, title=title, text=text
    )
    record(session, MeetingAction.MATTER_BROUGHT, matter, actor=actor, title=matter.title)
    return matter
