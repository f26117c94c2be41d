"""Who wrote what, and which threads are quiet, is the bot's to know: sessions knew it before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0004"
down_revision = "0003"

_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_TAKE_QUIET = """
INSERT INTO quiet_threads
SELECT platform || '/' || workspace || '/' || channel || '/' || thread FROM sessions WHERE quiet
"""
_TAKE_AUTHORS = """
INSERT INTO authors
SELECT platform || '/' || workspace || '/' || channel || '/' || thread, reply, max(author)
FROM messages JOIN sessions ON sessions.id = session_id
WHERE author <> '' GROUP BY sessions.id, reply
"""


def upgrade(op: Operations) -> None:
    op.create_table("quiet_threads", sa.Column("session", _KEY, primary_key=True))
    op.create_table(
        "authors",
        sa.Column("session", _KEY, nullable=False),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("session", "reply"),
    )
    # Taken before the sessions give it up in a step of theirs; a bot without sessions has none.
    if sa.inspect(op.get_bind()).has_table("sessions"):
        op.execute(_TAKE_QUIET)
        op.execute(_TAKE_AUTHORS)
