"""What people say of replies, for whoever runs the bot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import and_, func, select

from vidthread.thread_key import ThreadKey
from youtube_analysis.models.chat import MessageRole
from youtube_analysis.repositories.database import Database
from youtube_analysis.repositories.tables import begins_with, messages, sessions, upsert

from .tables import feedback


@dataclass(frozen=True, slots=True)
class Rating:
    """`question` is what was asked for; empty where that was forgotten."""

    key: ThreadKey
    reply: str
    good: bool
    reason: str
    at: datetime
    question: str


class Feedback:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def rate(
        self, key: ThreadKey, reply: str, author: str, *, good: bool, reason: str = ""
    ) -> None:
        """Keeps only the latest rating of each person for a reply."""
        which = {"session": key.session, "reply": reply, "author": author}
        what = {"good": good, "reason": reason, "at": datetime.now(UTC)}
        await self._database.write(lambda connection: upsert(connection, feedback, which, what))

    async def counts(self, key: ThreadKey) -> tuple[int, int]:
        """Of a workspace: how many replies helped, and how many did not."""
        good = func.count().filter(feedback.c.good)
        mine = begins_with(feedback.c.session, key.workspace_prefix)
        chosen = select(good, func.count() - good).select_from(feedback).where(mine)
        row = await self._database.read(lambda connection: connection.execute(chosen).one())
        return row[0], row[1]

    async def all(self) -> tuple[Rating, ...]:
        """The oldest first."""
        asked = and_(
            messages.c.session_id == sessions.c.id,
            messages.c.reply == feedback.c.reply,
            messages.c.role == MessageRole.USER.value,
        )
        chosen = (
            select(feedback, messages.c.text)
            .select_from(feedback)
            .outerjoin(sessions, sessions.c.key == feedback.c.session)
            .outerjoin(messages, asked)
            .order_by(feedback.c.at)
        )
        rows = await self._database.read(lambda connection: connection.execute(chosen).all())
        return tuple(
            Rating(
                ThreadKey.of_session(row.session),
                row.reply,
                row.good,
                row.reason,
                row.at,
                row.text or "",
            )
            for row in rows
        )
