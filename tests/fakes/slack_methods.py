"""What the methods of Slack's Web API do, as far as a bot needs them."""

from __future__ import annotations

import copy
from typing import Any

from fakes.slack_agent import AGENT_METHODS
from fakes.slack_rules import (
    check_blocks,
    check_chunks,
    check_markdown,
    check_message,
    check_metadata,
    check_view,
)
from fakes.slack_shapes import BOT, BOT_ID, TEAM, Message, Refusal
from fakes.slack_state import TRIGGER_LIFE, Answer, Arguments, Ephemeral, Method, SlackState


def post_message(slack: SlackState, body: Arguments) -> Answer:
    channel = slack.reachable(body["channel"])
    check_message("chat.postMessage", body)
    message = slack.add(
        Message(
            ts=slack.ts(),
            channel=channel.id,
            thread=_root(slack, channel.id, body.get("thread_ts")),
            user=BOT,
            text=body.get("text") or "",
            blocks=copy.deepcopy(body.get("blocks") or []),
            metadata=body.get("metadata"),
        )
    )
    return _placed(message)


def update(slack: SlackState, body: Arguments) -> Answer:
    channel = slack.reachable(body["channel"])
    message = slack.own(channel.id, body["ts"])
    slack.end_stream_in_time(message)
    if message.streaming:
        raise Refusal("streaming_state_conflict", known=True)
    check_message("chat.update", body)
    message.text = body.get("text") or ""
    message.blocks = copy.deepcopy(body.get("blocks") or [])
    message.metadata = body.get("metadata", message.metadata)
    message.seen()
    slack.look_for_pings(message)
    return _placed(message) | {"text": message.text}


def delete(slack: SlackState, body: Arguments) -> Answer:
    channel = slack.reachable(body["channel"])
    message = slack.own(channel.id, body["ts"])
    message.deleted = True
    return {"channel": channel.id, "ts": message.ts}


def post_ephemeral(slack: SlackState, body: Arguments) -> Answer:
    channel = slack.reachable(body["channel"])
    check_message("chat.postEphemeral", body)
    if body["user"] not in channel.members:
        raise Refusal("user_not_in_channel", known=True)
    text = body.get("text") or body.get("markdown_text") or ""
    thread, blocks = body.get("thread_ts") or "", body.get("blocks") or []
    slack.ephemeral.append(Ephemeral(channel.id, body["user"], text, thread, blocks))
    return {"message_ts": slack.ts()}


def replies(slack: SlackState, body: Arguments) -> Answer:
    channel = slack.reachable(body["channel"])
    found = slack.thread(channel.id, str(body["ts"]))
    if not found:
        raise Refusal("thread_not_found", known=True)
    hidden = [message for message in found if message.looks_left > 0]
    for message in hidden:
        message.looks_left -= 1
    return _listed([message for message in found if message not in hidden], body)


def history(slack: SlackState, body: Arguments) -> Answer:
    """The newest first."""
    channel = slack.reachable(body["channel"])
    oldest = float(body.get("oldest") or 0)
    top = [m for m in slack.messages.values() if m.channel == channel.id and not m.thread]
    found = [m for m in reversed(top) if not m.deleted and float(m.ts) > oldest]
    return _listed(found, body)


def _listed(found: list[Message], body: Arguments) -> Answer:
    begin = int(body.get("cursor") or 0)
    end = begin + min(int(body.get("limit") or 100), 1000)
    told = [copy.deepcopy(message.told()) for message in found[begin:end]]
    if str(body.get("include_all_metadata")).lower() not in {"true", "1"}:
        for message in told:
            message.pop("metadata", None)
    more = end < len(found)
    cursor = str(end) if more else ""
    return {"messages": told, "has_more": more, "response_metadata": {"next_cursor": cursor}}


def start_stream(slack: SlackState, body: Arguments) -> Answer:
    if not slack.streams:
        raise Refusal("unknown_method", known=True)
    channel = slack.reachable(body["channel"])
    if not body.get("thread_ts"):
        raise Refusal("invalid_arguments", "a stream needs a thread")
    if channel.kind != "im":
        for wanted in ("recipient_team_id", "recipient_user_id"):
            if not body.get(wanted):
                raise Refusal(f"missing_{wanted}")
        if body["recipient_user_id"] not in channel.members:
            raise Refusal("user_not_found", body["recipient_user_id"])
    message = Message(
        ts=slack.ts(),
        channel=channel.id,
        thread=_root(slack, channel.id, body["thread_ts"]),
        user=BOT,
        text="",
        streaming=True,
        started=slack.now(),
    )
    _grow(message, body)
    slack.add(message)
    return _placed(message)


def append_stream(slack: SlackState, body: Arguments) -> Answer:
    message = _streaming(slack, body)
    if not (body.get("markdown_text") or body.get("chunks")):
        raise Refusal("no_text")
    _grow(message, body)
    message.seen()
    slack.look_for_pings(message)
    return _placed(message)


def stop_stream(slack: SlackState, body: Arguments) -> Answer:
    message = _streaming(slack, body)
    check_metadata(body.get("metadata"))
    _grow(message, body)
    check_blocks(body.get("blocks") or [])
    message.blocks += copy.deepcopy(body.get("blocks") or [])
    message.metadata = body.get("metadata", message.metadata)
    message.streaming = False
    message.seen()
    slack.look_for_pings(message)
    return _placed(message) | {"message": message.told()}


def _streaming(slack: SlackState, body: Arguments) -> Message:
    channel = slack.reachable(body["channel"])
    message = slack.own(channel.id, body["ts"])
    slack.end_stream_in_time(message)
    if not message.streaming:
        raise Refusal("message_not_in_streaming_state", known=True)
    return message


def _grow(message: Message, body: Arguments) -> None:
    text, chunks = body.get("markdown_text") or "", body.get("chunks") or []
    check_markdown(text)
    check_chunks(chunks)
    for chunk in chunks:
        match chunk["type"]:
            case "markdown_text":
                text += chunk["text"]
            case "blocks":
                message.blocks += copy.deepcopy(chunk["blocks"])
            case "task_update":
                _update_task(message, chunk)
    if not text:
        return
    if not (message.blocks and message.blocks[-1]["type"] == "markdown"):
        message.blocks.append({"type": "markdown", "text": ""})
    message.blocks[-1]["text"] += text
    message.text += text


def _update_task(message: Message, chunk: dict[str, Any]) -> None:
    card = {"type": "task_card", "task_id": chunk["id"], "title": chunk["title"],
            "status": chunk["status"]}  # fmt: skip
    for place, block in enumerate(message.blocks):
        if block.get("task_id") == chunk["id"]:
            message.blocks[place] = card
            return
    message.blocks.append(card)


def open_view(slack: SlackState, body: Arguments) -> Answer:
    trigger = slack.triggers.get(str(body.get("trigger_id")))
    if trigger is None:
        raise Refusal("invalid_trigger_id")
    if slack.now() - trigger.at > TRIGGER_LIFE:
        raise Refusal("expired_trigger_id", known=True)
    if trigger.uses:
        raise Refusal("exchanged_trigger_id")
    trigger.uses += 1
    check_view(body["view"])
    view = body["view"] | {"id": f"V{slack.number('view')}", "user": trigger.user}
    slack.views.append(view)
    return {"view": view}


def upload_url(slack: SlackState, body: Arguments) -> Answer:
    identity = f"F0{slack.number('file'):05}"
    slack.files[identity] = {"id": identity, "name": body["filename"], "size": int(body["length"])}
    return {"upload_url": f"{slack.url}/upload/{identity}", "file_id": identity}


def complete_upload(slack: SlackState, body: Arguments) -> Answer:
    channel = slack.reachable(body.get("channel_id"))
    shared = []
    for given in body["files"]:
        file = slack.files.get(given["id"])
        if file is None or len(slack.contents.get(given["id"], b"")) != file["size"]:
            raise Refusal("file_not_found", str(given))
        file["title"] = given.get("title") or file["name"]
        shared.append(file)
    thread = _root(slack, channel.id, body.get("thread_ts"))
    text, blocks = body.get("initial_comment") or "", body.get("blocks") or []
    check_blocks(blocks)
    message = Message(slack.ts(), channel.id, thread, BOT, text, blocks if not text else [])
    message.files, message.looks_left = shared, slack.late_shares
    slack.add(message)
    return {"files": shared}


def auth_test(slack: SlackState, _: Arguments) -> Answer:
    return {"url": slack.url, "team": "Local", "user": "vidthread",
            "team_id": TEAM, "user_id": BOT, "bot_id": BOT_ID}  # fmt: skip


def user_info(slack: SlackState, body: Arguments) -> Answer:
    user = str(body["user"])
    told = {"id": user, "name": user[2:].lower(), "is_admin": user in slack.admins}
    locale = {"locale": slack.locales.get(user, "en-US")}
    return {"user": told | (locale if body.get("include_locale") else {})}


def permalink(slack: SlackState, body: Arguments) -> Answer:
    channel, ts = slack.reachable(body["channel"]), str(body["message_ts"])
    if (channel.id, ts) not in slack.messages:
        raise Refusal("message_not_found", known=True)
    address = f"https://local.slack.com/archives/{channel.id}/p{ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": address}


def _root(slack: SlackState, channel: str, thread: object) -> str:
    """Where a reply belongs: never to a reply, nor to what is gone."""
    if not thread:
        return ""
    root = slack.messages.get((channel, str(thread)))
    if root is None or root.deleted:
        raise Refusal("cannot_reply_to_message", known=True)
    if root.thread:
        raise Refusal("invalid_arguments", "thread_ts is that of a reply")
    return root.ts


def _placed(message: Message) -> Answer:
    return {"channel": message.channel, "ts": message.ts}


METHODS: dict[str, Method] = {
    **AGENT_METHODS,
    "auth.test": auth_test,
    "chat.appendStream": append_stream,
    "chat.delete": delete,
    "chat.getPermalink": permalink,
    "chat.postEphemeral": post_ephemeral,
    "chat.postMessage": post_message,
    "chat.startStream": start_stream,
    "chat.stopStream": stop_stream,
    "chat.update": update,
    "conversations.history": history,
    "conversations.replies": replies,
    "files.completeUploadExternal": complete_upload,
    "files.getUploadURLExternal": upload_url,
    "users.info": user_info,
    "views.open": open_view,
}
