"""Runs migrations on the connection that portal.operations.schema hands over."""

from alembic import context

import portal.app  # noqa: F401  (knows every table)
from portal.foundation.database import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    compare_type=True,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
