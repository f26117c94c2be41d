"""The playground over HTTP: threads as JSON, what happens in them as server-sent events."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import msgspec
from aiohttp import web

from vidthread.assistant import Assistant, Destination
from vidthread.commands import LONGEST_REASON, Analyze, Ask, Rate, Stop, pressed
from vidthread.sentences import say, spoken
from vidthread.surface import Incoming
from vidthread.thread_key import ThreadKey
from vidthread.web import stream_headers
from vidthread.words import understand
from youtube_analysis.errors import VideoAnalysisError
from youtube_analysis.models.analysis import AnalysisType
from youtube_analysis.models.video import parse_link
from youtube_analysis.service_factory import ServiceFactory

from .body import NotUnderstood, read_body
from .page_files import page_routes
from .threads import ThreadSnapshots
from .transport import PERSON, Playground, thread_key

_ALIVE_EVERY = 15.0
_LONGEST_OPENING = 20.0


class Unopened(VideoAnalysisError):
    code = "unopened"
    retryable = True

    def __init__(self) -> None:
        super().__init__(say("error.unopened"))


class Routes:
    """`identify` makes the id of an event."""

    def __init__(
        self,
        factory: ServiceFactory,
        assistant: Assistant,
        playground: Playground,
        *,
        identify: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        self._assistant = assistant
        self._playground = playground
        self._threads = ThreadSnapshots(factory, assistant, playground)
        self._identify = identify
        self._streams: set[asyncio.Task[Any]] = set()

    def all(self) -> Sequence[web.RouteDef]:
        thread = "/api/threads/{id:[0-9a-f]{1,32}}"
        return [
            web.get("/api/threads", self._list),
            web.post("/api/threads", self._open),
            web.get(thread, self._snapshot),
            web.delete(thread, self._forget),
            web.post(f"{thread}/messages", self._say),
            web.post(f"{thread}/stop", self._stop),
            web.get(f"{thread}/events", self._events),
            web.get(f"{thread}/talk", self._talk),
            web.get(thread + "/files/{key}/{name}", self._download),
            *page_routes(),
        ]

    async def close(self) -> None:
        """Ends the streams, which no page would end by itself."""
        for stream in self._streams:
            stream.cancel()
        if self._streams:
            await asyncio.wait(self._streams)

    async def _list(self, _: web.Request) -> web.Response:
        return web.json_response({"threads": await self._threads.all()})

    async def _open(self, request: web.Request) -> web.Response:
        body, file = await read_body(request)
        wanted = Analyze() if file else _wanted(body.link)
        types = tuple(map(AnalysisType.named, body.types or ())) or wanted.types
        language = body.language or wanted.language
        length = body.length or wanted.length
        incoming = Incoming(
            event=self._identify(),
            key=thread_key(""),
            author=PERSON,
            text=wanted.link,
            command=msgspec.structs.replace(wanted, types=types, language=language, length=length),
            attachments=(file,) if file else (),
            locale=spoken(),
        )
        found = await self._destination(incoming)
        opened = {"id": found.key.thread, "existing": found.existing}
        return web.json_response(opened, status=201)

    async def _destination(self, incoming: Incoming) -> Destination:
        leading = await self._assistant.hear(incoming, self._playground)
        try:
            async with asyncio.timeout(_LONGEST_OPENING):
                led = await asyncio.shield(leading) if leading else None
        except TimeoutError:
            led = None
        if led is None:
            raise Unopened
        return led

    async def _known(self, request: web.Request) -> ThreadKey:
        """Raises NotFound where there is no such thread."""
        await self._threads.header(_key(request))
        return _key(request)

    async def _snapshot(self, request: web.Request) -> web.Response:
        return web.json_response(await self._threads.snapshot(_key(request)))

    async def _forget(self, request: web.Request) -> web.Response:
        await self._assistant.forgetting.thread(await self._known(request), self._playground)
        return web.Response(status=204)

    async def _say(self, request: web.Request) -> web.Response:
        key = await self._known(request)
        body, file = await read_body(request)
        if not (body.text or body.action or file):
            raise NotUnderstood(say("error.write_first"))
        event, message = self._identify(), ""
        command = pressed(body.action) if body.action else None
        text = command.question if isinstance(command, Ask) else body.text
        if isinstance(command, Rate):
            command, text = msgspec.structs.replace(command, reason=text[:LONGEST_REASON]), ""
        if text or not body.action:
            named = file.name if file else None
            message = await self._playground.board.say(key, text, named, nonce=f"say {event}")
        incoming = Incoming(
            event=event,
            key=key,
            author=PERSON,
            admin=True,
            message=message,
            text=text,
            command=command,
            attachments=(file,) if file else (),
            locale=spoken(),
        )
        heard = await self._assistant.hear(incoming, self._playground)
        if not heard:
            self._playground.board.answered(key, message)
        return web.json_response({"id": message or event}, status=202)

    async def _stop(self, request: web.Request) -> web.Response:
        key = await self._known(request)
        event = self._identify()
        incoming = Incoming(event, key, author=PERSON, command=Stop())
        await self._assistant.hear(incoming, self._playground)
        return web.json_response({"id": event}, status=202)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """A snapshot, then whatever changes, until whoever watches has gone; resuming begins with
        a new snapshot."""
        key = await self._known(request)
        response = web.StreamResponse(headers=stream_headers())
        await response.prepare(request)
        stream = asyncio.current_task()
        if stream:
            self._streams.add(stream)
            stream.add_done_callback(self._streams.discard)
        with suppress(ConnectionError), self._playground.feed.subscribed(key) as subscriber:
            await _send(response, "snapshot", await self._threads.snapshot(key))
            while True:
                try:
                    async with asyncio.timeout(_ALIVE_EVERY):
                        news = await subscriber.next()
                except TimeoutError:
                    await response.write(b": alive\n\n")
                    continue
                for event, data in news:
                    await self._tell(response, key, event, data)
        return response

    async def _tell(
        self, response: web.StreamResponse, key: ThreadKey, event: str, data: dict[str, Any]
    ) -> None:
        match event:
            case "reply":
                await _send(response, event, self._threads.shown(key, data))
                if not data["live"]:
                    await _send(response, "thread", await self._threads.header(key))
            case "entitled":
                await _send(response, "thread", await self._threads.header(key))
            case "cleared":
                await _send(response, "snapshot", await self._threads.snapshot(key))
            case _:
                await _send(response, event, data)

    async def _talk(self, request: web.Request) -> web.Response:
        video = request.query.get("video", "")
        return web.json_response(await self._threads.talk(_key(request), video))

    async def _download(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        file = await self._threads.file(_key(request), request.match_info["key"], name)
        return web.Response(
            body=file["content"].encode(),
            content_type=file["media_type"],
            charset="utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def _wanted(text: str) -> Analyze:
    """By a link and the words beside it. Raises InvalidLink."""
    asked = understand(text)
    known = asked if isinstance(asked, Analyze) else Analyze(text)
    video = parse_link(known.link).video_id
    return msgspec.structs.replace(known, link=f"https://youtu.be/{video}")


def _key(request: web.Request) -> ThreadKey:
    return thread_key(request.match_info["id"])


async def _send(response: web.StreamResponse, event: str, data: dict[str, Any]) -> None:
    content = json.dumps(data, ensure_ascii=False)
    # Versions before kept halves of characters.
    await response.write(f"event: {event}\ndata: {content}\n\n".encode(errors="replace"))
