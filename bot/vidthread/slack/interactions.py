"""What people do with Slack's commands, menus, buttons and forms, as events of ours. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

from vidthread.commands import LONGEST_REASON, Analyze, Ask, Rate, Unclear, pressed
from vidthread.sentences import say
from vidthread.surface import Incoming
from vidthread.thread_key import ThreadKey
from vidthread.words import link_among, understand

from .events import PLATFORM, Body, Ticket, files_of, happened, texts_of
from .mrkdwn import plain

ASK, SHORTCUT, MODAL, QUESTION = "v1:ask:", "analyze_video", "v1:ask", "question"
RATED, REASONS, REASON = re.compile("v1:(good|bad):.+"), "v1:bad", "reason"


def from_command(body: Body, asked: float) -> Incoming:
    ticket = Ticket(
        user=str(body["user_id"]),
        team=str(body["team_id"]),
        name=str(body.get("user_name", "")),
        response_url=str(body.get("response_url", "")),
        asked=asked,
    )
    text = plain(str(body.get("text", "")), "")
    return Incoming(
        event=f"command {body['trigger_id']}",
        key=ThreadKey(PLATFORM, str(body["team_id"]), str(body["channel_id"]), ""),
        author=str(body["user_id"]),
        text=text,
        command=understand(text),
        ticket=ticket.write(),
        happened=int(asked * 1e6),
    )


def wrong_with(command: Incoming) -> str:
    """Why no thread is opened for it; empty where one is."""
    match command.command:
        case Analyze():
            return ""
        case Unclear() as unclear:
            return unclear.sentence
    return say("help.usage")


def from_shortcut(body: Body) -> Incoming | None:
    """None where its message holds no link."""
    message, team = body["message"], str(body["team"]["id"])
    link, files = link_among(texts_of(message)), files_of(message)
    if not (link or files):
        return None
    ticket = Ticket(
        user=str(body["user"]["id"]),
        team=str(body["user"].get("team_id") or team),
        response_url=str(body.get("response_url", "")),
        root=str(message["ts"]),
        files=() if link else files,
    )
    channel, thread = str(body["channel"]["id"]), str(message.get("thread_ts") or "")
    return Incoming(
        event=f"shortcut {body['user']['id']} {body['action_ts']}",
        key=ThreadKey(PLATFORM, team, channel, thread),
        message=f"shortcut {body['action_ts']}",
        author=str(body["user"]["id"]),
        text=link,
        command=Analyze(link),
        ticket=ticket.write(),
        happened=happened(body["action_ts"]),
    )


def from_press(body: Body) -> Incoming:
    """Of a pressed button. It may carry the thread that it is about or, in an ephemeral message,
    the message under which one is to be opened."""
    action, user = body["actions"][0], body["user"]
    aside = body["container"].get("is_ephemeral")
    root = str(action.get("value") or "") if aside else ""
    chosen = action.get("selected_option") or {}
    command = pressed(str(chosen.get("value") or action["action_id"]))
    ticket = Ticket(
        user=str(user["id"]),
        team=str(user.get("team_id") or body["team"]["id"]),
        name=str(user.get("username") or user.get("name") or ""),
        response_url=str(body.get("response_url", "")),
        root=root,
        asked=happened(action["action_ts"]) / 1e6,
        question=isinstance(command, Ask),
    )
    return Incoming(
        event=f"press {user['id']} {action['action_id']} {action['action_ts']}",
        key=pressed_in(body),
        message=f"press {action['action_ts']}" if root else "",
        author=str(user["id"]),
        text=command.question if isinstance(command, Ask) else "",
        command=command,
        ticket=ticket.write(),
        happened=happened(action["action_ts"]),
    )


def pressed_in(body: Body) -> ThreadKey:
    """The thread of a button; none of one in what one person alone was told outside of threads."""
    action, container = body["actions"][0], body["container"]
    thread = container.get("thread_ts") or ""
    if not container.get("is_ephemeral"):
        thread = action.get("value") or thread or container["message_ts"]
    return ThreadKey(PLATFORM, str(body["team"]["id"]), str(container["channel_id"]), str(thread))


def question_form(key: ThreadKey) -> dict[str, Any]:
    """The modal in which a question about the video of a thread is written."""
    about = [key.workspace, key.channel, key.thread]
    field = _field(QUESTION, say("form.question"), 2000)
    return _form(MODAL, about, say("form.title"), say("button.ask"), field)


def reason_form(key: ThreadKey, reply: str) -> dict[str, Any]:
    """The modal in which somebody tells why a reply did not help."""
    about = [key.workspace, key.channel, key.thread, reply]
    field = _field(REASON, say("form.reason"), LONGEST_REASON) | {"optional": True}
    return _form(REASONS, about, say("form.wrong"), say("form.send"), field)


def _form(name: str, about: list[str], title: str, send: str, field: Body) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": name,
        "private_metadata": json.dumps(about),
        "title": _plain(title),
        "submit": _plain(send),
        "close": _plain(say("form.cancel")),
        "blocks": [field],
    }


def _field(name: str, label: str, longest: int) -> dict[str, Any]:
    field = {"type": "plain_text_input", "action_id": name, "multiline": True,
             "max_length": longest}  # fmt: skip
    return {"type": "input", "block_id": name, "label": _plain(label), "element": field}


def from_submission(body: Body, asked: float) -> Incoming:
    view, user = body["view"], body["user"]
    workspace, channel, thread = json.loads(view["private_metadata"])
    ticket = Ticket(
        user=str(user["id"]),
        team=str(user.get("team_id") or body["team"]["id"]),
        name=str(user.get("username") or user.get("name") or ""),
        asked=asked,
        question=True,
    )
    question = _written(view, QUESTION)
    return Incoming(
        event=f"view {view['id']}",
        key=ThreadKey(PLATFORM, workspace, channel, thread),
        author=str(user["id"]),
        text=question,
        command=Ask(question),
        ticket=ticket.write(),
        happened=int(asked * 1e6),
    )


def from_reason(body: Body, asked: float) -> Incoming:
    view = body["view"]
    workspace, channel, thread, reply = json.loads(view["private_metadata"])
    return Incoming(
        event=f"view {view['id']}",
        key=ThreadKey(PLATFORM, workspace, channel, thread),
        author=str(body["user"]["id"]),
        command=Rate(reply, good=False, reason=_written(view, REASON)),
        happened=int(asked * 1e6),
    )


def _written(view: Body, field: str) -> str:
    return str(view["state"]["values"][field][field].get("value") or "").strip()


def _plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}
