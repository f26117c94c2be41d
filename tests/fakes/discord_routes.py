"""The routes of the local Discord, each under the path that Discord's document gives it."""

from __future__ import annotations

import re
from typing import Any

from fakes.discord_calls import Call, Routes
from fakes.discord_channel_routes import CHANNELS
from fakes.discord_errors import Refused
from fakes.discord_messages import Message
from fakes.discord_welcome import application, gateway_of_bot

_COMMAND_NAME = re.compile(r"[-_'\w]{1,32}")


def _put_commands(call: Call) -> Any:
    scope = call.path.get("guild_id", "")
    names = [(command.get("type", 1), command["name"]) for command in call.body]
    if len(names) != len(set(names)):
        raise Refused.form("name", "APPLICATION_COMMANDS_DUPLICATE_NAME",
                           "Application command names must be unique")  # fmt: skip
    for kind, name in names:
        if kind == 1 and (not _COMMAND_NAME.fullmatch(name) or name != name.lower()):
            raise Refused.form("name", "STRING_TYPE_REGEX", "String value did not match")
    made = [
        {"id": call.at.new_id(), "application_id": call.at.application, "version": "1", "type": 1,
         "description": "", "default_member_permissions": None,
         **({"guild_id": scope} if scope else {}), **command}
        for command in call.body
    ]  # fmt: skip
    call.at.commands[scope] = made
    call.at.syncs += 1
    return made


def _get_commands(call: Call) -> Any:
    return call.at.commands.get(call.path.get("guild_id", ""), [])


def _open_dm(call: Call) -> Any:
    user = call.at.users.get(str(call.body["recipient_id"]))
    if user is None or user.bot:
        raise Refused(50007)
    return call.at.direct(user).payload(call.at.bot.id)


def _list_guilds(call: Call) -> Any:
    """Those of the bot, by their ids, with what its roles grant it."""
    limit, after = int(call.query.get("limit", 200)), int(call.query.get("after", 0))
    if not 1 <= limit <= 200:
        raise Refused.form("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 200.")
    mine = [guild for guild in call.at.guilds.values() if call.at.belongs_to(guild)]
    listed = sorted((g for g in mine if int(g.id) > after), key=lambda guild: int(guild.id))
    return [guild.summary(call.at.bot) for guild in listed[:limit]]


def _get_member(call: Call) -> Any:
    guild = call.at.find_guild(call.path["guild_id"])
    identity = call.path["user_id"]
    if identity not in guild.members:
        raise Refused(10007)
    return guild.member(call.at.users[identity])


def _callback(call: Call) -> Any:
    identity, token = call.path["interaction_id"], call.path["interaction_token"]
    made = call.at.answer(identity, token, call.body, call.files)
    call.accepted = made.original if made.answer == 4 else None
    wanted = call.query.get("with_response", "").lower() in {"1", "true"}
    return call.at.told(made) if wanted else None


def _follow(call: Call) -> Any:
    made = call.at.by_token(call.path["webhook_id"], call.path["webhook_token"])
    message = call.at.follow(made, call.body, call.files)
    call.accepted = message
    return message.payload(call.at.bot.id)


def _answered(call: Call) -> Message:
    made = call.at.by_token(call.path["webhook_id"], call.path["webhook_token"])
    return call.at.answered_with(made, call.path.get("message_id", "@original"))


def _get_answer(call: Call) -> Any:
    return _answered(call).payload(call.at.bot.id)


def _patch_answer(call: Call) -> Any:
    return call.at.rewrite(_answered(call), call.body, call.files).payload(call.at.bot.id)


def _delete_answer(call: Call) -> Any:
    call.at.remove(_answered(call))


_COMMANDS = "/applications/{application_id}/commands"
_GUILD_COMMANDS = "/applications/{application_id}/guilds/{guild_id}/commands"
_WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"

ROUTES: Routes = {
    **CHANNELS,
    ("GET", "/users/@me"): lambda call: call.at.bot.payload(),
    ("POST", "/users/@me/channels"): _open_dm,
    ("GET", "/users/@me/guilds"): _list_guilds,
    ("GET", "/oauth2/applications/@me"): lambda call: application(call.at),
    ("GET", "/applications/@me"): lambda call: application(call.at),
    ("GET", "/gateway"): lambda call: {"url": call.at.gateway.url},
    ("GET", "/gateway/bot"): lambda call: gateway_of_bot(call.at),
    ("GET", _COMMANDS): _get_commands,
    ("PUT", _COMMANDS): _put_commands,
    ("GET", _GUILD_COMMANDS): _get_commands,
    ("PUT", _GUILD_COMMANDS): _put_commands,
    ("GET", "/guilds/{guild_id}"): lambda call: call.at.find_guild(call.path["guild_id"]).payload(),
    ("GET", "/guilds/{guild_id}/members/{user_id}"): _get_member,
    ("POST", "/interactions/{interaction_id}/{interaction_token}/callback"): _callback,
    ("POST", _WEBHOOK): _follow,
    ("GET", _WEBHOOK + "/messages/@original"): _get_answer,
    ("PATCH", _WEBHOOK + "/messages/@original"): _patch_answer,
    ("DELETE", _WEBHOOK + "/messages/@original"): _delete_answer,
    ("GET", _WEBHOOK + "/messages/{message_id}"): _get_answer,
    ("PATCH", _WEBHOOK + "/messages/{message_id}"): _patch_answer,
    ("DELETE", _WEBHOOK + "/messages/{message_id}"): _delete_answer,
}
