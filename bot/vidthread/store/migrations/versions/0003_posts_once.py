"""The number of a post is never given again: what was heard is known by it.

SQLite gives the numbers of the newest rows again once they are deleted, unless it is told not to.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0003"
down_revision = "0002"

_THREAD = ("platform", "workspace", "channel", "thread")
_COLUMNS = "id, platform, workspace, channel, thread, author, reply, nonce, content, at"
_HEARD = (
    "UPDATE sqlite_sequence SET seq = max(seq, coalesce((SELECT max(CAST(message AS INTEGER)) "
    "FROM events WHERE platform = 'playground'), 0)) WHERE name = 'posts'"
)


def upgrade(op: Operations) -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    op.rename_table("posts", "posts_before")
    op.create_table(
        "posts",
        sa.Column("id", sa.Integer, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in _THREAD),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("nonce", sa.Text),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint(*_THREAD, "nonce", name="posts_nonce"),
        sqlite_autoincrement=True,
    )
    op.execute(f"INSERT INTO posts ({_COLUMNS}) SELECT {_COLUMNS} FROM posts_before")  # noqa: S608
    op.drop_table("posts_before")
    op.execute("INSERT INTO sqlite_sequence SELECT 'posts', 0 WHERE NOT EXISTS "
               "(SELECT 1 FROM sqlite_sequence WHERE name = 'posts')")  # fmt: skip
    op.execute(_HEARD)
