"""What an admin can mend on Discord, found out over its HTTP API: nothing is connected for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import discord
from discord import app_commands

from vidthread.adapter import Check
from vidthread.config import BotSettings

from .connection import AWAY, BAD_TOKEN, PORTAL, point_to
from .places import invite_link, missing

_LONGEST_WAIT = 30.0
_MOST_ASKED, _MOST_NAMED = 200, 10


async def examine_discord(settings: BotSettings, token: str) -> AsyncIterator[Check]:
    point_to(settings.discord_api_url)
    try:
        async with asyncio.timeout(_LONGEST_WAIT):
            checks = await _examined(settings, token)
    except discord.LoginFailure:
        yield Check("discord", BAD_TOKEN)
    except AWAY as error:
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
        application = await client.application_info()
        invitation = invite_link(application.id)
        return [
            Check("discord", detail=f"the token is that of {client.user}"),
            _application(application),
            _message_content(settings.discord_message_content, application.flags),
            await _commands(client),
            *await _permissions(client, invitation),
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
            f"{PORTAL}, or set DISCORD_MESSAGE_CONTENT=auto.",
        )
    if wanted == "off":
        return Check(name, detail="not read, as DISCORD_MESSAGE_CONTENT says")
    if granted:
        return Check(name, detail="plain messages in threads are read")
    return Check(
        name,
        detail="not read: people mention the bot, reply to it, press Ask or write /ask. To let "
        f"them just write, turn on the Message Content Intent in {PORTAL}",
    )


async def _commands(client: discord.Client) -> Check:
    found = await app_commands.CommandTree(client).fetch_commands()
    slash = (command for command in found if command.type is discord.AppCommandType.chat_input)
    names = sorted(f"/{command.name}" for command in slash)
    listed = ", ".join(names) or "none yet; `vidthread run` registers them when it starts"
    return Check("discord commands", detail=listed)


async def _permissions(client: discord.Client, invitation: str) -> list[Check]:
    """What the roles grant in as many servers as one request tells of; that a channel takes
    something away is told there."""
    name = "discord servers"
    # discord.py has a public way to the servers, but not to what is granted there.
    guilds = await client.http.get_guilds(_MOST_ASKED, with_counts=False)
    if not guilds:
        return [Check(name, f"The bot is in no server. Invite it: {invitation}")]
    checks = []
    for guild in guilds:
        granted = discord.Permissions(int(guild["permissions"]))
        if not granted.administrator and (lacks := missing(granted)):
            told = (
                f"In “{guild['name']}” the bot lacks {', '.join(lacks)}. Give them to its role "
                "under Server Settings, Roles, or open the invite link once more."
            )
            checks.append(Check(name, told))
    if more := len(checks[_MOST_NAMED:]):
        checks[_MOST_NAMED:] = [Check(name, f"In {more} more the bot lacks permissions, too.")]
    count = len(guilds) if len(guilds) < _MOST_ASKED else f"the first {_MOST_ASKED}"
    return checks or [Check(name, detail=f"{count}, with every permission in each")]
