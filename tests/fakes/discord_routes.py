"""The routes of the local Discord, each under the path that Discord's document gives it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fakes.discord_errors import Refused
from fakes.discord_guilds import JSON, Channel, Kind
from fakes.discord_interactions import Interactions
from fakes.discord_messages import SYSTEM, Message
from fakes.discord_permissions import Permission
from fakes.discord_posting import Upload
from fakes.discord_welcome import application, gateway_of_bot


@dataclass(slots=True)
class Call:
    """A request as it is understood. `accepted` is the message that it created."""

    at: Interactions
    path: dict[str, str]
    query: dict[str, str]
    body: Any
    files: dict[str, Upload] = field(default_factory=dict)
    accepted: Message | None = None

    @property
    def channel(self) -> Channel:
        return self.at.find_channel(self.path["channel_id"])

    @property
    def message(self) -> Message:
        channel = self.channel
        self.at.require(channel)
        return self.at.find_message(channel, self.path["message_id"])

    def seen(self, message: Message) -> JSON:
        return self.at.seen_by_bot(message)

    def created(self, message: Message) -> JSON:
        self.accepted = message
        return self.seen(message)


Route = Callable[[Call], Any]
"""What it returns is the JSON of a 200; None is a 204."""


def _put_commands(call: Call) -> Any:
    scope = call.path.get("guild_id", "")
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


def _get_member(call: Call) -> Any:
    guild = call.at.find_guild(call.path["guild_id"])
    identity = call.path["user_id"]
    if identity not in guild.members:
        raise Refused(10007)
    return guild.member(call.at.users[identity])


def _get_channel(call: Call) -> Any:
    channel = call.channel
    call.at.require(channel)
    return channel.payload(call.at.bot.id)


def _patch_channel(call: Call) -> Any:
    call.at.change(call.channel, call.body)
    return call.channel.payload(call.at.bot.id)


def _delete_channel(call: Call) -> Any:
    channel = call.channel
    managing = Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS
    call.at.require(channel, managing)
    call.at.delete_channel(channel)
    return channel.payload(call.at.bot.id)


def _post_message(call: Call) -> Any:
    return call.created(call.at.post(call.channel, call.body, call.files))


def _get_message(call: Call) -> Any:
    call.at.require(call.channel, Permission.READ_MESSAGE_HISTORY)
    return call.seen(call.message)


def _list_messages(call: Call) -> Any:
    """The newest first, as Discord lists them; nothing without the right to read history."""
    channel = call.channel
    call.at.require(channel)
    if not call.at.permissions(channel) & Permission.READ_MESSAGE_HISTORY:
        return []
    limit = int(call.query.get("limit", 50))
    if not 1 <= limit <= 100:
        raise Refused.form("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")
    before, after = int(call.query.get("before", 2**63)), int(call.query.get("after", 0))
    found = [m for m in call.at.history(channel) if after < int(m.id) < before]
    found.sort(key=lambda message: int(message.id))
    # `after` counts from the oldest, everything else from the newest.
    chosen = found[:limit] if "after" in call.query else found[-limit:]
    return [call.seen(message) for message in reversed(chosen)]


def _patch_message(call: Call) -> Any:
    message = call.message
    call.at.revise(message, call.body, call.files)
    return call.seen(message)


def _delete_message(call: Call) -> Any:
    message = call.message
    if message.author is not call.at.bot or message.type in SYSTEM:
        call.at.require(message.channel, Permission.MANAGE_MESSAGES)
    if message.channel.archived:
        raise Refused(50083)
    call.at.remove(message)


def _type(call: Call) -> Any:
    channel = call.channel
    sending = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
    call.at.require(channel, sending)
    call.at.typing.append(channel.id)
    call.at.wake()


def _thread_of_message(call: Call) -> Any:
    return call.at.open_from(call.message, call.body).payload(call.at.bot.id)


def _thread_alone(call: Call) -> Any:
    channel = call.channel
    if "message" not in call.body:
        return call.at.open_alone(channel, call.body).payload(call.at.bot.id)
    starter = call.at.open_post(channel, call.body, call.files)
    told = call.created(starter)
    return starter.channel.payload(call.at.bot.id) | {"message": told}


def _add_member(call: Call) -> Any:
    channel, identity = call.channel, call.path["user_id"]
    user = call.at.bot if identity == "@me" else call.at.users.get(identity)
    if user is None:
        raise Refused(10013)
    call.at.require(channel, Permission.SEND_MESSAGES_IN_THREADS)
    call.at.add_member(channel, user)


def _remove_member(call: Call) -> Any:
    call.channel.people.pop(call.at.bot.id, None)


def _listed(call: Call, threads: list[Channel]) -> JSON:
    seen = [thread for thread in threads if call.at.sees(thread)]
    bot = call.at.bot.id
    joined = [thread.membership(bot) for thread in seen if bot in thread.people]
    return {"threads": [t.payload(bot) for t in seen], "members": joined}


def _active_threads(call: Call) -> Any:
    guild = call.at.find_guild(call.path["guild_id"])
    return _listed(call, [thread for thread in call.at.threads(guild) if not thread.archived])


def _archived_threads(call: Call) -> Any:
    channel = call.channel
    call.at.require(channel, Permission.READ_MESSAGE_HISTORY)
    found = [
        t for t in call.at.threads(channel) if t.archived and t.kind is not Kind.PRIVATE_THREAD
    ]
    return _listed(call, found) | {"has_more": False}


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


_CHANNEL, _MESSAGES = "/channels/{channel_id}", "/channels/{channel_id}/messages"
_COMMANDS = "/applications/{application_id}/commands"
_GUILD = "/guilds/{guild_id}"
_GUILD_COMMANDS = "/applications/{application_id}/guilds/{guild_id}/commands"
_WEBHOOK = "/webhooks/{webhook_id}/{webhook_token}"

ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "/users/@me"): lambda call: call.at.bot.payload(),
    ("POST", "/users/@me/channels"): _open_dm,
    ("GET", "/oauth2/applications/@me"): lambda call: application(call.at),
    ("GET", "/applications/@me"): lambda call: application(call.at),
    ("GET", "/gateway"): lambda call: {"url": call.at.gateway.url},
    ("GET", "/gateway/bot"): lambda call: gateway_of_bot(call.at),
    ("GET", _COMMANDS): _get_commands,
    ("PUT", _COMMANDS): _put_commands,
    ("GET", _GUILD_COMMANDS): _get_commands,
    ("PUT", _GUILD_COMMANDS): _put_commands,
    ("GET", _GUILD): lambda call: call.at.find_guild(call.path["guild_id"]).payload(),
    ("GET", _GUILD + "/threads/active"): _active_threads,
    ("GET", _GUILD + "/members/{user_id}"): _get_member,
    ("GET", _CHANNEL): _get_channel,
    ("PATCH", _CHANNEL): _patch_channel,
    ("DELETE", _CHANNEL): _delete_channel,
    ("POST", _CHANNEL + "/typing"): _type,
    ("POST", _MESSAGES): _post_message,
    ("GET", _MESSAGES): _list_messages,
    ("GET", _MESSAGES + "/{message_id}"): _get_message,
    ("PATCH", _MESSAGES + "/{message_id}"): _patch_message,
    ("DELETE", _MESSAGES + "/{message_id}"): _delete_message,
    ("POST", _MESSAGES + "/{message_id}/threads"): _thread_of_message,
    ("POST", _CHANNEL + "/threads"): _thread_alone,
    ("GET", _CHANNEL + "/threads/archived/public"): _archived_threads,
    ("PUT", _CHANNEL + "/thread-members/{user_id}"): _add_member,
    ("DELETE", _CHANNEL + "/thread-members/@me"): _remove_member,
    ("POST", "/interactions/{interaction_id}/{interaction_token}/callback"): _callback,
    ("POST", _WEBHOOK): _follow,
    ("GET", _WEBHOOK + "/messages/@original"): _get_answer,
    ("PATCH", _WEBHOOK + "/messages/@original"): _patch_answer,
    ("DELETE", _WEBHOOK + "/messages/@original"): _delete_answer,
    ("GET", _WEBHOOK + "/messages/{message_id}"): _get_answer,
    ("PATCH", _WEBHOOK + "/messages/{message_id}"): _patch_answer,
    ("DELETE", _WEBHOOK + "/messages/{message_id}"): _delete_answer,
}
