"""Search tokens of any subject, written with it and asked by id."""

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from portal.foundation.search import tokens_of, tokens_to_find
from portal.tenancy.bulk import insert_rows
from portal.tenancy.models import SearchToken
from portal.tenancy.session import ChamberSession

FEW = 200


def index_subject(
    session: ChamberSession, subject_type: str, subject_id: uuid.UUID, *texts: str
) -> None:
    """Replaces the tokens of the subject by those of `texts`."""
    session.execute(
        sa.delete(SearchToken).where(
            SearchToken.subject_type == subject_type, SearchToken.subject_id == subject_id
        )
    )
    insert_rows(
        session,
        SearchToken,
        (
            {"subject_type": subject_type, "subject_id": subject_id, "token": token}
            for token in sorted(tokens_of(*texts))
        ),
    )


def subjects_matching(
    subject_types: str | tuple[str, ...], query: str
) -> sa.Select[uuid.UUID] | None:
    """A subquery of the ids, of one type or of several, that carry every token of `query`.

    None where it holds nothing to search by.
    """
    wanted = sorted(tokens_to_find(query))
    if not wanted:
        return None
    several = isinstance(subject_types, tuple)
    of_type = (
        SearchToken.subject_type.in_(subject_types)
        if several
        else SearchToken.subject_type == subject_types
    )
    return (
        sa.select(SearchToken.subject_id)
        .where(of_type, SearchToken.token.in_(wanted))
        .group_by(SearchToken.subject_id)
        .having(sa.func.count() == len(wanted))
    )


def few_or_all(
    session: ChamberSession, subject_types: str | tuple[str, ...], query: str
) -> Sequence[uuid.UUID] | sa.Select[uuid.UUID] | None:
    """What subjects_matching finds.

    The ids themselves where they are few, so that the database looks up just those; None for
    nothing to search by.
    """
    matching = subjects_matching(subject_types, query)
    if matching is None:
        return None
    found = session.scalars(matching.limit(FEW + 1)).all()
    return found if len(found) <= FEW else matching


def first_of_each(
    id: sa.orm.InstrumentedAttribute[uuid.UUID],
    ways: Sequence[sa.ColumnElement[bool]],
    conditions: Sequence[sa.ColumnElement[bool]],
    limit: int,
) -> sa.CompoundSelect[tuple[uuid.UUID]]:
    """The newest `limit` ids that each of several ways finds under the same conditions.

    One OR over all the ways would read every row; asked one by one, each uses its own index.
    """
    found = (
        sa.select(id).where(way, *conditions).order_by(id.desc()).limit(limit).subquery()
        for way in ways
    )
    return sa.union_all(*(sa.select(part.c[0]) for part in found))
