"""The model of a workspace, and how texts are to be in its channels."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0007"
down_revision = "0006"


def upgrade(op: Operations) -> None:
    op.add_column("workspaces", sa.Column("model", sa.Text))
    op.create_table(
        "styles",
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("workspace", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("length", sa.Text, nullable=False),
        sa.Column("instruction", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("platform", "workspace", "channel"),
    )
