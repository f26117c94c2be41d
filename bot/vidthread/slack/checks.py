"""What can be known about Slack before it is used, for `vidthread doctor`."""

from __future__ import annotations

from collections.abc import AsyncIterator

from vidthread.adapter import Check
from vidthread.config import BotSettings
from vidthread.surface import SurfaceError

from .client import SlackClient, open_session

# Those of deploy/slack-manifest.yaml.
SCOPES = frozenset(
    "app_mentions:read channels:history chat:write commands files:read files:write "
    "groups:history im:history users:read".split()
)
_ALONE = "SLACK_BOT_TOKEN is set, but neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET: set one."
_NO_BOT = "SLACK_APP_TOKEN or SLACK_SIGNING_SECRET is set, but not SLACK_BOT_TOKEN: set it."


async def examine_slack(settings: BotSettings) -> AsyncIterator[Check]:
    """Nothing where nothing of Slack is set."""
    hears = settings.slack_app_token or settings.slack_signing_secret
    if settings.slack_bot_token is None:
        if hears:
            yield Check("slack token", _NO_BOT)
        return
    async with open_session() as http:
        client = SlackClient(settings.slack_bot_token, settings.slack_api_url, http)
        for finding in await _token(client):
            yield finding
        if settings.slack_app_token:
            yield await _socket(client, settings.slack_app_token)
    if not hears:
        yield Check("slack events", _ALONE)
    elif settings.slack_signing_secret:
        where = f"{settings.web_host}:{settings.web_port}/slack/events"
        yield Check("slack events", detail=f"taken at {where}; Slack has to reach it by https")


async def _token(client: SlackClient) -> list[Check]:
    try:
        me = await client.identify()
    except SurfaceError as error:
        return [Check("slack token", _refused("SLACK_BOT_TOKEN", client, error))]
    found = [Check("slack token", detail=f"bot {me.user} in workspace {me.team}")]
    if me.scopes is None:
        return [*found, Check("slack scopes", detail="not told by Slack")]
    if missing := sorted(SCOPES - me.scopes):
        problem = (
            f"missing: {', '.join(missing)}. Add them under OAuth & Permissions, "
            "then install the app again."
        )
        return [*found, Check("slack scopes", problem)]
    return [*found, Check("slack scopes", detail="all there")]


async def _socket(client: SlackClient, app_token: str) -> Check:
    try:
        await client.open_connection(app_token)
    except SurfaceError as error:
        return Check("slack socket", _refused("SLACK_APP_TOKEN", client, error))
    return Check("slack socket", detail="Socket Mode is open to this app")


def _refused(name: str, client: SlackClient, error: SurfaceError) -> str:
    return f"{name} at {client.web.base_url}: {error}. Copy it again, as in deploy/slack.md."
