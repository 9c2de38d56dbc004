"""What Stripe kept of a payment is known only a while after the money: an attempt says whether it is booked."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("checkout", sa.Column("fee", sa.BigInteger(), nullable=True))
    op.execute("UPDATE checkout SET fee = 0 WHERE state = 'paid'")
