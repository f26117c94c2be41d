"""Bolt: what Slack sends is heard, written down, and only then acknowledged."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier

from vidthread.assistant import Assistant
from vidthread.commands import Rate
from vidthread.sentences import say, speak
from vidthread.surface import Block, Incoming, SurfaceError
from vidthread.thread_key import ThreadKey
from youtube_analysis.logging import get_logger

from . import events, interactions
from .layout import blocks, escaped, fallback
from .thread_surface import SlackWorkspace
from .transport import SlackTransport

_log = get_logger(__name__)
_ANYTHING = re.compile(r".*", re.DOTALL)
_PATHS = ("/slack/events", "/slack/interactive", "/slack/commands")
_LARGEST_REQUEST = 2**20

Body = dict[str, Any]


class NotListening(Exception):
    """We are not connected yet, or not any more; Slack is to send this again."""


class SlackListener:
    """Everything that Slack sends, over a socket or by signed requests. What is raised while an
    event is heard leaves it without an acknowledgement, so that Slack sends it again."""

    def __init__(self, assistant: Assistant, transport: SlackTransport, secret: str) -> None:
        self._assistant = assistant
        self._transport = transport
        self._client = transport.workspace.client
        self._signature = SignatureVerifier(secret) if secret else None
        self.listens = False
        """Whether events are heard; before and after, Slack is told to send them again."""
        self.app = self._bolt(secret)

    def routes(self) -> Iterable[web.RouteDef]:
        return [web.post(path, self._receive) for path in _PATHS]

    async def _receive(self, request: web.Request) -> web.Response:
        if not self.listens:
            return web.Response(status=503)
        if (request.content_length or _LARGEST_REQUEST + 1) > _LARGEST_REQUEST:
            return web.Response(status=413)
        # Before anybody decodes it or takes it apart, which fails of what Slack would never send.
        if not self._is_signed(await request.read(), request.headers):
            _log.warning("not signed by Slack: check SLACK_SIGNING_SECRET and this machine's clock")
            return web.Response(status=401)
        if (request.charset or "utf-8").casefold() != "utf-8":
            return web.Response(status=415)
        if request.content_type == "application/json" and not await _is_object(request):
            return web.Response(status=400)
        return await to_aiohttp_response(
            await self.app.async_dispatch(await to_bolt_request(request))
        )

    def _is_signed(self, body: bytes, headers: Mapping[str, str]) -> bool:
        try:
            return bool(self._signature and self._signature.is_valid_request(body, {**headers}))
        except (ValueError, TypeError):  # no number, no ASCII, no UTF-8
            return False

    def _bolt(self, secret: str) -> AsyncApp:
        logger = logging.getLogger("slack_bolt.vidthread")
        logger.setLevel(logging.ERROR)  # it warns of settings that are meant
        logger.addFilter(_without_trace)
        app = AsyncApp(
            # Bolt gives our level and filter to the logger of this name: it must not be ours.
            name="slack_bolt.vidthread",
            client=self._client.web,
            signing_secret=secret,
            authorize=_authorize(self._transport.workspace),
            process_before_response=True,  # bolt would acknowledge events before they are heard
            logger=logger,
        )
        app.event(_ANYTHING)(self._event)
        app.command(_ANYTHING)(self._command)
        app.shortcut(interactions.SHORTCUT)(self._shortcut)
        app.action(interactions.ASK)(self._ask)
        app.action(interactions.RATED)(self._rate)
        app.action(_ANYTHING)(self._press)
        app.view(interactions.MODAL)(self._submit)
        app.view(interactions.REASONS)(self._submit_reason)
        return app

    async def _event(self, body: Body) -> None:
        if gone := events.deleted_by(body):
            await self._forget(*gone)
        elif opened := events.opened_by(body):
            await self._transport.suggest(*opened)
        elif stopped := events.stopped_by(body):
            await self._take(stopped)
            self._transport.workspace.agent.rest(stopped.key)
        elif incoming := events.from_event(body, self._transport.workspace.identity.user):
            await self._take(incoming)

    async def _command(self, ack: AsyncAck, body: Body) -> None:
        incoming = interactions.from_command(body, time.time())
        await self._speak_as(incoming.author)
        if told := await self._aside(incoming):
            await ack(text=fallback(told), blocks=blocks(told))
        elif wrong := interactions.wrong_with(incoming):
            await ack(text=escaped(wrong))
        else:
            await self._take(incoming)
            await ack(text=escaped(say("slack.reading")))

    async def _shortcut(self, ack: AsyncAck, body: Body) -> None:
        incoming = interactions.from_shortcut(body)
        if incoming:
            await self._take(incoming)
        await ack()
        if not incoming:
            await self._speak_as(str(body["user"]["id"]))
            told = {"text": say("refused.no_link")}
            await self._client.respond(str(body.get("response_url", "")), told)

    async def _ask(self, ack: AsyncAck, body: Body) -> None:
        await self._speak_as(str(body["user"]["id"]))
        await self._open(body, interactions.question_form(interactions.pressed_in(body)))
        await ack()

    async def _rate(self, ack: AsyncAck, body: Body) -> None:
        """What was wrong is asked; that something was is kept even where nobody tells what."""
        incoming = interactions.from_press(body)
        match incoming.command:
            case Rate(reply, good=False):
                await self._speak_as(incoming.author)
                await self._open(body, interactions.reason_form(incoming.key, reply))
                await self._aside(incoming)
                await ack()
            case _:
                await self._thank(ack, incoming)

    async def _submit_reason(self, ack: AsyncAck, body: Body) -> None:
        await self._thank(ack, interactions.from_reason(body, time.time()))

    async def _thank(self, ack: AsyncAck, incoming: Incoming) -> None:
        """Once it is kept: in the thread, where a `response_url` does not lead."""
        key, told = incoming.key, await self._aside(incoming) or ()
        await ack()
        sent = {"channel": key.channel, "thread_ts": key.thread, "user": incoming.author,
                "text": fallback(told)}  # fmt: skip
        try:
            await self._client.call("chat.postEphemeral", sent)
        except SurfaceError as error:
            _log.warning("nobody told", channel=key.channel, error=repr(error))

    async def _open(self, body: Body, form: dict[str, Any]) -> None:
        """At once: what a form is opened with lives for three seconds."""
        try:
            await self._client.call("views.open", {"trigger_id": body["trigger_id"], "view": form})
        except SurfaceError as error:
            _log.warning("no form", error=repr(error))

    async def _press(self, ack: AsyncAck, body: Body) -> None:
        incoming, ours_alone = interactions.from_press(body), body["container"].get("is_ephemeral")
        if ours_alone and (told := await self._aside(incoming)):
            shown = {"text": fallback(told), "blocks": blocks(told)}
            await self._client.respond(str(body.get("response_url", "")), shown)
        else:
            await self._take(incoming)
        await ack()

    async def _submit(self, ack: AsyncAck, body: Body) -> None:
        incoming = interactions.from_submission(body, time.time())
        if incoming.text:
            await self._take(incoming)
        await ack()

    async def _take(self, incoming: Incoming) -> None:
        """Returns when the event is safe."""
        if not self.listens:
            raise NotListening
        await self._assistant.hear(incoming, self._transport)

    async def _forget(self, place: ThreadKey, message: str) -> None:
        if not self.listens:
            raise NotListening
        await self._assistant.forgetting.message(place, message, self._transport)

    async def _speak_as(self, user: str) -> None:
        speak(await self._transport.locale_of(user))

    async def _aside(self, incoming: Incoming) -> tuple[Block, ...] | None:
        """For whoever called a command, None where it concerns a video."""
        admin, locale = (
            await self._transport.is_admin(incoming),
            await self._transport.locale(incoming),
        )
        return await self._assistant.aside(replace(incoming, admin=admin, locale=locale))


def _without_trace(record: logging.LogRecord) -> bool:
    """A connection that ends while an acknowledgement goes out is a line, not a page: Slack sends
    the event again."""
    if record.exc_info and isinstance(record.exc_info[1], OSError):
        record.exc_info = None
    return True


def _authorize(workspace: SlackWorkspace) -> Callable[..., Awaitable[AuthorizeResult]]:
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
