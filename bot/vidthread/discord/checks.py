"""What an admin can mend on Discord, found out over its HTTP API: nothing is connected for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import discord
from discord import app_commands

from vidthread.adapter import Check
from vidthread.config import BotSettings
from vidthread.sentences import say, say_count

from .connection import AWAY, point_to
from .places import invite_link, missing

_LONGEST_WAIT = 30.0
_MOST_ASKED, _MOST_NAMED = 200, 10


async def examine_discord(settings: BotSettings, token: str) -> AsyncIterator[Check]:
    point_to(settings.discord_api_url)
    try:
        async with asyncio.timeout(_LONGEST_WAIT):
            checks = await _examined(settings, token)
    except discord.LoginFailure:
        yield Check("discord", say("discord.bad_token"))
    except AWAY as error:
        cause = str(error) or type(error).__name__
        told = say("discord.away", address=settings.discord_api_url, cause=cause)
        yield Check("discord", told)
    else:
        for check in checks:
            yield check


async def _examined(settings: BotSettings, token: str) -> list[Check]:
    async with discord.Client(intents=discord.Intents.none()) as client:
        await client.login(token)
        application = await client.application_info()
        invitation = invite_link(application.id)
        return [
            Check("discord", detail=say("discord.token", user=client.user)),
            _application(application),
            _message_content(settings.discord_message_content, application.flags),
            await _commands(client),
            *await _permissions(client, invitation),
            Check("discord invite link", detail=invitation),
        ]


def _application(application: discord.AppInfo) -> Check:
    """Two of its settings keep a bot like ours from working, in silence."""
    name = "discord application"
    if application.interactions_endpoint_url:
        return Check(name, say("discord.endpoint"))
    if application.bot_require_code_grant:
        return Check(name, say("discord.code_grant"))
    who = "discord.public" if application.bot_public else "discord.private"
    return Check(name, detail=say(who, name=application.name))


def _message_content(wanted: str, flags: discord.ApplicationFlags) -> Check:
    name = "discord message content"
    granted = flags.gateway_message_content or flags.gateway_message_content_limited
    if wanted == "on" and not granted:
        return Check(name, say("discord.content_refused"))
    if wanted == "off":
        return Check(name, detail=say("discord.content_off"))
    return Check(name, detail=say("discord.content" if granted else "discord.content_not_granted"))


async def _commands(client: discord.Client) -> Check:
    found = await app_commands.CommandTree(client).fetch_commands()
    slash = (command for command in found if command.type is discord.AppCommandType.chat_input)
    names = sorted(f"/{command.name}" for command in slash)
    listed = ", ".join(names) or say("discord.no_commands")
    return Check("discord commands", detail=listed)


async def _permissions(client: discord.Client, invitation: str) -> list[Check]:
    """What the roles grant in as many servers as one request tells of; that a channel takes
    something away is told there."""
    name = "discord servers"
    # discord.py has a public way to the servers, but not to what is granted there.
    guilds = await client.http.get_guilds(_MOST_ASKED, with_counts=False)
    if not guilds:
        return [Check(name, say("discord.no_server", address=invitation))]
    checks = []
    for guild in guilds:
        granted = discord.Permissions(int(guild["permissions"]))
        if not granted.administrator and (lacks := missing(granted)):
            told = say("discord.lacks", server=guild["name"], permissions=", ".join(lacks))
            checks.append(Check(name, told))
    if more := len(checks[_MOST_NAMED:]):
        checks[_MOST_NAMED:] = [Check(name, say_count("discord.more_lack", more))]
    all_told = "discord.servers" if len(guilds) < _MOST_ASKED else "discord.first_servers"
    return checks or [Check(name, detail=say_count(all_told, len(guilds)))]
