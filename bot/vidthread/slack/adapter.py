"""Slack as one of the adapters."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TypeVar

from vidthread.adapter import Adapter, House, Mounted
from vidthread.assistant import Assistant
from vidthread.surface import Incoming, RateLimited, SurfaceUnreachable
from youtube_analysis.errors import VideoAnalysisError
from youtube_analysis.logging import get_logger

from .client import NotThere, Refused, SlackClient, session, web_client
from .listening import Ears
from .pacing import PER_MINUTE, Pacer
from .streams import Streams
from .surface import Workspace
from .transport import SlackTransport

_log = get_logger(__name__)
Result = TypeVar("Result")
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0


class CannotConnect(VideoAnalysisError):
    code = "cannot_connect"


class _Mind:
    """The assistant, as far as Slack's events go."""

    def __init__(self, assistant: Assistant, transport: SlackTransport) -> None:
        self._assistant = assistant
        self._transport = transport

    async def hear(self, incoming: Incoming) -> None:
        await self._assistant.hear(incoming, self._transport)

    async def aside(self, incoming: Incoming) -> str | None:
        admin = await self._transport.is_admin(incoming)
        return await self._assistant.aside(replace(incoming, admin=admin))


def slack(
    per_minute: Mapping[str, float] = PER_MINUTE,
    *,
    pace: float = 1.0,
    ping_interval: float = 10.0,
    streams: Streams | None = None,
) -> Adapter:
    """`per_minute` are the calls that Slack allows, by method; `pace` the seconds between two
    edits of one message."""

    @asynccontextmanager
    async def opened(house: House) -> AsyncIterator[Mounted]:
        settings = house.settings
        async with session() as http:
            web = web_client(settings.slack_bot_token or "", settings.slack_api_url, http)
            client = SlackClient(web, http, Pacer(per_minute))
            workspace = Workspace(client, streams=streams or Streams(), pace=pace)
            transport = SlackTransport(workspace)
            secret = settings.slack_signing_secret or ""
            ears = Ears(workspace, _Mind(house.assistant, transport), secret)
            if secret:
                house.server.mount(ears.routes(), open_=True)

            async def connect() -> None:
                await _identify(workspace)
                # What came before is taken up before anything new is heard.
                await house.assistant.resume(transport)
                ears.open()
                if settings.slack_app_token:
                    await _check_app_token(workspace.client, settings.slack_app_token)
                    await ears.connect(settings.slack_app_token, ping_interval=ping_interval)

            try:
                yield Mounted(transport.platform, connect)
            finally:
                await ears.close()

    return opened


async def _identify(workspace: Workspace) -> None:
    try:
        workspace.identity = await _insist(workspace.client.identify)
    except (NotThere, Refused) as error:
        raise CannotConnect(f"Slack refuses SLACK_BOT_TOKEN ({error}). Look it up anew.") from error


async def _check_app_token(client: SlackClient, app_token: str) -> None:
    """The SDK would try for ever with one that is wrong."""
    try:
        await _insist(lambda: client.open_connection(app_token))
    except (NotThere, Refused) as error:
        raise CannotConnect(f"Slack refuses SLACK_APP_TOKEN ({error}). Look it up anew.") from error


async def _insist(work: Callable[[], Awaitable[Result]]) -> Result:
    """Until Slack answers, however long that takes."""
    wait = _FIRST_WAIT
    while True:
        try:
            return await work()
        except (SurfaceUnreachable, RateLimited) as error:
            _log.warning("Slack is not reached yet", error=repr(error), waits=wait)
            await asyncio.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)
