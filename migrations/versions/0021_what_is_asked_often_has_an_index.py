"""Failed jobs, and what was mailed to an address or with a file, are found without a scan; a reaction that is gone leaves no job in line."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
FAILED = sa.text("state = 'failed'")


def upgrade() -> None:
    op.create_index("ix_job_failed", "job", ["created_at"], postgresql_where=FAILED, sqlite_where=FAILED)
    op.create_index("ix_mail_attachment", "mail", ["chamber_id", "attachment_file_id"])
    op.create_index("ix_mail_to", "mail", ["chamber_id", "to_address", "created_at"])
    op.execute("DELETE FROM job WHERE task = 'applications.withhold_certificate' AND state <> 'done'")
