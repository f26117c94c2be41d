"""Threads of the playground as JSON: lists, snapshots, the talk that a thread is about."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any
from urllib.parse import quote

from vidthread.assistant import Assistant, current_reading
from vidthread.sentences import say, say_coverage
from vidthread.thread_key import ThreadKey
from vidthread.web import NotFound
from youtube_analysis.models.analysis import AnalysisType, TaskOutput
from youtube_analysis.models.chat import ChatSession
from youtube_analysis.models.video import VideoData
from youtube_analysis.passages.transcript import Transcript
from youtube_analysis.service_factory import ServiceFactory

from .transport import Playground, thread_key

_MOST_THREADS = 200


class ThreadSnapshots:
    """Raises NotFound where there is no such thread."""

    def __init__(
        self, factory: ServiceFactory, assistant: Assistant, playground: Playground
    ) -> None:
        self._factory = factory
        self._sessions = factory.get_session_repository()
        self._assistant = assistant
        self._playground = playground

    async def all(self) -> list[dict[str, Any]]:
        """Newest first."""
        recent = await self._sessions.recent(thread_key("").place_prefix, limit=_MOST_THREADS)
        return [self._listed(session) for session in recent]

    async def header(self, key: ThreadKey) -> dict[str, Any]:
        """A thread without its messages. One that was forgotten is there as long as a message
        says so."""
        session = await self._sessions.get(key.session, messages=0)
        if session is None and not await self._playground.board.posts.of(key):
            raise NotFound("thread")
        session = session or ChatSession(key.session)
        video = None
        if session.videos:
            video = await self._sessions.video(session.videos[-1].fingerprint)
        return {
            "id": key.thread,
            "title": session.title,
            "language": session.language,
            "video": _video(video) if video else None,
        }

    async def snapshot(self, key: ThreadKey) -> dict[str, Any]:
        header = await self.header(key)
        messages = await self._playground.board.messages(key)
        return header | {"messages": [self.shown(key, message) for message in messages]}

    def shown(self, key: ThreadKey, message: dict[str, Any]) -> dict[str, Any]:
        """A message with addresses in the place of the contents of its files."""
        if message["kind"] != "reply":
            return message
        blocks = [_without_content(key, message["key"], block) for block in message["blocks"]]
        return message | {"blocks": blocks}

    async def file(self, key: ThreadKey, reply: str, name: str) -> dict[str, Any]:
        for message in await self._playground.board.messages(key):
            for block in message.get("blocks", ()):
                if message["key"] == reply and block["kind"] == "file" and block["name"] == name:
                    return dict(block)
        raise NotFound("file")

    async def talk(self, key: ThreadKey, video_id: str = "") -> dict[str, Any]:
        """The one that the thread is about, or one before it."""
        session = await self._sessions.get(key.session, messages=None)
        videos = session.videos if session else ()
        chosen = [one for one in videos if video_id in {"", one.video_id}]
        if session is None or not chosen:
            raise NotFound("talk")
        reading = await current_reading(self._factory, replace(session, videos=tuple(chosen)))
        sections = [
            message.section
            for message in session.messages
            if message.section and message.fingerprint == reading.fingerprint
        ]
        return await self._outlined(reading, sections)

    async def _outlined(self, reading: Transcript, sections: list[TaskOutput]) -> dict[str, Any]:
        video = reading.video
        moments = [one for one in sections if one.type is AnalysisType.KEY_MOMENTS]
        topics = await self._factory.get_outline_service().topics(reading, *moments[-1:])
        return {
            "video": _video(video),
            "passages": [
                {"number": p.number, "start": p.start, "end": p.end, "text": p.text}
                for p in reading.passages
            ],
            "contents": [{"title": t.title, "start": t.start, "end": t.end} for t in topics],
            "gaps": list(map(asdict, video.coverage.gaps)),
        }

    def _listed(self, session: ChatSession) -> dict[str, Any]:
        video = session.videos[-1] if session.videos else None
        key = ThreadKey.of_session(session.key)
        return {
            "id": key.thread,
            "title": session.title or say("card.untitled"),
            "video_id": video.video_id if video else None,
            "updated_at": session.updated_at.isoformat(),
            "live": self._assistant.busy(key),
        }


def _without_content(key: ThreadKey, reply: str, block: dict[str, Any]) -> dict[str, Any]:
    if block["kind"] != "file":
        return block
    url = f"/api/threads/{key.thread}/files/{quote(reply)}/{quote(block['name'])}"
    return {name: value for name, value in block.items() if name != "content"} | {"url": url}


def _video(video: VideoData) -> dict[str, Any]:
    info = video.info
    embed = f"https://www.youtube-nocookie.com/embed/{info.video_id}?enablejsapi=1"
    return {
        "video_id": info.video_id,
        "title": info.title,
        "channel": info.channel,
        "url": info.url,
        "seconds": video.duration,
        "coverage": say_coverage(video),
        "embed": embed if info.url else None,
    }
