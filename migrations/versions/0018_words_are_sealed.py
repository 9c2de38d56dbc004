"""One-time words in mails are sealed at rest; a sealed canary tells a wrong key at start."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("canary", sa.String(300), nullable=False),
        sa.Column("fingerprint", sa.String(12), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_one_row")),
    )
    with op.batch_alter_table("mail") as table:
        table.alter_column("secret", existing_type=sa.String(80), type_=sa.String(300), existing_nullable=True)
