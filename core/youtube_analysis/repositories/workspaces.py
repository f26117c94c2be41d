"""What all threads of a workspace come to, and how it is forgotten."""

from __future__ import annotations

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    delete,
    distinct,
    func,
    select,
    true,
    tuple_,
)

from youtube_analysis.models.analysis import TokenUsage
from youtube_analysis.models.chat import MessageRole, RecentVideo, ThreadKey, WorkspaceFigures

from .database import Database
from .tables import messages, session_videos, sessions, talks


class WorkspaceRepository:
    """A workspace is all threads that share platform and workspace."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def figures(self, platform: str, workspace: str) -> WorkspaceFigures:
        videos = select(func.count(distinct(session_videos.c.video_id)))
        videos = videos.join(sessions).where(_of(platform, workspace))
        threads = select(func.count()).select_from(sessions).where(_of(platform, workspace))

        def figures(connection: Connection) -> WorkspaceFigures:
            counted = connection.execute(_counted(platform, workspace)).one()
            return WorkspaceFigures(
                threads=connection.scalar(threads) or 0,
                videos=connection.scalar(videos) or 0,
                questions=counted.questions,
                answers=counted.answers,
                usage=TokenUsage(counted.prompt, counted.completion, counted.cached),
            )

        return await self._database.read(figures)

    async def recent_videos(
        self, platform: str, workspace: str, limit: int = 100
    ) -> tuple[RecentVideo, ...]:
        """Those that were opened by a link, the last used first; each once."""
        order = (sessions.c.updated_at.desc(), session_videos.c.place.desc())
        chosen = select(sessions, session_videos.c.title.label("video"), session_videos.c.link)
        chosen = chosen.join(session_videos).where(_of(platform, workspace))
        chosen = chosen.where(session_videos.c.link != "").order_by(*order).limit(limit)
        rows = await self._database.read(lambda connection: connection.execute(chosen).all())
        newest: dict[str, RecentVideo] = {}
        for row in rows:
            key = ThreadKey(row.platform, row.workspace, row.channel, row.thread)
            newest.setdefault(row.link, RecentVideo(key, row.video, row.link))
        return tuple(newest.values())

    async def forget_person(self, platform: str, workspace: str, author: str) -> int:
        """Deletes what a person asked in a workspace, and the answers to it; tells how many
        questions. Analyses stay: they belong to everybody."""

        def forgotten(connection: Connection) -> int:
            asked = connection.execute(_asked_by(platform, workspace, author))
            replies = [tuple(row) for row in asked]
            for start in range(0, len(replies), 100):
                some = replies[start : start + 100]
                mine = tuple_(messages.c.session_id, messages.c.reply).in_(some)
                connection.execute(delete(messages).where(mine, messages.c.section.is_(None)))
            return len(replies)

        return await self._database.write(forgotten)

    async def forget(self, platform: str, workspace: str) -> int:
        """All sessions of a workspace; tells how many."""

        def forgotten(connection: Connection) -> int:
            gone = connection.execute(delete(sessions).where(_of(platform, workspace)))
            _drop_unused_talks(connection)
            return gone.rowcount

        return await self._database.write(forgotten)


def _of(platform: str, workspace: str) -> ColumnElement[bool]:
    return and_(sessions.c.platform == platform, sessions.c.workspace == workspace)


def _counted(platform: str, workspace: str) -> Select[tuple[int, int, int, int, int]]:
    made = messages.alias("made")
    of_analysis = select(true()).select_from(made)
    of_analysis = of_analysis.where(
        made.c.session_id == messages.c.session_id,
        made.c.reply == messages.c.reply,
        made.c.section.is_not(None),
    )
    # Who sent a link, or pressed a button, asked nothing.
    asked = and_(messages.c.role == MessageRole.USER, ~of_analysis.exists())
    return (
        select(
            func.count().filter(asked).label("questions"),
            func.count().filter(messages.c.answer.is_not(None)).label("answers"),
            func.coalesce(func.sum(messages.c.prompt_tokens), 0).label("prompt"),
            func.coalesce(func.sum(messages.c.completion_tokens), 0).label("completion"),
            func.coalesce(func.sum(messages.c.cached_tokens), 0).label("cached"),
        )
        .select_from(messages)
        .join(sessions, sessions.c.id == messages.c.session_id)
        .where(_of(platform, workspace))
    )


def _asked_by(platform: str, workspace: str, author: str) -> Select[tuple[int, str]]:
    return (
        select(messages.c.session_id, messages.c.reply)
        .join(sessions, sessions.c.id == messages.c.session_id)
        .where(_of(platform, workspace), messages.c.author == author)
    )


def _drop_unused_talks(connection: Connection) -> None:
    used = select(true()).select_from(session_videos)
    used = used.where(session_videos.c.fingerprint == talks.c.fingerprint)
    connection.execute(delete(talks).where(~used.exists()))
