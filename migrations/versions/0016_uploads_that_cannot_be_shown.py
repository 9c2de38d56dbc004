"""An upload that cannot be shown within its limits says so, instead of waiting for its picture for ever."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    with op.batch_alter_table("preview") as table:
        table.add_column(sa.Column("fault", sa.String(300), nullable=False, server_default=""))
        table.alter_column("picture_id", existing_type=sa.Uuid(), nullable=True)
        table.create_check_constraint(op.f("ck_preview_picture_or_fault"), "picture_id IS NOT NULL OR fault <> ''")
    with op.batch_alter_table("preview") as table:
        table.alter_column("fault", server_default=None)
