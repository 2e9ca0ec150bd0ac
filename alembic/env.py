"""Runs migrations on the connection that `clasio_backend.core.migrate` hands over, as the owner's role."""

from sqlmodel import SQLModel

import clasio_backend.models  # noqa: F401  # registers the tables
from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    transaction_per_migration=True,
    compare_server_default=False,
)
with context.begin_transaction():
    context.run_migrations()
