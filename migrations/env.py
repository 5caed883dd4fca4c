"""Where Alembic enters: it works on the connection that `models.migrate` hands it, and on no other."""

from __future__ import annotations

from alembic import context

from models.migrate import comparison

context.configure(connection=context.config.attributes["connection"], **comparison())
context.run_migrations()
