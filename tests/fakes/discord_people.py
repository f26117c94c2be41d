"""What people do on the local Discord: they write, press, fill in, and clean up."""

from __future__ import annotations

from typing import Any

from fakes.discord_components import SELECT, UPLOAD, walk
from fakes.discord_gateway import GUILD_MESSAGES
from fakes.discord_guilds import JSON, Channel, Kind, User
from fakes.discord_interactions import (
    COMMANDED,
    PRESSED,
    SUBMITTED,
    TYPED,
    Interaction,
    options,
)
from fakes.discord_messages import REPLY, THREAD_STARTER, Message
from fakes.discord_places import Places


class People(Places):
    # --- threads and messages ---

    def thread(self, channel: Channel, user: User, name: str, *, private: bool = False) -> Channel:
        """One that a person opens, without a message."""
        kind = Kind.PRIVATE_THREAD if private else Kind.PUBLIC_THREAD
        self._enter(channel, user)
        return self._open(self.new_id(), kind, channel, {"name": name}, user)

    def thread_under(self, message: str, user: User, name: str) -> Channel:
        """One that a person opens on a message."""
        found = self.everything[message]
        channel = found.channel
        self._enter(channel, user)
        found.thread = self._open(message, Kind.PUBLIC_THREAD, channel, {"name": name}, user)
        self.system(found.thread, user, THREAD_STARTER)
        return found.thread

    def say_by_webhook(
        self,
        channel: Channel,
        text: str = "",
        *,
        embeds: list[JSON] | None = None,
        components: list[JSON] | None = None,
    ) -> str:
        """Nobody is behind it."""
        message = Message(self.new_id(), channel, self.user("hook"), self.now(), text)
        message.webhook = self.new_id()
        message.embeds, message.components = embeds or [], components or []
        self._publish(message)
        return message.id

    def post_in_forum(self, forum: Channel, user: User, name: str, text: str) -> Channel:
        """The thread of a post; its first message has its id."""
        self._enter(forum, user)
        thread = self._open(self.new_id(), Kind.PUBLIC_THREAD, forum, {"name": name}, user)
        self._publish(Message(thread.id, thread, user, self.now(), text))
        return thread

    def say(
        self,
        channel: Channel,
        user: User,
        text: str = "",
        *,
        mentions: list[User] | None = None,
        reply_to: str | None = None,
        ping: bool = True,
        attachments: list[tuple[str, bytes]] | None = None,
        told_of_files: JSON | None = None,
        embeds: list[JSON] | None = None,
        forwards: list[JSON] | None = None,
    ) -> str:
        """The id of the message. Mentions stand before the text, where they are not in it; a
        reply pings whom it answers unless `ping` says no; `told_of_files` is told of each file
        instead of what is so."""
        self._enter(channel, user)
        named = [u.mention for u in mentions or [] if u.mention not in text]
        message = Message(self.new_id(), channel, user, self.now(), " ".join([*named, text]))
        message.embeds, message.forwards = embeds or [], forwards or []
        for name, content in attachments or []:
            kept = self.keep_file(channel, name, content)
            message.attachments.append(kept | (told_of_files or {}))
            message.contents[kept["id"]] = content
        if reply_to:
            message.type, message.reply_to = REPLY, self.everything[reply_to]
        self.wake_thread(channel)
        self._publish(message, ping=ping)
        return message.id

    def _publish(self, message: Message, *, ping: bool = True) -> None:
        message.keep()
        parse = ["users", "roles", "everyone"]
        self.publish(message, {"parse": parse, "replied_user": ping})

    def edit(self, message: str, text: str) -> None:
        found = self.everything[message]
        found.content, found.edited = text, self.now()
        found.keep()
        self.name_people(found, None)
        self.announce("MESSAGE_UPDATE", found)

    def unfurl(self, message: str, title: str) -> None:
        """Discord adds a preview of a link, which is no edit of its author's."""
        found = self.everything[message]
        found.embeds = [{"type": "video", "title": title}]
        self.announce("MESSAGE_UPDATE", found)

    def delete(self, target: str | Channel) -> None:
        """A message by its id, or a channel or thread."""
        if isinstance(target, Channel):
            self.delete_channel(target)
        else:
            self.remove(self.everything[target])

    def delete_many(self, channel: Channel, messages: list[str]) -> None:
        """As moderators do."""
        for message in messages:
            self.everything[message].deleted = True
        told = {"ids": messages, "channel_id": channel.id,
                "guild_id": channel.guild.id if channel.guild else None}  # fmt: skip
        self.gateway.tell("MESSAGE_DELETE_BULK", lambda _: told, channel.guild, GUILD_MESSAGES)
        self.wake()

    def archive(self, thread: Channel, *, archived: bool = True) -> None:
        self.set_channel(thread, {"archived": archived}, self.bot)

    def lock(self, thread: Channel, *, locked: bool = True, archived: bool = False) -> None:
        self.set_channel(thread, {"locked": locked, "archived": archived}, self.bot)

    # --- interactions ---

    def command(
        self,
        channel: Channel,
        user: User,
        name: str,
        told: dict[str, Any] | None = None,
        *,
        locale: str | None = None,
        files: dict[str, tuple[str, bytes]] | None = None,
        within: str = "",
        channels: dict[str, Channel] | None = None,
    ) -> Interaction:
        """A slash command with its options; `files` and `channels` are options that are such;
        `within` is one of its subcommands."""
        self._enter(channel, user)
        data: JSON = {"id": self._command_id(name, channel), "name": name, "type": 1}
        data["options"] = options(told or {})
        if channels:
            seen = {c.id: c.payload(user.id) | {"permissions": "0"} for c in channels.values()}
            data["resolved"] = {"channels": seen}
            data["options"] += [
                {"name": option, "type": 7, "value": c.id} for option, c in channels.items()
            ]
        if within:
            data["options"] = [{"name": within, "type": 1, "options": data["options"]}]
        kept = {option: self.keep_file(channel, *file) for option, file in (files or {}).items()}
        for option, attachment in kept.items():
            data["options"].append({"name": option, "type": 11, "value": attachment["id"]})
        if kept:
            data["resolved"] = {"attachments": {a["id"]: a for a in kept.values()}}
        return self.begin(COMMANDED, channel, user, data, locale=locale)

    def menu(
        self, channel: Channel, user: User, message: str, name: str = "Analyze video"
    ) -> Interaction:
        """The command of this name in the menu of a message; its content is always told."""
        self._enter(channel, user)
        target = self.everything[message]
        resolved = {"messages": {message: target.payload(self.bot.id)}}
        data = {"id": self._command_id(name, channel), "name": name, "type": 3,
                "target_id": message, "resolved": resolved}  # fmt: skip
        return self.begin(COMMANDED, channel, user, data)

    def press(self, message: str, custom_id: str, user: User) -> Interaction:
        """A button that stands there and can be pressed."""
        target = self.everything[message]
        assert custom_id in target.actions, f"{custom_id} is not among {target.actions}"
        assert not target.only_for or target.only_for == user.id, "nobody else sees it"
        self._enter(target.channel, user)
        data = {"custom_id": custom_id, "component_type": 2}
        return self.begin(PRESSED, target.channel, user, data, message=target)

    def choose(self, message: str, custom_id: str, user: User, values: list[str]) -> Interaction:
        """Options of a select menu that stands there."""
        target = self.everything[message]
        offered = {o["value"] for c in walk(target.components) if c.get("custom_id") == custom_id
                   for o in c.get("options") or []}  # fmt: skip
        assert set(values) <= offered, f"{values} are not among {offered}"
        self._enter(target.channel, user)
        data = {"custom_id": custom_id, "component_type": SELECT, "values": values}
        return self.begin(PRESSED, target.channel, user, data, message=target)

    def submit(
        self,
        asked: Interaction,
        values: dict[str, str],
        files: dict[str, tuple[str, bytes]] | None = None,
    ) -> Interaction:
        """Fills in the modal that answered `asked`: values and files by the custom ids of its
        inputs."""
        assert asked.modal, "no modal was shown"
        kept = {name: self.keep_file(asked.channel, *file) for name, file in (files or {}).items()}
        given = {**values, **{name: file["id"] for name, file in kept.items()}}
        filled = [_filled(component, given) for component in asked.modal["components"]]
        data = {"custom_id": asked.modal["custom_id"], "components": filled}
        if kept:
            data["resolved"] = {"attachments": {file["id"]: file for file in kept.values()}}
        return self.begin(SUBMITTED, asked.channel, asked.user, data, message=asked.message)

    async def autocomplete(
        self,
        channel: Channel,
        user: User,
        name: str,
        typed: tuple[str, str],
        told: dict[str, Any] | None = None,
    ) -> list[JSON]:
        """The choices for an option, `typed` being its name and what stands there so far."""
        self._enter(channel, user)
        focused = {"name": typed[0], "type": 3, "value": typed[1], "focused": True}
        data = {"id": self._command_id(name, channel), "name": name, "type": 1,
                "options": [*options(told or {}), focused]}  # fmt: skip
        return await self.chosen(self.begin(TYPED, channel, user, data))

    def _command_id(self, name: str, channel: Channel) -> str:
        scopes = ([channel.guild.id] if channel.guild else []) + [""]
        for scope in scopes:
            for command in self.commands.get(scope, []):
                if command["name"] == name:
                    return str(command["id"])
        return self.new_id()


def _filled(component: JSON, values: dict[str, str]) -> JSON:
    """As a modal's inputs come back."""
    told: JSON = {"type": component["type"], "id": component.get("id", 0)}
    if "components" in component:
        return told | {"components": [_filled(c, values) for c in component["components"]]}
    if "component" in component:
        return told | {"component": _filled(component["component"], values)}
    if "custom_id" in component:
        told |= {"custom_id": component["custom_id"]}
        value = values.get(component["custom_id"], component.get("value") or "")
        if component["type"] == UPLOAD:
            return told | {"values": [value] if value else []}
        longest = component.get("max_length") or 4000
        assert len(value) <= longest, f"nobody can type more than {longest} characters here"
        told |= {"value": value}
    return told
