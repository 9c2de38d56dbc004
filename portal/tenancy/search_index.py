"""Search tokens of any subject, written with it and asked by id."""

import uuid

import sqlalchemy as sa

from portal.foundation.search import tokens_of, tokens_to_find
from portal.tenancy.bulk import insert_rows
from portal.tenancy.models import SearchToken
from portal.tenancy.session import ChamberSession


def index_subject(session: ChamberSession, subject_type: str, subject_id: uuid.UUID, *texts: str) -> None:
    """Replaces the tokens of the subject by those of `texts`."""
    session.execute(sa.delete(SearchToken).where(SearchToken.subject_type == subject_type, SearchToken.subject_id == subject_id))
    insert_rows(session, SearchToken, ({"subject_type": subject_type, "subject_id": subject_id, "token": token} for token in sorted(tokens_of(*texts))))


def subjects_matching(subject_type: str, query: str) -> sa.Select[uuid.UUID] | None:
    """A subquery of the ids that carry every token of `query`; None where it holds nothing to search by."""
    wanted = sorted(tokens_to_find(query))
    if not wanted:
        return None
    return (
        sa.select(SearchToken.subject_id)
        .where(SearchToken.subject_type == subject_type, SearchToken.token.in_(wanted))
        .group_by(SearchToken.subject_id)
        .having(sa.func.count() == len(wanted))
    )
