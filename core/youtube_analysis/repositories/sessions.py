"""What each session remembers, kept until it is forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    select,
    update,
)

from youtube_analysis.models.analysis import TaskOutput, TokenUsage
from youtube_analysis.models.chat import Answer, ChatMessage, ChatSession, MessageRole, SessionVideo
from youtube_analysis.models.video import VideoData

from .database import Database
from .packing import freeze, thaw
from .tables import begins_with, insert, session_videos, sessions, talks, upsert
from .tables import messages as message_rows

Work = TypeVar("Work", Answer, TaskOutput)
NEWEST = 200

# What every message costs is built once: building takes longer than the work.
_MINE = message_rows.c.session_id == bindparam("of")
_SAME = and_(_MINE, message_rows.c.reply == bindparam("by"))

_SESSION = select(sessions).where(sessions.c.key == bindparam("of_key"))
_TOUCH = (
    update(sessions)
    .where(sessions.c.key == bindparam("of_key"))
    .values(updated_at=bindparam("now"))
    .returning(sessions.c.id)
)
_VIDEOS = (
    select(session_videos)
    .where(session_videos.c.session_id == bindparam("of"))
    .order_by(session_videos.c.place)
)
_NEWEST_MESSAGES = (
    select(message_rows)
    .where(_MINE)
    .order_by(message_rows.c.place.desc(), message_rows.c.number.desc())
)
# Where a reply's messages stand, and where the log ends.
_PLACES = select(
    select(message_rows.c.place).where(_SAME).limit(1).scalar_subquery().label("old"),
    select(func.max(message_rows.c.place)).where(_MINE).scalar_subquery().label("last"),
)
_CLEAR = delete(message_rows).where(_SAME)
_ADD = message_rows.insert()
_UNUSED = ~exists().where(session_videos.c.fingerprint == talks.c.fingerprint)


class SessionRepository:
    """Two sessions share talks, never words. Keys are whatever their giver likes; those that begin
    alike can be listed and forgotten together.

    What is written for a session that was forgotten meanwhile is not kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, key: str, title: str = "") -> ChatSession:
        """The session, as `get` tells it; made if there is none."""

        def opened(connection: Connection) -> ChatSession | None:
            making = insert(connection, sessions).values(_new_session(key, title))
            connection.execute(making.on_conflict_do_nothing())
            return _session(connection, key, NEWEST)

        while True:
            session = await self.get(key) or await self._database.write(opened)
            if session:
                return session

    async def get(self, key: str, *, messages: int | None = NEWEST) -> ChatSession | None:
        """With the newest `messages`, or with all of them."""
        return await self._database.read(lambda connection: _session(connection, key, messages))

    async def add_video(self, key: str, video: VideoData, fingerprint: str, link: str) -> None:
        """From now on the session, made if there is none, is about a video and is called after it.
        One that it knows becomes the newest."""
        content = await freeze(video)
        known = SessionVideo(fingerprint, video.info.video_id, video.info.title, link)
        talk = {"content": content, "used_at": datetime.now(UTC)}

        def added(connection: Connection) -> None:
            session = _called(connection, key, known.title)
            # An update where it is kept already: that waits for who is deleting it.
            upsert(connection, talks, {"fingerprint": fingerprint}, talk)
            _add_video(connection, session, known)

        await self._database.write(added)

    async def video(self, fingerprint: str) -> VideoData | None:
        kept = select(talks.c.content).where(talks.c.fingerprint == fingerprint)
        content = await self._database.read(lambda connection: connection.scalar(kept))
        return await thaw(content, VideoData) if content else None

    async def record(
        self, key: str, reply: str, messages: Sequence[ChatMessage], *, amends: bool = False
    ) -> bool:
        """Writes down what belongs to a reply, in the place of what was written for it before;
        where this `amends`, only if something was: what was forgotten meanwhile does not come
        back. Tells whether it is kept."""
        values = message_values(reply, messages)

        def recorded(connection: Connection) -> bool:
            session = _touch(connection, key)
            if session is None:
                return False
            which = {"of": session, "by": reply}
            old, last = connection.execute(_PLACES, which).one()
            if amends and old is None:
                return False
            if old is not None:
                connection.execute(_CLEAR, which)
            elif last is not None:
                old = last + 1
            if values:
                whose = {"session_id": session, "place": old or 0}
                connection.execute(_ADD, [row | whose for row in values])
            return True

        return await self._database.write(recorded)

    async def set_language(self, key: str, language: str | None) -> None:
        setting = update(sessions).where(sessions.c.key == key).values(language=language)
        await self._database.write(lambda connection: connection.execute(setting))

    async def find(self, prefix: str, video_id: str) -> str | None:
        """The key, beginning so, of the session about the video that was used last."""
        about = session_videos.c.video_id == video_id
        chosen = _recent(prefix).join(session_videos).where(about).limit(1)
        row = await self._database.read(lambda connection: connection.execute(chosen).one_or_none())
        return row.key if row else None

    async def recent(self, prefix: str, limit: int = 50) -> tuple[ChatSession, ...]:
        """Those whose keys begin so, the last used first, without their messages."""
        chosen = _recent(prefix).limit(limit)

        def found(connection: Connection) -> tuple[ChatSession, ...]:
            rows = connection.execute(chosen).all()
            of: dict[int, list[Row[Any]]] = {row.id: [] for row in rows}
            theirs = select(session_videos).where(session_videos.c.session_id.in_(tuple(of)))
            for video in connection.execute(theirs.order_by(session_videos.c.place)):
                of[video.session_id].append(video)
            return tuple(_session_of(row, of[row.id]) for row in rows)

        return await self._database.read(found)

    async def forget(self, key: str) -> bool:
        """The session, its messages, and the talks that no other session is about."""

        def forgotten(connection: Connection) -> bool:
            session = _touch(connection, key)
            if session is None:
                return False
            mine = session_videos.c.session_id == session
            told = connection.scalars(select(session_videos.c.fingerprint).where(mine)).all()
            connection.execute(delete(sessions).where(sessions.c.id == session))
            # Locked first, so that what another transaction adds meanwhile is seen; in order, so
            # that two never wait for each other.
            left = talks.c.fingerprint.in_(told)
            order = select(talks.c.fingerprint).where(left).order_by(talks.c.fingerprint)
            connection.execute(order.with_for_update())
            connection.execute(delete(talks).where(left, _UNUSED))
            return True

        return await self._database.erase(forgotten)

    async def forget_all(self, prefix: str) -> int:
        """As `forget`, of all whose keys begin so; tells how many there were."""

        def forgotten(connection: Connection) -> int:
            gone = connection.execute(delete(sessions).where(begins_with(sessions.c.key, prefix)))
            connection.execute(delete(talks).where(_UNUSED))
            return gone.rowcount

        return await self._database.erase(forgotten)


def _new_session(key: str, title: str) -> dict[str, object]:
    now = datetime.now(UTC)
    return {"key": key, "title": title, "created_at": now, "updated_at": now}


def _session(connection: Connection, key: str, messages: int | None) -> ChatSession | None:
    session = connection.execute(_SESSION, {"of_key": key}).one_or_none()
    if session is None:
        return None
    of = {"of": session.id}
    newest = () if messages == 0 else connection.execute(_NEWEST_MESSAGES.limit(messages), of).all()
    return _session_of(session, connection.execute(_VIDEOS, of), newest[::-1])


def _called(connection: Connection, key: str, title: str) -> int:
    """The session, made or touched."""
    making = insert(connection, sessions).values(_new_session(key, title))
    called = {name: making.excluded[name] for name in ("title", "updated_at")}
    naming = making.on_conflict_do_update(index_elements=["key"], set_=called)
    session: int = connection.execute(naming.returning(sessions.c.id)).scalar_one()
    return session


def _add_video(connection: Connection, session: int, video: SessionVideo) -> None:
    mine = session_videos.c.session_id == session
    last = connection.scalar(select(func.max(session_videos.c.place)).where(mine))
    values = {name: getattr(video, name) for name in ("video_id", "title", "link")}
    values["place"] = 0 if last is None else last + 1
    key = {"session_id": session, "fingerprint": video.fingerprint}
    upsert(connection, session_videos, key, values)


def _touch(connection: Connection, key: str) -> int | None:
    """Marks the session as used. Until the transaction ends, nobody else writes in it."""
    touched: int | None = connection.scalar(_TOUCH, {"of_key": key, "now": datetime.now(UTC)})
    return touched


def _recent(prefix: str) -> Select[Any]:
    order = (sessions.c.updated_at.desc(), sessions.c.id.desc())
    return select(sessions).where(begins_with(sessions.c.key, prefix)).order_by(*order)


def _session_of(
    row: Row[Any], videos: Iterable[Row[Any]], messages: Iterable[Row[Any]] = ()
) -> ChatSession:
    return ChatSession(
        key=row.key,
        title=row.title,
        language=row.language,
        videos=tuple(SessionVideo(v.fingerprint, v.video_id, v.title, v.link) for v in videos),
        messages=tuple(map(_message_of, messages)),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _message_of(row: Row[Any]) -> ChatMessage:
    return ChatMessage(
        role=MessageRole(row.role),
        text=row.text,
        reply=row.reply,
        fingerprint=row.fingerprint,
        answer=_with_engine(row.answer),
        section=_with_engine(row.section),
        at=row.at,
    )


def _with_engine(work: Work | None) -> Work | None:
    """Versions before called the offline engine `extractive`."""
    return replace(work, engine="offline") if work and work.engine == "extractive" else work


def message_values(reply: str, messages: Iterable[ChatMessage]) -> list[dict[str, Any]]:
    """All but the session and the place in it."""
    rows: list[dict[str, Any]] = []
    for number, message in enumerate(messages):
        work = message.answer or message.section
        usage = work.usage if work else TokenUsage()
        row = {
            "reply": reply,
            "number": number,
            "role": message.role.value,
            "text": message.text,
            "fingerprint": message.fingerprint,
            "answer": message.answer,
            "section": message.section,
            "prompt_tokens": usage.prompt,
            "completion_tokens": usage.completion,
            "cached_tokens": usage.cached,
            "at": message.at,
        }
        rows.append(row)
    return rows
