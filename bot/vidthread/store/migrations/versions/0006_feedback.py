"""What people say of replies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

from youtube_analysis.repositories.tables import Moment

revision = "0006"
down_revision = "0005"

_KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade(op: Operations) -> None:
    op.create_table(
        "feedback",
        sa.Column("session", _KEY, nullable=False),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("good", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("session", "reply", "author"),
    )
