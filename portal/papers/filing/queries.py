"""Reading the trays."""

import uuid

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.foundation.paging import Page
from portal.papers.filing.models import FiledPaper
from portal.tenancy.actor import OFFICE, Actor
from portal.tenancy.newest import page_of_newest
from portal.tenancy.session import ChamberSession


def list_filed_papers(
    session: ChamberSession,
    actor: Actor,
    *,
    words: str = "",
    department_id: uuid.UUID | None = None,
    cursor: str | None = None,
) -> Page[FiledPaper]:
    """One page of the trays that the actor may see, newest first.

    Narrowed by title and department.
    """
    query = sa.select(FiledPaper).options(joinedload(FiledPaper.department))
    if not actor.holds(OFFICE):
        query = query.where(
            FiledPaper.department_id.in_([p.department_id for p in actor.posts if p.department_id])
        )
    if department_id:
        query = query.where(FiledPaper.department_id == department_id)
    if words:
        query = query.where(FiledPaper.title.contains(words, autoescape=True))
    return page_of_newest(session, query, FiledPaper.id, cursor)
