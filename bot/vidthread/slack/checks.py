"""What can be known about Slack before it is used, for `vidthread doctor`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple

from vidthread.config import BotSettings
from vidthread.surface import SurfaceError

from .client import SlackClient, session, web_client
from .pacing import Pacer

# Those of deploy/slack-manifest.yaml.
SCOPES = frozenset(
    "app_mentions:read channels:history chat:write commands files:read files:write "
    "groups:history im:history users:read".split()
)
_ALONE = "SLACK_BOT_TOKEN is set, but neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET: set one."
_NO_BOT = "SLACK_APP_TOKEN or SLACK_SIGNING_SECRET is set, but not SLACK_BOT_TOKEN: set it."


class Finding(NamedTuple):
    """`problem` says what is wrong and what to do, None where all is well."""

    name: str
    problem: str | None = None
    told: str = ""


async def examine_slack(settings: BotSettings) -> AsyncIterator[Finding]:
    """Nothing where nothing of Slack is set."""
    hears = settings.slack_app_token or settings.slack_signing_secret
    if settings.slack_bot_token is None:
        if hears:
            yield Finding("slack token", _NO_BOT)
        return
    async with session() as http:
        web = web_client(settings.slack_bot_token, settings.slack_api_url, http)
        client = SlackClient(web, http, Pacer())
        for finding in await _token(client):
            yield finding
        if settings.slack_app_token:
            yield await _socket(client, settings.slack_app_token)
    if not hears:
        yield Finding("slack events", _ALONE)
    elif settings.slack_signing_secret:
        where = f"{settings.web_host}:{settings.web_port}/slack/events"
        yield Finding("slack events", told=f"taken at {where}; Slack has to reach it by https")


async def _token(client: SlackClient) -> list[Finding]:
    try:
        me = await client.identify()
        granted = await client.granted_scopes()
    except SurfaceError as error:
        return [Finding("slack token", _refused("SLACK_BOT_TOKEN", client, error))]
    found = [Finding("slack token", told=f"bot {me.user} in workspace {me.team}")]
    if missing := sorted(SCOPES - granted):
        problem = (
            f"missing: {', '.join(missing)}. Add them under OAuth & Permissions, "
            "then install the app again."
        )
        return [*found, Finding("slack scopes", problem)]
    return [*found, Finding("slack scopes", told="all there")]


async def _socket(client: SlackClient, app_token: str) -> Finding:
    try:
        await client.open_connection(app_token)
    except SurfaceError as error:
        return Finding("slack socket", _refused("SLACK_APP_TOKEN", client, error))
    return Finding("slack socket", told="Socket Mode is open to this app")


def _refused(name: str, client: SlackClient, error: SurfaceError) -> str:
    return f"{name} at {client.web.base_url}: {error}. Look it up anew, as in deploy/slack.md."
