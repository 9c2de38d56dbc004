"""Resolutions: adopted, and published to all members."""

import datetime as dt
from dataclasses import dataclass

from portal.audit.record import record
from portal.foundation.errors import InvalidInput
from portal.foundation.labels import N_
from portal.governance.bodies.models import Body
from portal.governance.bodies.rules import Vote, check_carried, check_counts
from portal.governance.resolutions.models import (
    Resolution,
    ResolutionAction,
    ResolutionPaper,
    ResolutionPublication,
)
from portal.governance.resolutions.papers import resolution_paper
from portal.governance.resolutions.policies import may_keep_resolutions
from portal.governance.resolutions.queries import find_resolution, find_same
from portal.papers.filing.services import file_paper
from portal.papers.issuing.services import issue_paper
from portal.tenancy.actor import Actor
from portal.tenancy.chambers import today_of
from portal.tenancy.counters import hold, next_number
from portal.tenancy.guards import guard
from portal.tenancy.models import ChamberOwned
from portal.tenancy.session import ChamberSession


@dataclass(frozen=True)
class Decision:
    """What was decided: title and text, the day, and the counts where one vote was taken."""

    title: str
    adopted_on: dt.date
    text: str = ""
    vote: Vote | None = None
    secret_ballot: bool = False


def adopt_resolution(
    session: ChamberSession, body: Body, decision: Decision, *, origin: ChamberOwned, actor: Actor
) -> Resolution:
    """Writes down what a body decided, and files it as a paper.

    Under the next number of its year (JY2026-0001).

    Who may decide it is settled by who calls: a meeting, a dues schedule, a hand that enters it.
    **Locks** the number's latch.
    """
    session.flush()
    year, vote = decision.adopted_on.year, decision.vote
    resolution = Resolution(
        number=f"JY{year}-{next_number(session, f'resolution {year}'):04d}",
        body_id=body.id,
        title=decision.title[:200],
        text=decision.text,
        adopted_on=decision.adopted_on,
        secret_ballot=decision.secret_ballot,
        entitled=vote.entitled if vote else None,
        present=vote.present if vote else None,
        in_favour=vote.in_favour if vote else None,
        origin_type=origin.__tablename__,  # type: ignore[attr-defined]
        origin_id=origin.id,
        entered_at=session.now(),
    )
    session.add(resolution)
    record(
        session,
        ResolutionAction.RESOLUTION_ADOPTED,
        resolution,
        actor=actor,
        number=resolution.number,
    )
    _file(session, resolution, body, actor=actor)
    return resolution


def _file(session: ChamberSession, resolution: Resolution, body: Body, *, actor: Actor) -> None:
    paper = issue_paper(
        session,
        ResolutionPaper.RESOLUTION,
        resolution,
        number=resolution.number or "",
        enterprise_id=None,
        snapshot=resolution_paper(resolution, body),
        actor=actor,
    )
    file_paper(session, paper, title=resolution.title, origin=resolution, actor=actor)


def enter_resolution(
    session: ChamberSession, body: Body, decision: Decision, *, actor: Actor
) -> Resolution:
    """Enters what a body decided outside the portal's meetings, such as an assembly on paper.

    NotPermitted; InvalidInput for what is entered already, a day that has not come, counts that
    cannot be, or counts by which the body's rule does not carry. **Locks** the number's latch.
    """
    guard(may_keep_resolutions, actor)
    hold(session, f"resolution {decision.adopted_on.year}")
    same = find_same(session, body.id, decision.title[:200], decision.adopted_on)
    if same is not None:
        raise InvalidInput("title", N_("It is entered already, as %(number)s."), number=same.number)
    if decision.adopted_on > today_of(session):
        raise InvalidInput("adopted_on", N_("This day has not come yet."))
    if decision.vote is not None:
        check_counts(decision.vote)
        check_carried(body, decision.vote)
    return adopt_resolution(session, body, decision, origin=body, actor=actor)


def publish_resolution(session: ChamberSession, resolution: Resolution, *, actor: Actor) -> None:
    """Publishes a resolution to all members, on their page; twice is once. NotPermitted.

    **Locks** the resolution.
    """
    guard(may_keep_resolutions, actor)
    session.lock(resolution)
    whole = find_resolution(session, resolution.id)
    if whole is None or whole.publication is not None:
        return
    session.add(
        ResolutionPublication(
            resolution_id=resolution.id, published_at=session.now(), published_by=actor.name
        )
    )
    record(
        session,
        ResolutionAction.RESOLUTION_PUBLISHED,
        resolution,
        actor=actor,
        number=resolution.number,
    )
