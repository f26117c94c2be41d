"""Routes to channels, messages and threads."""

from __future__ import annotations

from typing import Any

from fakes.discord_calls import Call, Routes
from fakes.discord_errors import Refused
from fakes.discord_guilds import JSON, Channel, Kind
from fakes.discord_messages import SYSTEM
from fakes.discord_permissions import Permission


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
    before = len(call.at.everything)
    message = call.at.post(call.channel, call.body, call.files)
    # A nonce that is known creates nothing.
    return call.created(message) if len(call.at.everything) > before else call.seen(message)


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


_CHANNEL, _MESSAGES = "/channels/{channel_id}", "/channels/{channel_id}/messages"

CHANNELS: Routes = {
    ("GET", "/guilds/{guild_id}/threads/active"): _active_threads,
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
}
