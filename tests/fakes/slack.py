"""A local Slack: the real bolt and its SDK connect to it, and people write there.

It knows the Web API, Socket Mode, signed HTTP events and streams, hands out events at least once,
and refuses what Slack refuses: `refused` stays empty while a bot behaves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

from fakes.slack_delivery import Delivered, Delivery
from fakes.slack_shapes import APP, BOT, TEAM, Message
from fakes.slack_state import Ephemeral, SlackState, Ticket
from fakes.slack_web import SlackWeb


@dataclass
class LocalSlack(SlackState):
    """`anna` and all others are members of the workspace; each writes where she is a member."""

    delivery: Delivery = field(default_factory=Delivery)
    subscribed: frozenset[str] = frozenset(
        {"agent_session_stopped", "app_home_opened", "app_mention", "message"}
    )
    port: int = 0
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        self.delivery.wake = self.wake
        application = SlackWeb(self, self.delivery).application()
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.delivery.close()
        for socket in list(self.delivery.sockets):
            await socket.close()
        if self._runner:
            await self._runner.cleanup()

    @property
    def api(self) -> str:
        return f"{self.url}/api/"

    # --- what people do ---

    def say(
        self,
        channel: str,
        text: str,
        *,
        thread: str = "",
        user: str = "U0ANNA",
        files: dict[str, bytes] | None = None,
        **more: Any,
    ) -> str:
        """A message; its id. Whoever calls the bot in it is heard twice, under two event ids. It
        has what is `more`, as those of apps have."""
        ts = self.ts()
        shared = [self._share(name, content) for name, content in (files or {}).items()]
        self.add(Message(ts, channel, thread, user, text, files=shared, more=more))
        event = self._event(channel, ts, text, thread, user) | more
        if shared:
            event |= {"files": shared}
        if f"<@{BOT}>" in text and self.channels[channel].kind != "im":
            self.tell({**event, "type": "app_mention"})
        self.tell(event | ({"subtype": "file_share"} if shared else {}))
        return ts

    def mention(self, channel: str, text: str, **more: Any) -> str:
        return self.say(channel, f"<@{BOT}> {text}", **more)

    def edit(self, channel: str, ts: str, text: str) -> None:
        before = self.messages[channel, ts]
        old, before.text = before.told(), text
        self.tell({"type": "message", "subtype": "message_changed", "channel": channel,
                   "channel_type": self.channels[channel].kind, "hidden": True, "ts": self.ts(),
                   "message": before.told(), "previous_message": old})  # fmt: skip

    def delete(self, channel: str, ts: str) -> None:
        gone = self.messages[channel, ts]
        gone.deleted = True
        self.tell({"type": "message", "subtype": "message_deleted", "channel": channel,
                   "channel_type": self.channels[channel].kind, "hidden": True, "ts": self.ts(),
                   "deleted_ts": ts, "previous_message": gone.told()})  # fmt: skip

    def slash(self, channel: str, text: str, *, user: str = "U0ANNA") -> Delivered:
        payload = {"command": "/analyze", "text": text, "team_id": TEAM, "channel_id": channel,
                   "channel_name": "somewhere", "user_id": user, "user_name": user[2:].lower(),
                   "api_app_id": APP, **self._handles(channel, user)}  # fmt: skip
        return self.delivery.hand_out("slash_commands", payload, again=False)

    def shortcut(self, channel: str, ts: str, *, user: str = "U0ANNA") -> Delivered:
        message = self.messages[channel, ts]
        told = message.told()
        if not message.thread:
            del told["thread_ts"]
        return self._interact("message_action", channel, user, callback_id="analyze_video",
                              message=told, message_ts=ts, action_ts=self.ts())  # fmt: skip

    def press(self, channel: str, ts: str, action: str, *, user: str = "U0ANNA") -> Delivered:
        message = self.messages[channel, ts]
        pressed = {"action_ts": self.ts(), "block_id": "actions", **message.button(action)}
        container = {"type": "message", "message_ts": ts, "channel_id": channel,
                     "thread_ts": message.thread or ts, "is_ephemeral": False}  # fmt: skip
        return self._interact("block_actions", channel, user, actions=[pressed],
                              container=container, message=message.told())  # fmt: skip

    def press_aside(self, told: Ephemeral, action: str) -> Delivered:
        """A button in what one person alone was told."""
        elements = [e for block in told.blocks for e in block.get("elements", ())]
        (button,) = [e for e in elements if e.get("action_id", "").startswith(action)]
        pressed = {"action_ts": self.ts(), "block_id": "actions", **button}
        container = {"type": "message", "message_ts": self.ts(), "channel_id": told.channel,
                     "is_ephemeral": True}  # fmt: skip
        return self._interact("block_actions", told.channel, told.user, actions=[pressed],
                              container=container)  # fmt: skip

    def submit(self, view: dict[str, Any], values: dict[str, dict[str, str]]) -> Delivered:
        state = {block: {action: {"type": "plain_text_input", "value": value}
                         for action, value in entered.items()}
                 for block, entered in values.items()}  # fmt: skip
        user = str(view["user"])
        filled = {**view, "state": {"values": state}, "hash": "1.a", "team_id": TEAM}
        payload = {"type": "view_submission", "team": {"id": TEAM}, "api_app_id": APP,
                   "user": {"id": user, "name": user[2:].lower(), "team_id": TEAM},
                   "view": filled}  # fmt: skip
        return self.delivery.hand_out("interactive", payload, again=False)

    def open_messages(self, channel: str, *, user: str = "U0ANNA") -> None:
        """Somebody looks at the direct messages with the bot."""
        self.tell({"type": "app_home_opened", "user": user, "channel": channel,
                   "tab": "messages", "event_ts": self.ts()})  # fmt: skip

    def stop(self, channel: str, thread: str, *, user: str = "U0ANNA") -> None:
        """By Slack's own button, which is there while a session is at work."""
        assert self.sessions[channel, thread].states[-1] == "processing"
        streams = [message for message in self.thread(channel, thread) if message.streaming]
        for message in streams:
            message.streaming = False
        self.tell({"type": "agent_session_stopped", "user": user, "channel": channel,
                   "thread_ts": thread, "event_ts": self.ts(),
                   "streaming_message_ts": [message.ts for message in streams]})  # fmt: skip

    def tell(self, event: dict[str, Any], *, event_id: str = "") -> Delivered | None:
        """An event, if the bot is where it happened and subscribed to it."""
        place = self.channels.get(str(event.get("channel")))
        if event["type"] not in self.subscribed or (place and BOT not in place.members):
            return None
        told = {"type": "event_callback", "token": "legacy", "team_id": TEAM, "api_app_id": APP,
                "event": event, "event_id": event_id or f"Ev{self.number('event'):08}",
                "event_time": int(self.now()),
                "authorizations": [{"team_id": TEAM, "user_id": BOT, "is_bot": True}]}  # fmt: skip
        return self.delivery.hand_out("events_api", told)

    # --- how Slack tells it ---

    def _event(self, channel: str, ts: str, text: str, thread: str, user: str) -> dict[str, Any]:
        event = {"type": "message", "channel": channel, "user": user, "text": text, "ts": ts,
                 "team": TEAM, "event_ts": ts, "client_msg_id": f"client-{ts}",
                 "channel_type": self.channels[channel].kind}  # fmt: skip
        return event | ({"thread_ts": thread, "parent_user_id": "U0ANNA"} if thread else {})

    def _share(self, name: str, content: bytes) -> dict[str, Any]:
        identity = f"F0{self.number('file'):05}"
        self.contents[identity] = content
        address = f"{self.url}/files/{identity}/{name}"
        self.files[identity] = {"id": identity, "name": name, "size": len(content),
                                "mode": "hosted", "url_private": address,
                                "url_private_download": address}  # fmt: skip
        return self.files[identity]

    def _handles(self, channel: str, user: str) -> dict[str, str]:
        number = self.number("handle")
        trigger, response = f"{number}.trigger", f"r{number}"
        self.triggers[trigger] = Ticket(user, channel, self.now())
        self.responses[response] = Ticket(user, channel, self.now())
        return {"trigger_id": trigger, "response_url": f"{self.url}/respond/{response}"}

    def _interact(self, kind: str, channel: str, user: str, **more: Any) -> Delivered:
        payload = {"type": kind, "team": {"id": TEAM, "domain": "local"}, "api_app_id": APP,
                   "user": {"id": user, "username": user[2:].lower(), "team_id": TEAM},
                   "channel": {"id": channel, "name": "somewhere"},
                   **self._handles(channel, user), **more}  # fmt: skip
        return self.delivery.hand_out("interactive", payload, again=False)
