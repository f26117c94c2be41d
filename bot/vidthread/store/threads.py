"""What a chat knows of its threads besides their sessions: who asked, where it is quiet, what all
threads of a workspace come to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    distinct,
    exists,
    func,
    literal,
    select,
    tuple_,
)

from vidthread.thread_key import ThreadKey
from youtube_analysis.models.analysis import TokenUsage
from youtube_analysis.models.chat import MessageRole
from youtube_analysis.repositories.database import Database
from youtube_analysis.repositories.tables import (
    begins_with,
    insert,
    messages,
    session_videos,
    sessions,
)

from .tables import authors, feedback, quiet_threads

_STEP = 100


@dataclass(frozen=True, slots=True)
class WorkspaceFigures:
    """What is kept of a workspace. `threads` are those about a video; `usage` is that of its
    answers and analyses."""

    threads: int
    videos: int
    questions: int
    answers: int
    usage: TokenUsage


@dataclass(frozen=True, slots=True)
class RecentVideo:
    """A video, and the thread in which it was opened last."""

    key: ThreadKey
    title: str
    link: str


class Threads:
    """A workspace is all threads that share platform and workspace."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def is_quiet(self, key: ThreadKey) -> bool:
        """Whether only what is addressed to the bot is answered there."""
        quiet = select(exists().where(quiet_threads.c.session == key.session))
        return bool(await self._database.read(lambda connection: connection.scalar(quiet)))

    async def set_quiet(self, key: ThreadKey, quiet: bool) -> None:
        def kept(connection: Connection) -> None:
            if quiet:
                setting = insert(connection, quiet_threads).values(session=key.session)
                connection.execute(setting.on_conflict_do_nothing())
            else:
                mine = quiet_threads.c.session == key.session
                connection.execute(delete(quiet_threads).where(mine))

        await self._database.write(kept)

    async def remember_author(self, key: ThreadKey, reply: str, author: str) -> None:
        """Who asked for a reply, if the log of the thread holds anything of it."""
        logged = select(literal(key.session), literal(reply), literal(author)).where(
            exists()
            .where(sessions.c.key == key.session)
            .where(messages.c.session_id == sessions.c.id, messages.c.reply == reply)
        )

        def kept(connection: Connection) -> None:
            keeping = insert(connection, authors).from_select(list(authors.c), logged)
            connection.execute(keeping.on_conflict_do_nothing())

        await self._database.write(kept)

    async def opener(self, key: ThreadKey) -> str | None:
        """Who asked for the first of what the thread's log holds; None where nobody knows."""
        chosen = (
            select(authors.c.author)
            .join_from(authors, sessions, sessions.c.key == authors.c.session)
            .join(messages, messages.c.session_id == sessions.c.id)
            .where(authors.c.session == key.session, messages.c.reply == authors.c.reply)
            .order_by(messages.c.place)
            .limit(1)
        )
        return await self._database.read(lambda connection: connection.scalar(chosen))

    async def figures(self, key: ThreadKey) -> WorkspaceFigures:
        """Of the workspace that the thread or place is in."""
        mine = begins_with(sessions.c.key, key.workspace_prefix)
        about_one = exists().where(session_videos.c.session_id == sessions.c.id)
        threads = select(func.count()).select_from(sessions).where(mine, about_one)
        videos = select(func.count(distinct(session_videos.c.video_id))).join(sessions).where(mine)
        counts = (
            select(
                func.count().filter(_is_question()).label("questions"),
                func.count().filter(messages.c.answer.is_not(None)).label("answers"),
                func.coalesce(func.sum(messages.c.prompt_tokens), 0).label("prompt"),
                func.coalesce(func.sum(messages.c.completion_tokens), 0).label("completion"),
                func.coalesce(func.sum(messages.c.cached_tokens), 0).label("cached"),
            )
            .join_from(messages, sessions)
            .where(mine)
        )

        def counted(connection: Connection) -> WorkspaceFigures:
            row = connection.execute(counts).one()
            return WorkspaceFigures(
                threads=connection.scalar(threads) or 0,
                videos=connection.scalar(videos) or 0,
                questions=row.questions,
                answers=row.answers,
                usage=TokenUsage(int(row.prompt), int(row.completion), int(row.cached)),
            )

        return await self._database.read(counted)

    async def recent_videos(self, key: ThreadKey, limit: int = 100) -> tuple[RecentVideo, ...]:
        """Those of the workspace that were opened by a link, the last used first; each once."""
        order = (sessions.c.updated_at.desc(), session_videos.c.place.desc())
        chosen = (
            select(sessions.c.key, session_videos.c.title, session_videos.c.link)
            .join_from(sessions, session_videos)
            .where(begins_with(sessions.c.key, key.workspace_prefix), session_videos.c.link != "")
            .order_by(*order)
            .limit(limit)
        )
        rows = await self._database.read(lambda connection: connection.execute(chosen).all())
        newest: dict[str, RecentVideo] = {}
        for row in rows:
            found = RecentVideo(ThreadKey.of_session(row.key), row.title, row.link)
            newest.setdefault(row.link, found)
        return tuple(newest.values())

    async def unused(self, platform: str, since: datetime) -> tuple[ThreadKey, ...]:
        """Those that nobody has used since then."""
        chosen = select(sessions.c.key).where(
            begins_with(sessions.c.key, f"{platform}/"), sessions.c.updated_at < since
        )
        keys = await self._database.read(lambda connection: connection.scalars(chosen).all())
        return tuple(map(ThreadKey.of_session, keys))

    async def forget_person(self, key: ThreadKey, author: str) -> int:
        """Deletes what a person asked in the workspace, and the answers to it; tells how many
        questions. Analyses stay: they belong to everybody."""
        theirs = (begins_with(authors.c.session, key.workspace_prefix), authors.c.author == author)
        asked = (
            select(sessions.c.id, authors.c.reply)
            .join_from(authors, sessions, sessions.c.key == authors.c.session)
            .where(*theirs)
        )

        def forgotten(connection: Connection) -> int:
            replies = [tuple(row) for row in connection.execute(asked)]
            for start in range(0, len(replies), _STEP):
                some = replies[start : start + _STEP]
                mine = tuple_(messages.c.session_id, messages.c.reply).in_(some)
                connection.execute(delete(messages).where(mine, messages.c.section.is_(None)))
            connection.execute(delete(authors).where(*theirs))
            said = (
                begins_with(feedback.c.session, key.workspace_prefix),
                feedback.c.author == author,
            )
            connection.execute(delete(feedback).where(*said))
            return len(replies)

        return await self._database.erase(forgotten)

    def take_back(self, connection: Connection, key: ThreadKey, reply: str) -> bool:
        """Deletes what was asked for with a reply, and the answer; False where an analysis of it
        stays."""
        session = select(sessions.c.id).where(sessions.c.key == key.session).scalar_subquery()
        its = (messages.c.session_id == session, messages.c.reply == reply)
        connection.execute(delete(messages).where(*its, messages.c.section.is_(None)))
        asked = (authors.c.session == key.session, authors.c.reply == reply)
        connection.execute(delete(authors).where(*asked))
        said = (feedback.c.session == key.session, feedback.c.reply == reply)
        connection.execute(delete(feedback).where(*said))
        return not connection.scalar(select(exists().where(*its)))

    def forget(self, connection: Connection, key: ThreadKey) -> None:
        for table in (authors, feedback, quiet_threads):
            connection.execute(delete(table).where(table.c.session == key.session))

    def forget_workspace(self, connection: Connection, key: ThreadKey) -> None:
        for table in (authors, feedback, quiet_threads):
            mine = begins_with(table.c.session, key.workspace_prefix)
            connection.execute(delete(table).where(mine))


def _is_question() -> ColumnElement[bool]:
    """Who sent a link, or pressed a button, asked nothing."""
    made = messages.alias("made")
    of_analysis = exists().where(
        made.c.session_id == messages.c.session_id,
        made.c.reply == messages.c.reply,
        made.c.section.is_not(None),
    )
    return and_(messages.c.role == MessageRole.USER, ~of_analysis)
