"""Slack as one of the adapters: its connection, from the tokens to the end, and what can be known
of it before."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

from vidthread.adapter import (
    Adapter,
    CannotConnect,
    Check,
    House,
    Mounted,
    Sleep,
    keep_connected,
    until_reached,
    until_set,
)
from vidthread.config import BotSettings
from vidthread.presenter import SharedPace
from vidthread.sentences import say
from vidthread.surface import RateLimited, SurfaceError, SurfaceUnreachable
from youtube_analysis.logging import get_logger

from .client import Identity, SlackClient, TokenRefused, open_session
from .events import PLATFORM
from .listener import SlackListener
from .thread_surface import PACE, PER_MINUTE, SlackWorkspace
from .transport import SlackTransport

_log = get_logger(__name__)
Result = TypeVar("Result")
_LONGEST_WAIT = 30.0
_PING_INTERVAL = 10.0
_CONNECT_WITHIN = 20.0
# The SDK connects anew by itself; where it has not for so many pings, we take another socket.
_MOST_MISSED = 2
_BOT_TOKEN, _APP_TOKEN = "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"
# Together those of deploy/slack-manifest.yaml: what we cannot do without, and what came later, for
# the features of agents.
SCOPES = frozenset(
    "app_mentions:read channels:history chat:write commands files:read files:write "
    "groups:history im:history users:read".split()
)
AGENT_SCOPES = frozenset({"assistant:write"})


def slack_adapter(
    per_minute: Mapping[str, float] = PER_MINUTE,
    *,
    pace: float = PACE,
    ping_interval: float = _PING_INTERVAL,
    clock: Callable[[], float] = time.monotonic,
) -> Adapter:
    """`per_minute` are the edits that Slack allows, by method; `pace` the seconds between two
    edits of one message."""

    @asynccontextmanager
    async def opened(house: House) -> AsyncIterator[Mounted]:
        settings = house.settings
        async with open_session() as http:
            client = SlackClient(settings.slack_bot_token or "", settings.slack_api_url, http)
            workspace = SlackWorkspace(client, SharedPace(pace, clock), per_minute, clock=clock)
            connection = SlackConnection(house, workspace, ping_interval)
            try:
                yield Mounted(PLATFORM, connection.open, lost=connection.lost)
            finally:
                await connection.close()

    return opened


class SlackConnection:
    """Signed requests, or one socket after the other."""

    def __init__(
        self,
        house: House,
        workspace: SlackWorkspace,
        ping_interval: float = _PING_INTERVAL,
        *,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._house = house
        self._client = workspace.client
        self._workspace = workspace
        self._ping_interval = ping_interval
        self._sleep = sleep
        self._transport = SlackTransport(workspace)
        secret = house.settings.slack_signing_secret or ""
        self._listener = SlackListener(house.assistant, self._transport, secret)
        if secret:
            house.server.mount(self._listener.routes(), open_=True)
        self._connected = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Returns when Slack can reach us, however long it is away before that. Raises
        CannotConnect where it refuses a token."""
        self._workspace.identity = me = await self._insist(_BOT_TOKEN, self._client.identify)
        self._check_scopes(me)
        # What came before is taken up before anything new is heard.
        await self._house.assistant.resume(self._transport)
        self._listener.listens = True
        if self._house.settings.slack_app_token:
            staying = keep_connected(
                self._session, _LONGEST_WAIT, self._sleep, self._workspace.clock
            )
            self._running = asyncio.create_task(staying, name="slack socket")
            await until_set(self._connected, self._running)

    def _check_scopes(self, me: Identity) -> None:
        granted = frozenset() if me.scopes is None else me.scopes
        self._workspace.agent.is_agent = granted >= AGENT_SCOPES
        if missing := SCOPES - granted if granted else ():
            _log.warning("scopes missing", scopes=sorted(missing))
        if new := AGENT_SCOPES - granted:
            _log.info("without suggested prompts, titles and native stop", scopes=sorted(new))

    async def lost(self) -> None:
        """Waits for as long as Slack has us. Raises CannotConnect when it does not any more."""
        await until_set(self._client.token_refused, self._running)
        await self.close()
        raise _refused(_BOT_TOKEN, say("slack.revoked"))

    async def close(self) -> None:
        """Hears no more."""
        self._listener.listens = False
        if self._running:
            self._running.cancel()
            await asyncio.wait([self._running])
        await self._workspace.agent.close()

    async def _session(self) -> None:
        """Hears what comes over a socket, and those by which the SDK replaces it, until it cannot
        any more. Raises CannotConnect."""
        token = self._house.settings.slack_app_token or ""
        # The SDK would try for ever with a token that is refused.
        url = await self._insist(_APP_TOKEN, lambda: self._client.open_connection(token))
        socket = AsyncSocketModeHandler(
            self._listener.app, token, web_client=self._client.web,
            ping_interval=self._ping_interval,
        )  # fmt: skip
        sdk: Any = socket.client  # partly untyped
        sdk.wss_uri = url
        missed = 0
        try:
            async with asyncio.timeout(_CONNECT_WITHIN):
                await sdk.connect()
            self._connected.set()
            while missed < _MOST_MISSED and not sdk.message_processor.done():
                await asyncio.wait([sdk.message_processor], timeout=self._ping_interval)
                missed = 0 if await sdk.is_connected() else missed + 1
        except TimeoutError:
            _log.warning("no connection to the socket in time")
        finally:
            with suppress(OSError, RuntimeError, aiohttp.ClientError):
                await sdk.close()

    async def _insist(self, setting: str, work: Callable[[], Awaitable[Result]]) -> Result:
        """Asks until Slack answers. Raises CannotConnect for a refusal."""

        async def asked() -> Result:
            try:
                return await work()
            except TokenRefused as error:
                raise _refused(setting, str(error)) from error

        try:
            return await until_reached(asked, (SurfaceUnreachable, RateLimited), self._sleep)
        except SurfaceError as error:
            raise _refused(setting, str(error)) from error


def _refused(setting: str, why: str) -> CannotConnect:
    return CannotConnect(say("slack.refused", setting=setting, cause=why))


# --- for `vidthread doctor` ---


async def examine_slack(settings: BotSettings) -> AsyncIterator[Check]:
    hears = settings.slack_app_token or settings.slack_signing_secret
    if settings.slack_bot_token is None:
        yield Check("slack token", say("slack.no_bot_token"))
        return
    async with open_session() as http:
        client = SlackClient(settings.slack_bot_token, settings.slack_api_url, http)
        for check in await _token_checks(client):
            yield check
        if settings.slack_app_token:
            yield await _socket_check(client, settings.slack_app_token)
    if not hears:
        yield Check("slack events", say("slack.no_app_token"))
    elif settings.slack_signing_secret:
        where = f"{settings.web_host}:{settings.web_port}/slack/events"
        yield Check("slack events", detail=say("slack.events", address=where))


async def _token_checks(client: SlackClient) -> list[Check]:
    try:
        me = await client.identify()
    except SurfaceError as error:
        return [Check("slack token", _refusal(_BOT_TOKEN, client, error))]
    found = [Check("slack token", detail=say("slack.bot", user=me.user, team=me.team))]
    if me.scopes is None:
        return [*found, Check("slack scopes", detail=say("slack.scopes_unknown"))]
    if missing := sorted(SCOPES - me.scopes):
        problem = say("slack.scopes_missing", scopes=", ".join(missing))
        return [*found, Check("slack scopes", problem)]
    if new := sorted(AGENT_SCOPES - me.scopes):
        detail = say("slack.scopes_new", scopes=", ".join(new))
        return [*found, Check("slack scopes", detail=detail)]
    return [*found, Check("slack scopes", detail=say("slack.scopes"))]


async def _socket_check(client: SlackClient, app_token: str) -> Check:
    try:
        await client.open_connection(app_token)
    except SurfaceError as error:
        return Check("slack socket", _refusal(_APP_TOKEN, client, error))
    return Check("slack socket", detail=say("slack.socket"))


def _refusal(name: str, client: SlackClient, error: SurfaceError) -> str:
    return say("slack.check", setting=name, address=client.web.base_url, cause=str(error))
