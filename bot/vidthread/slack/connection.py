"""Slack as one of the adapters: its connection, from the tokens to the end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

from vidthread.adapter import Adapter, House, Mounted
from vidthread.surface import RateLimited, SurfaceError, SurfaceUnreachable
from youtube_analysis.errors import VideoAnalysisError
from youtube_analysis.logging import get_logger

from .client import SlackClient, TokenRefused, open_session
from .listener import Listener
from .thread_surface import PACE, PER_MINUTE, Workspace
from .transport import SlackTransport

_log = get_logger(__name__)
Result = TypeVar("Result")
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0
_PING_INTERVAL = 10.0
_CONNECT_WITHIN = 20.0
# The SDK connects anew by itself; where it has not for so many pings, we take another socket.
_MOST_MISSED = 2
_BOT_TOKEN, _APP_TOKEN = "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"


class CannotConnect(VideoAnalysisError):
    code = "cannot_connect"


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
            workspace = Workspace(client, pace, per_minute, clock)
            connection = Connection(house, workspace, ping_interval)
            try:
                yield Mounted(connection.transport.platform, connection.open, lost=connection.lost)
            finally:
                await connection.close()

    return opened


class Connection:
    """Signed requests, or one socket after the other: whatever ends one that nobody foresaw,
    another one is opened."""

    def __init__(
        self,
        house: House,
        workspace: Workspace,
        ping_interval: float,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._house = house
        self._client = workspace.client
        self._workspace = workspace
        self._ping_interval = ping_interval
        self._sleep = sleep
        self.transport = SlackTransport(workspace)
        secret = house.settings.slack_signing_secret or ""
        self._listener = Listener(house.assistant, self.transport, secret)
        if secret:
            house.server.mount(self._listener.routes(), open_=True)
        self._connected = asyncio.Event()
        self._running: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Returns when Slack can reach us, however long it is away before that. Raises
        CannotConnect where it refuses a token."""
        self._workspace.identity = await self._insist(_BOT_TOKEN, self._client.identify)
        # What came before is taken up before anything new is heard.
        await self._house.assistant.resume(self.transport)
        self._listener.listens = True
        if app_token := self._house.settings.slack_app_token:
            self._running = asyncio.create_task(
                self._keep_connected(app_token), name="slack socket"
            )
            await self._first_of(self._connected, self._running)

    async def lost(self) -> None:
        """Waits for as long as Slack has us. Raises CannotConnect when it does not any more."""
        await self._first_of(self._client.token_refused, self._running)
        await self.close()
        raise _refused(_BOT_TOKEN, "it was revoked")

    async def close(self) -> None:
        """Hears no more."""
        self._listener.listens = False
        if self._running:
            self._running.cancel()
            await asyncio.wait([self._running])

    async def _first_of(self, event: asyncio.Event, running: asyncio.Task[None] | None) -> None:
        """Waits for the event. Raises what ends the socket before."""
        waiting = asyncio.create_task(event.wait(), name="wait for slack")
        both: set[asyncio.Task[Any]] = {waiting, running} if running else {waiting}
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        if running and running.done():
            await running

    async def _keep_connected(self, app_token: str) -> None:
        """Raises CannotConnect where Slack wants us no more; any other end is a new beginning."""
        clock, wait = self._workspace.clock, _FIRST_WAIT
        while True:
            # The SDK would try for ever with a token that is refused.
            url = await self._insist(_APP_TOKEN, lambda: self._client.open_connection(app_token))
            began = clock()
            try:
                await self._listen(app_token, url)
                _log.warning("slack socket ended, opening another", wait=wait)
            except Exception:  # noqa: BLE001 - said below
                # The edge of the adapter: what nobody foresaw ends one socket, not the bot.
                _log.exception("slack socket failed, opening another", wait=wait)
            if clock() - began > _LONGEST_WAIT:
                wait = _FIRST_WAIT
            await self._sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)

    async def _listen(self, app_token: str, url: str) -> None:
        """Hears what comes over a socket, and those by which the SDK replaces it, until it cannot
        any more."""
        socket = AsyncSocketModeHandler(
            self._listener.app, app_token, web_client=self._client.web,
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
        """Asks until Slack answers, however long that takes. Raises CannotConnect for a refusal."""
        wait = _FIRST_WAIT
        while True:
            try:
                return await work()
            except TokenRefused as error:
                raise _refused(setting, str(error)) from error
            except RateLimited as limited:
                wait = max(wait, limited.retry_after)
            except SurfaceUnreachable as error:
                _log.warning("slack not reachable, trying again", cause=repr(error), wait=wait)
            except SurfaceError as error:
                raise _refused(setting, str(error)) from error
            await self._sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)


def _refused(setting: str, why: str) -> CannotConnect:
    return CannotConnect(f"Slack refuses {setting} ({why}). Copy it again.")
