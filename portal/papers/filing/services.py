"""Filing papers into trays."""

import sqlalchemy as sa

from portal.accounts.models import Department
from portal.audit.acts import Act
from portal.audit.record import record
from portal.foundation.clock import day_in
from portal.foundation.labels import N_
from portal.papers.filing.models import FiledPaper
from portal.papers.issuing.models import IssuedPaper
from portal.tenancy.actor import Actor
from portal.tenancy.chambers import settings_of
from portal.tenancy.models import ChamberOwned
from portal.tenancy.session import ChamberSession


class FilingAction(Act):
    """Acts on what is filed."""

    PAPER_FILED = "paper.filed", N_("Paper filed")


def file_paper(
    session: ChamberSession, paper: IssuedPaper, *, title: str, origin: ChamberOwned, actor: Actor
) -> FiledPaper:
    """Puts a paper into the tray that its kind names, as a candidate for the archive.

    Filing the same again changes nothing.

    LookupError for a kind that is not filed.
    """
    session.flush()
    keeping = paper.kind.keeping
    if keeping.retention is None:
        raise LookupError(f"{paper.kind} has no tray")
    settings = settings_of(session)
    known = session.scalars(
        sa.select(FiledPaper).where(
            FiledPaper.paper_id == paper.id, FiledPaper.origin_id == origin.id
        )
    ).one_or_none()
    if known is not None:
        return known
    department = session.scalars(sa.select(Department).where(Department.code == keeping.tray)).one()
    filed = FiledPaper(
        department_id=department.id,
        title=title[:200],
        author=settings.name_zh,
        year=day_in(session.now(), settings.zone).year,
        retention=keeping.retention,
        origin_type=origin.__tablename__,  # type: ignore[attr-defined]
        origin_id=origin.id,
        paper_id=paper.id,
        filed_at=session.now(),
    )
    session.add(filed)
    record(session, FilingAction.PAPER_FILED, filed, actor=actor, title=title)
    return filed
