"""To whom a receipt was issued."""

import uuid

from portal.papers.issuing.models import IssuedPaper


def whose(receipt: IssuedPaper) -> uuid.UUID | None:
    """The party to whom a receipt was issued; its snapshot names one from outside."""
    return receipt.enterprise_id or (
        uuid.UUID(receipt.snapshot["party_id"]) if "party_id" in receipt.snapshot else None
    )
