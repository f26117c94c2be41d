"""Slack as one of the adapters."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from vidthread.adapter import Adapter, House
from vidthread.surface import Incoming, RateLimited, SurfaceUnreachable, Transport
from youtube_analysis.errors import VideoAnalysisError

from .client import NotThere, Refused, SlackClient, session, web_client
from .listening import Ears
from .pacing import PER_MINUTE, Pacer
from .surface import Workspace
from .transport import SlackTransport


class CannotConnect(VideoAnalysisError):
    code = "cannot_connect"


def slack(
    per_minute: Mapping[str, float] = PER_MINUTE, *, pace: float = 1.0, ping_interval: float = 10.0
) -> Adapter:
    """`per_minute` are the calls that Slack allows, by method."""

    @asynccontextmanager
    async def opened(house: House) -> AsyncIterator[Transport]:
        async with AsyncExitStack() as stack:
            settings = house.settings
            http = await stack.enter_async_context(session())
            web = web_client(settings.slack_bot_token or "", settings.slack_api_url, http)
            client = SlackClient(web, http, Pacer(per_minute))
            workspace = await _workspace(client, pace)
            transport = SlackTransport(workspace)

            async def hear(incoming: Incoming) -> None:
                await house.assistant.hear(incoming, transport)

            secret = settings.slack_signing_secret or ""
            ears = Ears(client, workspace.identity, hear, secret)
            stack.push_async_callback(ears.close)
            # What came before is taken up before anything new is heard.
            await house.assistant.resume(transport)
            if secret:
                house.server.mount(ears.routes(), open_=True)
            if settings.slack_app_token:
                await _check_app_token(client, settings.slack_app_token)
                await ears.connect(settings.slack_app_token, ping_interval=ping_interval)
            yield transport

    return opened


async def _workspace(client: SlackClient, pace: float) -> Workspace:
    try:
        return Workspace(client, await client.identify(), pace=pace)
    except (NotThere, Refused) as error:
        raise CannotConnect(f"Slack refuses SLACK_BOT_TOKEN ({error}). Look it up anew.") from error
    except (SurfaceUnreachable, RateLimited) as error:
        told = f"Slack cannot be reached at {client.web.base_url}. Check SLACK_API_URL."
        raise CannotConnect(told) from error


async def _check_app_token(client: SlackClient, app_token: str) -> None:
    """The SDK would try for ever with one that is wrong."""
    try:
        await client.open_connection(app_token)
    except (NotThere, Refused) as error:
        raise CannotConnect(f"Slack refuses SLACK_APP_TOKEN ({error}). Look it up anew.") from error
    except (SurfaceUnreachable, RateLimited):
        return  # the SDK goes on trying
