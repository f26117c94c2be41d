"""What Slack tells, as events of ours. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from vidthread.commands import Stop
from vidthread.surface import Addressed, Incoming
from vidthread.thread_key import ThreadKey
from vidthread.words import understand, with_link
from youtube_analysis.captions import SUFFIXES
from youtube_analysis.checking.literal import mended

from .mrkdwn import calls, plain

PLATFORM = "slack"
# Of all that is called a message, what a person said.
_SAID = frozenset({"", "file_share", "thread_broadcast"})
_MOST_FILES = 1

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SharedFile:
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """What an event brings along that only Slack understands. `user` and `team` are its author's,
    `name` is how people call them; `root` is the message under which a thread is to be opened.
    Where nobody can see what was asked, `asked` is when; `question` stands for what belongs into
    the thread."""

    user: str = ""
    team: str = ""
    name: str = ""
    response_url: str = ""
    root: str = ""
    asked: float = 0.0
    question: bool = False
    files: tuple[SharedFile, ...] = ()

    @property
    def recipient(self) -> dict[str, str]:
        """Whom the stream of an answer is for; none in what was heard by a version before."""
        if not self.user:
            return {}
        return {"recipient_user_id": self.user, "recipient_team_id": self.team}

    def write(self) -> str:
        return msgspec.json.encode(mended(msgspec.to_builtins(self))).decode()


def read_ticket(text: str) -> Ticket:
    """An empty one where nothing can be read."""
    try:
        return msgspec.json.decode(text, type=Ticket)
    except msgspec.MsgspecError:
        return Ticket()


def from_event(body: Body, bot: str) -> Incoming | None:
    """None for what is nobody's message to anyone here. The bot's name is not part of the text."""
    event, team = _as_written(body["event"], bot), _workspace(body)
    if not _is_said(event, bot):
        return None
    channel, text = str(event["channel"]), str(event.get("text") or "")
    thread = str(event.get("thread_ts") or "")
    addressed = _addressed(event, text, bot)
    if addressed is not Addressed.BOT and not thread:
        return None
    files = files_of(event)
    user, team_of_user = str(event["user"]), str(event.get("team") or team)
    ticket = Ticket(user, team_of_user, root=str(event["ts"]), files=files)
    said = with_link(plain(text, bot), texts_of(event))
    return Incoming(
        event=str(body.get("event_id") or f"{channel} {event['ts']}"),
        key=ThreadKey(PLATFORM, team, channel, thread),
        author=user,
        message=str(event["ts"]),
        text=said or "".join(file.name for file in files),
        command=understand(said, attached=bool(files)),
        addressed=addressed,
        ticket=ticket.write(),
        happened=happened(event["ts"]),
        direct=event.get("channel_type") == "im",
    )


def _workspace(body: Body) -> str:
    """Where we are installed: in a channel that two share, `team_id` may be that of the other."""
    authorized: list[Body] = body.get("authorizations") or [body]
    return str(authorized[0].get("team_id") or body.get("team_id", ""))


def happened(ts: object) -> int:
    """In microseconds, of a moment as Slack writes it: `1700000000.000100`."""
    seconds, _, rest = str(ts).partition(".")
    return int(f"{seconds}{rest[:6]:0<6}") if seconds.isdigit() else 0


def deleted_by(body: Body) -> tuple[ThreadKey, str] | None:
    """The place and the id of a message that somebody deleted. Of one that has replies a tombstone
    stays."""
    event, team = body["event"], _workspace(body)
    left, gone = event.get("message") or {}, str(event.get("deleted_ts") or "")
    if event.get("subtype") == "message_changed" and left.get("subtype") == "tombstone":
        gone = str(left["ts"])
    return (ThreadKey(PLATFORM, team, str(event["channel"]), ""), gone) if gone else None


def stopped_by(body: Body) -> Incoming | None:
    """Somebody pressed the Stop button that Slack shows while we work in a thread."""
    event, team = body["event"], _workspace(body)
    if event.get("type") != "agent_session_stopped":
        return None
    channel, thread = str(event["channel"]), str(event.get("thread_ts") or "")
    return Incoming(
        event=f"stopped {channel} {event['event_ts']}",
        key=ThreadKey(PLATFORM, team, channel, thread),
        author=str(event["user"]),
        command=Stop(),
        happened=happened(event["event_ts"]),
    )


def opened_by(body: Body) -> tuple[str, str, str] | None:
    """Who opened the conversation with us, its channel and, where the app is an assistant of before
    there were agents, its thread."""
    event = body["event"]
    match event.get("type"):
        case "app_home_opened" if event.get("tab") == "messages":
            return str(event["user"]), str(event["channel"]), ""
        case "assistant_thread_started":
            told = event["assistant_thread"]
            return str(told["user_id"]), str(told["channel_id"]), str(told["thread_ts"])
    return None


def _as_written(event: Body, bot: str) -> Body:
    """An edit that calls the bot for the first time, as if it had been written so."""
    if event.get("subtype") != "message_changed":
        return event
    now, before = event.get("message") or {}, event.get("previous_message") or {}
    called = [bot in calls(str(message.get("text") or "")) for message in (before, now)]
    place = {name: event.get(name) for name in ("channel", "channel_type")}
    return {**now, **place} if called == [False, True] else event


def _is_said(event: Body, bot: str) -> bool:
    kind, subtype = event.get("type"), str(event.get("subtype") or "")
    if kind not in {"app_mention", "message"} or subtype not in _SAID:
        return False
    return bool(event.get("user")) and event["user"] != bot and not event.get("bot_id")


def _addressed(event: Body, text: str, bot: str) -> Addressed:
    called = calls(text)
    if event["type"] == "app_mention" or event.get("channel_type") == "im" or bot in called:
        return Addressed.BOT
    return Addressed.OTHERS if called else Addressed.NOBODY


def files_of(message: Body) -> tuple[SharedFile, ...]:
    shared = [
        SharedFile(str(f.get("name") or ""), str(f.get("url_private_download") or ""))
        for f in message.get("files", ())
        if isinstance(f, dict) and _is_text(f)
    ]
    return tuple(file for file in shared if file.address)[:_MOST_FILES]


def _is_text(file: Body) -> bool:
    kind, name = str(file.get("mimetype") or ""), str(file.get("name") or "")
    return kind.startswith("text/") or name.lower().endswith(SUFFIXES)


def texts_of(message: Body) -> list[object]:
    """All that a message says and leads to: its text, what is shared or unfurled, its blocks."""
    attached = message.get("attachments") or ()
    leads = [(one.get("from_url"), one.get("title_link")) for one in attached]
    return [message.get("text"), leads, message.get("blocks"), attached]
