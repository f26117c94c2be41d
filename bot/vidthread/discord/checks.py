"""What an admin can mend on Discord, found out over its HTTP API: nothing is connected for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import discord
from discord.http import Route

from vidthread.adapter import Check
from vidthread.config import BotSettings

from .places import missing_of_all, needed

_LONGEST_WAIT = 30.0
_PAGE = 200
_MOST_NAMED = 10
_PORTAL = "the developer portal, under Bot"
_UNREACHABLE = (aiohttp.ClientError, OSError, TimeoutError, discord.DiscordException)


async def examine(settings: BotSettings, token: str) -> AsyncIterator[Check]:
    Route.BASE = settings.discord_api_url
    try:
        async with asyncio.timeout(_LONGEST_WAIT):
            checks = await _examined(settings, token)
    except discord.LoginFailure:
        yield Check(
            "discord", f"Discord does not accept DISCORD_TOKEN. Copy it again from {_PORTAL}."
        )
    except _UNREACHABLE as error:
        cause = str(error) or type(error).__name__
        yield Check(
            "discord",
            f"{settings.discord_api_url}: Discord cannot be asked ({cause}). Check the network of "
            "this machine and DISCORD_API_URL, or try again later.",
        )
    else:
        for check in checks:
            yield check


async def _examined(settings: BotSettings, token: str) -> list[Check]:
    async with discord.Client(intents=discord.Intents.none()) as client:
        await client.login(token)
        application = client.application
        if client.user is None or application is None:
            raise discord.ClientException("it does not tell who we are")
        invitation = discord.utils.oauth_url(application.id, permissions=needed())
        guilds = await _guilds(client)
        return [
            Check("discord", detail=f"the token is that of {client.user}"),
            _application(application),
            _message_content(settings.discord_message_content, application.flags),
            await _commands(client, application.id),
            *_permissions(guilds, invitation),
            Check("discord invite link", detail=invitation),
        ]


def _application(application: discord.AppInfo) -> Check:
    """Two of its settings keep a bot like ours from working, in silence."""
    name, where = "discord application", "In the developer portal, "
    if application.interactions_endpoint_url:
        return Check(
            name,
            "Commands are sent to an Interactions Endpoint URL and never reach Vidthread. "
            f"{where}under General Information, empty that field.",
        )
    if application.bot_require_code_grant:
        return Check(
            name,
            "The invite link cannot work while Requires OAuth2 Code Grant is on. "
            f"{where}under Bot, turn it off.",
        )
    who = "anybody" if application.bot_public else "its owner alone"
    return Check(name, detail=f"{application.name}; {who} can invite it")


def _message_content(wanted: str, flags: discord.ApplicationFlags) -> Check:
    name = "discord message content"
    granted = flags.gateway_message_content or flags.gateway_message_content_limited
    if wanted == "on" and not granted:
        return Check(
            name,
            "DISCORD_MESSAGE_CONTENT is on, but the Message Content Intent is off. Turn it on in "
            f"{_PORTAL}, or set DISCORD_MESSAGE_CONTENT=auto.",
        )
    if wanted == "off":
        return Check(name, detail="not read, as DISCORD_MESSAGE_CONTENT says")
    if granted:
        return Check(name, detail="plain messages in threads are read")
    return Check(
        name,
        detail="not read: people mention the bot, reply to it, press Ask or write /ask. To let "
        f"them just write, turn on the Message Content Intent in {_PORTAL}",
    )


async def _commands(client: discord.Client, application: int) -> Check:
    found = await client.http.get_global_commands(application)
    names = sorted(f"/{told['name']}" for told in found if told.get("type", 1) == 1)
    listed = ", ".join(names) or "none yet; `vidthread run` registers them when it starts"
    return Check("discord commands", detail=listed)


async def _guilds(client: discord.Client) -> list[Mapping[str, Any]]:
    guilds: list[Mapping[str, Any]] = []
    while True:
        after = int(guilds[-1]["id"]) if guilds else None
        page = await client.http.get_guilds(_PAGE, after=after, with_counts=False)
        guilds += page
        if len(page) < _PAGE:
            return guilds


def _permissions(guilds: list[Mapping[str, Any]], invitation: str) -> list[Check]:
    """What the roles of a server grant; that a channel takes something away is told there."""
    name = "discord servers"
    if not guilds:
        return [Check(name, f"The bot is in no server. Invite it: {invitation}")]
    lacks = [(guild["name"], missing_of_all(_granted(guild))) for guild in guilds]
    lacking = [(server, names) for server, names in lacks if names]
    checks = [Check(name, _lacking(server, names)) for server, names in lacking[:_MOST_NAMED]]
    if more := len(lacking) - len(checks):
        checks.append(Check(name, f"In {more} more the bot lacks permissions, too."))
    return checks or [Check(name, detail=f"{len(guilds)}, with every permission in each")]


def _granted(guild: Mapping[str, Any]) -> discord.Permissions:
    granted = discord.Permissions(int(guild["permissions"]))
    return discord.Permissions.all() if granted.administrator else granted


def _lacking(server: str, names: tuple[str, ...]) -> str:
    named = ", ".join(names)
    return (
        f"In “{server}” the bot lacks {named}. Give them to its role under Server Settings, Roles, "
        "or open the invite link once more."
    )
