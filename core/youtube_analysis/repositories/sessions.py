"""What each session remembers, kept until it is forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, delete, func, select, update

from youtube_analysis.concurrency import BLOCKING, offload
from youtube_analysis.models.chat import ChatMessage, ChatSession, SessionVideo
from youtube_analysis.models.video import VideoData

from .columns import begins_with
from .database import Database, insert
from .packing import compress, decompress
from .session_rows import message_values, session_of
from .tables import messages as message_rows
from .tables import session_videos, sessions, talks

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

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
            connection.execute(_making(connection, key, title).on_conflict_do_nothing())
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
        content = await offload(compress, video, lane=BLOCKING)
        known = SessionVideo(fingerprint, video.info.video_id, video.info.title, link)

        def added(connection: Connection) -> None:
            session = _called(connection, key, known.title)
            _keep_talk(connection, fingerprint, content)
            _add_video(connection, session, known)

        await self._database.write(added)

    async def video(self, fingerprint: str) -> VideoData | None:
        kept = select(talks.c.content).where(talks.c.fingerprint == fingerprint)
        content = await self._database.read(lambda connection: connection.scalar(kept))
        return await offload(decompress, content, VideoData, lane=BLOCKING) if content else None

    async def record(self, key: str, reply: str, messages: Sequence[ChatMessage]) -> None:
        """Writes down what belongs to a reply, in the place of what was written for it before."""
        await self._record(key, reply, messages, amends=False)

    async def amend(self, key: str, reply: str, messages: Sequence[ChatMessage]) -> bool:
        """As `record`, if something is written for the reply: what was forgotten meanwhile does
        not come back. Tells whether it was."""
        return await self._record(key, reply, messages, amends=True)

    async def _record(
        self, key: str, reply: str, messages: Sequence[ChatMessage], *, amends: bool
    ) -> bool:
        values = message_values(reply, messages)

        def recorded(connection: Connection) -> bool:
            session = _touch(connection, key)
            if session is None or (amends and not _has_reply(connection, session, reply)):
                return False
            place = _cleared_place(connection, session, reply)
            if values:
                whose = {"session_id": session, "place": place}
                connection.execute(_ADD, [row | whose for row in values])
            return True

        return await self._database.write(recorded)

    async def set_language(self, key: str, language: str | None) -> None:
        setting = update(sessions).where(sessions.c.key == key).values(language=language)
        await self._database.write(lambda connection: connection.execute(setting))

    async def find(self, prefix: str, video_id: str) -> str | None:
        """The key, beginning so, of the session about the video that was used last."""
        chosen = (
            _recent(prefix)
            .join(session_videos, session_videos.c.session_id == sessions.c.id)
            .where(session_videos.c.video_id == video_id)
            .limit(1)
        )
        row = await self._database.read(lambda connection: connection.execute(chosen).one_or_none())
        return row.key if row else None

    async def recent(self, prefix: str, limit: int = 50) -> tuple[ChatSession, ...]:
        """Those whose keys begin so, the last used first, without their messages."""
        chosen = _recent(prefix).limit(limit)

        def found(connection: Connection) -> tuple[ChatSession, ...]:
            rows = connection.execute(chosen).all()
            of: dict[int, list[Row[Any]]] = {row.id: [] for row in rows}
            for video in connection.execute(_videos_of(tuple(of))):
                of[video.session_id].append(video)
            return tuple(session_of(row, of[row.id]) for row in rows)

        return await self._database.read(found)

    async def forget(self, key: str) -> bool:
        """The session, its messages, and the talks that no other session is about."""

        def forgotten(connection: Connection) -> bool:
            session = _touch(connection, key)
            if session is None:
                return False
            mine = session_videos.c.session_id == session
            of_mine = select(session_videos.c.fingerprint).where(mine)
            fingerprints = connection.scalars(of_mine).all()
            connection.execute(delete(sessions).where(sessions.c.id == session))
            _drop_talks(connection, fingerprints)
            return True

        return await self._database.erase(forgotten)

    async def forget_all(self, prefix: str) -> int:
        """As `forget`, of all whose keys begin so; tells how many there were."""

        def forgotten(connection: Connection) -> int:
            gone = connection.execute(delete(sessions).where(begins_with(sessions.c.key, prefix)))
            used = select(session_videos.c.fingerprint)
            used = used.where(session_videos.c.fingerprint == talks.c.fingerprint)
            connection.execute(delete(talks).where(~used.exists()))
            return gone.rowcount

        return await self._database.erase(forgotten)


def _making(connection: Connection, key: str, title: str) -> sqlite.Insert | postgresql.Insert:
    now = datetime.now(UTC)
    values = {"key": key, "title": title, "created_at": now, "updated_at": now}
    return insert(connection, sessions).values(values)


def _session(connection: Connection, key: str, messages: int | None) -> ChatSession | None:
    session = connection.execute(_SESSION, {"of_key": key}).one_or_none()
    if session is None:
        return None
    videos = connection.execute(_VIDEOS, {"of": session.id})
    return session_of(session, videos, _newest(connection, session.id, messages))


def _newest(connection: Connection, session: int, most: int | None) -> Sequence[Row[Any]]:
    """In the order in which they were written."""
    if most == 0:
        return ()
    newest = _NEWEST_MESSAGES if most is None else _NEWEST_MESSAGES.limit(most)
    return connection.execute(newest, {"of": session}).all()[::-1]


def _called(connection: Connection, key: str, title: str) -> int:
    """The session, made or touched."""
    making = _making(connection, key, title)
    called = {name: making.excluded[name] for name in ("title", "updated_at")}
    naming = making.on_conflict_do_update(index_elements=["key"], set_=called)
    session: int = connection.execute(naming.returning(sessions.c.id)).scalar_one()
    return session


def _add_video(connection: Connection, session: int, video: SessionVideo) -> None:
    mine = session_videos.c.session_id == session
    last = connection.scalar(select(func.max(session_videos.c.place)).where(mine))
    values = {
        "video_id": video.video_id,
        "title": video.title,
        "link": video.link,
        "place": 0 if last is None else last + 1,
    }
    adding = insert(connection, session_videos).values(
        session_id=session, fingerprint=video.fingerprint, **values
    )
    connection.execute(
        adding.on_conflict_do_update(index_elements=["session_id", "fingerprint"], set_=values)
    )


def _touch(connection: Connection, key: str) -> int | None:
    """Marks the session as used. Until the transaction ends, nobody else writes in it."""
    using = {"of_key": key, "now": datetime.now(UTC)}
    touched: int | None = connection.scalar(_TOUCH, using)
    return touched


def _has_reply(connection: Connection, session: int, reply: str) -> bool:
    return connection.execute(_PLACES, {"of": session, "by": reply}).one().old is not None


def _cleared_place(connection: Connection, session: int, reply: str) -> int:
    """Where the reply's messages stood, which are deleted; the end of the log if none did."""
    which = {"of": session, "by": reply}
    places = connection.execute(_PLACES, which).one()
    if places.old is None:
        return 0 if places.last is None else int(places.last) + 1
    connection.execute(_CLEAR, which)
    return int(places.old)


def _keep_talk(connection: Connection, fingerprint: str, content: bytes) -> None:
    """An update, not nothing, where it is kept already: that waits for who is deleting it."""
    now = datetime.now(UTC)
    keeping = insert(connection, talks).values(
        fingerprint=fingerprint, content=content, used_at=now
    )
    connection.execute(
        keeping.on_conflict_do_update(index_elements=["fingerprint"], set_={"used_at": now})
    )


def _drop_talks(connection: Connection, fingerprints: Sequence[str]) -> None:
    """Those that no session is about. They are locked first, so that what another transaction adds
    meanwhile is seen; in order, so that two never wait for each other."""
    mine = talks.c.fingerprint.in_(fingerprints)
    order = select(talks.c.fingerprint).where(mine).order_by(talks.c.fingerprint)
    connection.execute(order.with_for_update())
    used = select(session_videos.c.fingerprint)
    used = used.where(session_videos.c.fingerprint == talks.c.fingerprint)
    connection.execute(delete(talks).where(mine, ~used.exists()))


def _recent(prefix: str) -> Select[Any]:
    order = (sessions.c.updated_at.desc(), sessions.c.id.desc())
    return select(sessions).where(begins_with(sessions.c.key, prefix)).order_by(*order)


def _videos_of(ids: Sequence[int]) -> Select[Any]:
    mine = session_videos.c.session_id.in_(ids)
    return select(session_videos).where(mine).order_by(session_videos.c.place)
