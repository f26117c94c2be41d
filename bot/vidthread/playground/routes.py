"""The playground over HTTP: threads as JSON, what happens in them as server-sent events."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Sequence
from importlib import resources
from typing import Any

from aiohttp import BodyPartReader, web

from vidthread.assistant import Assistant
from vidthread.replies import action
from vidthread.surface import Attachment, Incoming
from vidthread.web import failed, stream_headers
from youtube_analysis.captions import LARGEST_FILE
from youtube_analysis.errors import CaptionsFileTooLarge, InvalidRequest
from youtube_analysis.models.analysis import AnalysisType
from youtube_analysis.models.chat import ThreadKey
from youtube_analysis.models.link import parse_link
from youtube_analysis.service_factory import ServiceFactory

from .threads import Threads
from .transport import PERSON, Playground, thread_key

_ALIVE_EVERY = 15.0
_PAGE = resources.files(__package__).joinpath("page")
_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}


class NotUnderstood(InvalidRequest):
    code = "not_understood"


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
        self._threads = Threads(factory, assistant, playground)
        self._identify = identify
        self._streams: set[asyncio.Task[Any]] = set()

    def all(self) -> Sequence[web.RouteDef]:
        thread = "/api/threads/{id:[0-9a-f]{1,32}}"
        return [
            web.get("/", self._page),
            web.get("/t/{id}", self._page),
            web.get("/static/{name:[a-z-]+\\.(?:js|css|svg)}", self._file),
            web.get("/api/threads", self._list),
            web.post("/api/threads", self._open),
            web.get(thread, self._snapshot),
            web.delete(thread, self._forget),
            web.post(f"{thread}/messages", self._say),
            web.post(f"{thread}/stop", self._stop),
            web.get(f"{thread}/events", self._events),
            web.get(f"{thread}/talk", self._talk),
            web.get(thread + "/files/{key}/{name}", self._download),
        ]

    async def close(self) -> None:
        """Ends the streams, which no page would end by itself."""
        for stream in self._streams:
            stream.cancel()
        if self._streams:
            await asyncio.wait(self._streams)

    async def _page(self, _: web.Request) -> web.Response:
        return await _static("index.html")

    async def _file(self, request: web.Request) -> web.Response:
        return await _static(request.match_info["name"])

    async def _list(self, _: web.Request) -> web.Response:
        return web.json_response({"threads": await self._threads.all()})

    async def _open(self, request: web.Request) -> web.Response:
        told, file = await _body(request)
        link = _text(told, "link")
        if not file:
            parse_link(link)
        incoming = Incoming(
            event=self._identify(),
            key=thread_key(""),
            author=PERSON,
            text="" if file else link,
            attachments=(file,) if file else (),
            types=_types(told.get("types")),
            language=_text(told, "language") or None,
            anew=told.get("anew") is True,
        )
        led_to = self._playground.led_to(incoming.event)
        await self._assistant.hear(incoming, self._playground)
        key, existing = await led_to
        return web.json_response({"id": key.thread, "existing": existing}, status=201)

    async def _snapshot(self, request: web.Request) -> web.Response:
        return web.json_response(await self._threads.snapshot(_key(request)))

    async def _forget(self, request: web.Request) -> web.Response:
        await self._threads.header(_key(request))
        await self._assistant.forget(_key(request), self._playground)
        return web.Response(status=204)

    async def _say(self, request: web.Request) -> web.Response:
        key = _key(request)
        await self._threads.header(key)
        told, file = await _body(request)
        text, pressed = _text(told, "text"), _text(told, "action")
        if not (text or pressed or file):
            raise NotUnderstood("Write something first, or drop a captions file.")
        event, message = self._identify(), ""
        if not pressed:
            wall = self._playground.wall
            message = await wall.say(key, text, file.name if file else None, nonce=f"say {event}")
        incoming = Incoming(
            event=event,
            key=key,
            author=PERSON,
            message=message,
            text=text,
            action=pressed,
            attachments=(file,) if file else (),
        )
        heard = await self._assistant.hear(incoming, self._playground)
        if not heard:
            self._playground.wall.answered(key, message)
        return web.json_response({"id": message or event}, status=202)

    async def _stop(self, request: web.Request) -> web.Response:
        key = _key(request)
        await self._threads.header(key)
        event = self._identify()
        incoming = Incoming(event, key, author=PERSON, action=action("stop"))
        await self._assistant.hear(incoming, self._playground)
        return web.json_response({"id": event}, status=202)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """A snapshot, then whatever changes; resuming begins with a new snapshot."""
        key = _key(request)
        await self._threads.header(key)
        response = web.StreamResponse(headers=stream_headers())
        await response.prepare(request)
        stream = asyncio.current_task()
        if stream:
            self._streams.add(stream)
            stream.add_done_callback(self._streams.discard)
        with self._playground.feed.listening(key) as listener:
            await _send(response, "snapshot", await self._threads.snapshot(key))
            while True:
                try:
                    async with asyncio.timeout(_ALIVE_EVERY):
                        news = await listener.hear()
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
        return web.json_response(await self._threads.talk(_key(request)))

    async def _download(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        file = await self._threads.file(_key(request), request.match_info["key"], name)
        return web.Response(
            body=file["content"].encode(),
            content_type=file["media_type"],
            charset="utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def _key(request: web.Request) -> ThreadKey:
    return thread_key(request.match_info["id"])


async def _static(name: str) -> web.Response:
    path = _PAGE.joinpath(name)
    if not path.is_file():
        return failed(404, "not_found", "There is no such page.")
    content = await asyncio.to_thread(path.read_bytes)
    kind = _TYPES[f".{name.rpartition('.')[2]}"]
    headers = {"Cache-Control": "no-cache"}
    return web.Response(body=content, content_type=kind, charset="utf-8", headers=headers)


async def _body(request: web.Request) -> tuple[dict[str, Any], Attachment | None]:
    """JSON, or a form with a captions file. Raises NotUnderstood."""
    if request.content_type.startswith("multipart/"):
        return await _form(request)
    try:
        told = json.loads(await request.read() or b"{}")
    except (ValueError, RecursionError):
        raise NotUnderstood("That is no JSON.") from None
    if not isinstance(told, dict):
        raise NotUnderstood("A JSON object is wanted.")
    return told, None


async def _form(request: web.Request) -> tuple[dict[str, Any], Attachment | None]:
    told: dict[str, Any] = {}
    file = None
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        content = bytes(await part.read(decode=False))
        if part.name == "file":
            if len(content) > LARGEST_FILE:
                raise CaptionsFileTooLarge(f"{LARGEST_FILE // 2**20} MB")
            file = Attachment(part.filename or "captions", content)
        elif part.name:
            told[part.name] = content.decode("utf-8", errors="replace")
    return told, file


def _text(told: dict[str, Any], name: str) -> str:
    value = told.get(name, "")
    if not isinstance(value, str):
        raise NotUnderstood(f"“{name}” must be a text.")
    return value.strip()


def _types(value: Any) -> tuple[AnalysisType, ...]:
    """Raises UnknownAnalysisType."""
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise NotUnderstood("“types” must be a list of names.")
    return tuple(AnalysisType.named(name) for name in value)


async def _send(response: web.StreamResponse, event: str, data: dict[str, Any]) -> None:
    content = json.dumps(data, ensure_ascii=False)
    await response.write(f"event: {event}\ndata: {content}\n\n".encode())
