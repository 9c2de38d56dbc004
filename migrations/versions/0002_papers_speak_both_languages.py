"""A paper is bilingual and has no language of its own."""

from alembic import op

from portal.tenancy.fences import refuse_changes

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("issued_paper") as table:
        table.drop_column("language")
    refuse_changes(op.execute, op.get_context().dialect.name, {"issued_paper"})
