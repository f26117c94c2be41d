"""What people do with Slack's commands, menus, buttons and forms, as events of ours. Pure."""

from __future__ import annotations

import json
from typing import Any

from vidthread.commands import Analyze, Ask, Unclear, pressed
from vidthread.sentences import say
from vidthread.surface import Incoming
from vidthread.thread_key import ThreadKey
from vidthread.words import link_among, understand

from .events import PLATFORM, Body, Ticket, files_of, happened, texts_of
from .mrkdwn import plain

ASK, SHORTCUT, MODAL, QUESTION = "v1:ask:", "analyze_video", "v1:ask", "question"


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
    """Of a button. It may carry the thread that it is about or, in what one person alone was told,
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
    field = {"type": "plain_text_input", "action_id": QUESTION, "multiline": True,
             "max_length": 2000}  # fmt: skip
    return {
        "type": "modal",
        "callback_id": MODAL,
        "private_metadata": json.dumps([key.workspace, key.channel, key.thread]),
        "title": _plain(say("form.title")),
        "submit": _plain(say("button.ask")),
        "close": _plain(say("form.cancel")),
        "blocks": [
            {
                "type": "input",
                "block_id": QUESTION,
                "label": _plain(say("form.question")),
                "element": field,
            }
        ],
    }


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
    question = str(view["state"]["values"][QUESTION][QUESTION].get("value") or "").strip()
    return Incoming(
        event=f"view {view['id']}",
        key=ThreadKey(PLATFORM, workspace, channel, thread),
        author=str(user["id"]),
        text=question,
        command=Ask(question),
        ticket=ticket.write(),
        happened=int(asked * 1e6),
    )


def _plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}
