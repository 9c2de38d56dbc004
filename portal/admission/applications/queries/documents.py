"""Reading the documents to acknowledge."""

from collections.abc import Sequence

import sqlalchemy as sa

from portal.admission.applications.models import RequiredDocument
from portal.tenancy.session import ChamberSession


def list_documents(session: ChamberSession, *, retired: bool = False) -> Sequence[RequiredDocument]:
    """The documents an applicant has to acknowledge now; with the retired ones where asked."""
    query = sa.select(RequiredDocument).order_by(
        RequiredDocument.title_zh, RequiredDocument.published_at.desc()
    )
    return session.scalars(
        query if retired else query.where(RequiredDocument.retired_at.is_(None))
    ).all()
