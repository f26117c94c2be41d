"""What Slack shows of an agent beside its messages: a status, sessions, suggested prompts."""

from __future__ import annotations

from fakes.slack_rules import pings_in
from fakes.slack_shapes import Refusal
from fakes.slack_state import Answer, Arguments, Method, Session, SlackState

LONGEST_TITLE, MOST_PROMPTS = 200, 4


def set_status(slack: SlackState, body: Arguments) -> Answer:
    """Below a message, which need not have a thread yet."""
    channel, ts = slack.reachable(body["channel_id"]), str(body["thread_ts"])
    if (channel.id, ts) not in slack.messages:
        raise Refusal("invalid_thread_ts")
    slack.statuses.append((ts, body["status"]))
    return {}


def set_prompts(slack: SlackState, body: Arguments) -> Answer:
    channel = slack.reachable(body["channel_id"])
    if not slack.agent:
        raise Refusal("not_agent_app", known=True)
    if not 1 <= len(body["prompts"]) <= MOST_PROMPTS:
        raise Refusal("invalid_arguments", "one to four prompts")
    if any(prompt.keys() != {"title", "message"} for prompt in body["prompts"]):
        raise Refusal("invalid_arguments", "a prompt has a title and a message")
    slack.prompts.append({**body, "channel_id": channel.id})
    return {}


def set_session(slack: SlackState, body: Arguments) -> Answer:
    place, title = _session_place(slack, body), _title(slack, body)
    if body["status"] not in {"active", "processing", "suspended", "closed"}:
        raise Refusal("invalid_status")
    session = slack.sessions.setdefault(place, Session(title))
    session.states.append(body["status"])
    return {"agent_status": body["status"], "title": session.title}


def rename_session(slack: SlackState, body: Arguments) -> Answer:
    place = _session_place(slack, body)
    if place not in slack.sessions:
        raise Refusal("session_not_found", known=True)
    slack.sessions[place].title = title = _title(slack, body)
    return {"title": title}


def _session_place(slack: SlackState, body: Arguments) -> tuple[str, str]:
    channel, thread = slack.reachable(body["channel_id"]), body.get("thread_ts")
    if not slack.agent:
        raise Refusal("feature_disabled", known=True)
    if not thread:
        raise Refusal("thread_ts_required")
    root = slack.messages.get((channel.id, thread))
    if root is None or root.thread:
        raise Refusal("invalid_arguments", "thread_ts is no root")
    return channel.id, thread


def _title(slack: SlackState, body: Arguments) -> str:
    title = body.get("title") or ""
    slack.pings += pings_in(title, [])
    if len(title) > LONGEST_TITLE:
        raise Refusal("invalid_arguments", f"title of {len(title)} characters")
    return str(title)


AGENT_METHODS: dict[str, Method] = {
    "agents.sessions.rename": rename_session,
    "agents.sessions.setStatus": set_session,
    "assistant.threads.setStatus": set_status,
    "assistant.threads.setSuggestedPrompts": set_prompts,
}
