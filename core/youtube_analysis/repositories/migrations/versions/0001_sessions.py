"""Sessions, their videos and their messages.

A new database gets the newest at once, and none is older than these.
"""

from __future__ import annotations

from alembic.operations import Operations

revision = "0001"
down_revision = None


def upgrade(_: Operations) -> None:
    raise NotImplementedError("no database is older")
