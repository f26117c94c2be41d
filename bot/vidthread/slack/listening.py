"""Bolt: what Slack sends is heard, written down, and only then acknowledged."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any, Protocol

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier

from vidthread.surface import Incoming, SurfaceError
from youtube_analysis.logging import get_logger

from . import events
from .escaping import escaped
from .ordering import Lines
from .rendering import aside
from .surface import Workspace

_log = get_logger(__name__)
_ANYTHING = re.compile(r".*", re.DOTALL)
_PATHS = ("/slack/events", "/slack/interactive", "/slack/commands")
_LARGEST_REQUEST = 2**20
_NO_LINK = "I see no link to a YouTube video in that message."
# While one connection is renewed, the other one listens.
CONNECTIONS = 2
_DRAIN = 3.0

Body = dict[str, Any]


class NotListening(Exception):
    """We are not connected yet, or not any more; Slack is to send this again."""


class Mind(Protocol):
    """What is behind the ears."""

    async def hear(self, incoming: Incoming) -> None:
        """Returns when an event is safe; what it raises is not acknowledged, so that Slack sends
        the event again."""

    async def aside(self, incoming: Incoming) -> str | None:
        """Markdown for whoever called a command, None where it concerns a video."""


class Ears:
    """Everything that Slack sends, over sockets or signed requests."""

    def __init__(self, workspace: Workspace, mind: Mind, secret: str) -> None:
        self._workspace = workspace
        self._client = workspace.client
        self._mind = mind
        self._sockets: list[AsyncSocketModeHandler] = []
        self._busy: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._lines = Lines()
        self._open = False
        self._signature = SignatureVerifier(secret) if secret else None
        self._app = self._bolt(secret)

    def open(self) -> None:
        """From now on events are heard; before, Slack is told to send them again."""
        self._open = True

    async def connect(self, app_token: str, *, ping_interval: float) -> None:
        for _ in range(CONNECTIONS):
            socket = AsyncSocketModeHandler(
                self._app, app_token, web_client=self._client.web, ping_interval=ping_interval
            )
            self._sockets.append(socket)
        connecting: list[Any] = [socket.connect_async for socket in self._sockets]  # untyped
        await asyncio.gather(*(connect() for connect in connecting))

    def routes(self) -> Iterable[web.RouteDef]:
        return [web.post(path, self._receive) for path in _PATHS]

    async def close(self) -> None:
        """Hears no more, and lets what is being heard be written down."""
        self._open = False
        closing: list[Any] = [socket.close_async for socket in self._sockets]
        for close in closing:
            with suppress(OSError, RuntimeError):
                await close()
        if self._busy:
            await asyncio.wait(self._busy.values(), timeout=_DRAIN)

    async def _receive(self, request: web.Request) -> web.Response:
        if not self._open:
            return web.Response(status=503)
        if (request.content_length or _LARGEST_REQUEST + 1) > _LARGEST_REQUEST:
            return web.Response(status=413)
        # Before bolt takes it apart, which fails of what Slack would never send.
        if not self._is_signed(await request.text(), request.headers):
            return web.Response(status=401)
        if request.content_type == "application/json" and not await _is_object(request):
            return web.Response(status=400)
        return await to_aiohttp_response(
            await self._app.async_dispatch(await to_bolt_request(request))
        )

    def _is_signed(self, body: str, headers: Mapping[str, str]) -> bool:
        try:
            return bool(self._signature and self._signature.is_valid_request(body, {**headers}))
        except (ValueError, TypeError):  # no number, no ASCII
            return False

    def _bolt(self, secret: str) -> AsyncApp:
        logger = logging.getLogger("slack_bolt.vidthread")
        logger.setLevel(logging.ERROR)  # it warns of settings that are meant
        app = AsyncApp(
            name="vidthread",
            client=self._client.web,
            signing_secret=secret,
            authorize=_authorize(self._workspace),
            process_before_response=True,  # bolt would acknowledge events before they are heard
            logger=logger,
        )
        app.event(_ANYTHING)(self._event)
        app.command(_ANYTHING)(self._command)
        app.shortcut(events.SHORTCUT)(self._shortcut)
        app.action(events.ASK)(self._ask)
        app.action(_ANYTHING)(self._press)
        app.view(events.MODAL)(self._submit)
        return app

    async def _event(self, body: Body) -> None:
        if incoming := events.from_event(body, self._workspace.identity.user):
            await self._take(incoming)

    async def _command(self, ack: AsyncAck, body: Body) -> None:
        incoming = events.from_command(body, time.time())
        if told := await self._mind.aside(incoming):
            await ack(text=escaped(told), blocks=aside(told))
        elif wrong := events.wrong_with(incoming):
            await ack(text=escaped(wrong))
        else:
            await self._take(incoming)
            await ack()

    async def _shortcut(self, ack: AsyncAck, body: Body) -> None:
        incoming = events.from_shortcut(body)
        if incoming:
            await self._take(incoming)
        await ack()
        if not incoming:
            await self._client.respond(str(body.get("response_url", "")), _NO_LINK)

    async def _ask(self, ack: AsyncAck, body: Body) -> None:
        """The form has to be opened at once: what it is opened with lives for three seconds."""
        form = events.question_form(events.pressed_in(body))
        try:
            await self._client.call("views.open", {"trigger_id": body["trigger_id"], "view": form})
        except SurfaceError as error:
            _log.warning("no form", error=repr(error))
        await ack()

    async def _press(self, ack: AsyncAck, body: Body) -> None:
        await self._take(events.from_press(body))
        await ack()

    async def _submit(self, ack: AsyncAck, body: Body) -> None:
        incoming = events.from_submission(body, time.time())
        if incoming.text:
            await self._take(incoming)
        await ack()

    async def _take(self, incoming: Incoming) -> None:
        """Whoever comes while its twin is being heard shares what comes of that."""
        if not self._open:
            raise NotListening
        twin = (incoming.key.channel, incoming.message or incoming.event)
        task = self._busy.get(twin)
        if task is None:
            task = asyncio.create_task(self._heard(incoming), name=f"hear {incoming.event}")
            self._busy[twin] = task
            task.add_done_callback(lambda _: self._busy.pop(twin, None))
        await asyncio.shield(task)

    async def _heard(self, incoming: Incoming) -> None:
        if not (incoming.key.thread and incoming.message):
            await self._mind.hear(incoming)
            return
        async with self._lines.turn(incoming.key, incoming.message):
            await self._mind.hear(incoming)


def _authorize(workspace: Workspace) -> Callable[..., Awaitable[AuthorizeResult]]:
    """Without asking Slack at every event; a function, since bolt calls no methods here."""

    async def authorize() -> AuthorizeResult:
        me = workspace.identity
        return AuthorizeResult(
            enterprise_id=None,
            team_id=me.team,
            bot_user_id=me.user,
            bot_id=me.bot,
            bot_token=workspace.client.web.token,
        )

    return authorize


async def _is_object(request: web.Request) -> bool:
    try:
        return isinstance(await request.json(), dict)
    except ValueError:
        return False
