"""Reading the review chain and the documents to acknowledge."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.admission.applications.models import ChainStep
from portal.tenancy.session import ChamberSession


def list_chain(session: ChamberSession) -> Sequence[ChainStep]:
    """The chamber's review chain in its order."""
    return session.scalars(
        sa.select(ChainStep).options(joinedload(ChainStep.department)).order_by(ChainStep.position)
    ).all()
