"""Notes of the parts of a long talk, kept beside it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0004"
down_revision = "0003"


def upgrade(op: Operations) -> None:
    op.create_table(
        "talk_notes",
        sa.Column("fingerprint", sa.Text, primary_key=True),
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("version", sa.Text, primary_key=True),
        sa.Column("first", sa.Integer, primary_key=True),
        sa.Column("last", sa.Integer, primary_key=True),
        sa.Column("notes", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["fingerprint"], ["talks.fingerprint"], ondelete="CASCADE"),
    )
