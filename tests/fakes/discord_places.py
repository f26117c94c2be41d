"""Places on the local Discord are built and changed by those who own them."""

from __future__ import annotations

from fakes.discord_guilds import Channel, Guild, Kind, User, furnish
from fakes.discord_interactions import Interactions
from fakes.discord_permissions import INVITED, Overwrite
from fakes.discord_welcome import guild_created


class Places(Interactions):
    # --- they are built ---

    def user(self, name: str, *, locale: str = "en-US", bot: bool = False) -> User:
        """Somebody who becomes a member of each guild where they do something."""
        made = User(self.new_id(), name, bot, locale)
        self.users[made.id] = made
        return made

    def guild(
        self,
        name: str = "Guild",
        *,
        permissions: int = INVITED,
        everyone: int = 0,
        owner: User | None = None,
        identity: str | None = None,
    ) -> Guild:
        """One that the bot was invited to with these permissions; `everyone` has no others, so
        that what the bot may do is what it was given."""
        # Guilds of one and the same millisecond would share a shard.
        self._last += 1 << 22
        made = Guild(identity or self.new_id(), name, owner or self.user("owner"), self.now())
        furnish(made, self.bot, self.new_id(), permissions=permissions, everyone=everyone)
        self.guilds[made.id] = made
        self.gateway.tell("GUILD_CREATE", lambda _: guild_created(self, made), made, 1)
        return made

    def text_channel(self, guild: Guild, name: str = "general") -> Channel:
        return self._channel(guild, Kind.TEXT, name)

    def announcement(self, guild: Guild, name: str = "news") -> Channel:
        return self._channel(guild, Kind.ANNOUNCEMENT, name)

    def forum(self, guild: Guild, name: str = "videos") -> Channel:
        return self._channel(guild, Kind.FORUM, name)

    def voice(self, guild: Guild, name: str = "lounge") -> Channel:
        return self._channel(guild, Kind.VOICE, name)

    def dm(self, user: User) -> Channel:
        return self.direct(user)

    def _channel(self, guild: Guild, kind: Kind, name: str) -> Channel:
        made = Channel(self.new_id(), kind, name, self.now(), guild)
        self.channels[made.id] = made
        self.announce_channel("CHANNEL_CREATE", made)
        return made

    # --- what the bot may do is changed ---

    def forbid(self, channel: Channel, permissions: int) -> None:
        self._overwrite(channel).deny |= permissions
        self.announce_channel("CHANNEL_UPDATE", channel)

    def allow(self, channel: Channel, permissions: int) -> None:
        overwrite = self._overwrite(channel)
        overwrite.deny &= ~permissions
        overwrite.allow |= permissions
        self.announce_channel("CHANNEL_UPDATE", channel)

    def _overwrite(self, channel: Channel) -> Overwrite:
        for overwrite in channel.overwrites:
            if overwrite.target == self.bot.id:
                return overwrite
        made = Overwrite(self.bot.id, member=True)
        channel.overwrites.append(made)
        return made

    def throw_out(self, guild: Guild) -> None:
        """The bot is no member any more."""
        del guild.members[self.bot.id]
        self.gateway.tell("GUILD_DELETE", lambda _: {"id": guild.id}, guild, 1)
        self.wake()

    def _enter(self, channel: Channel, user: User) -> None:
        """Who does something in a place is there."""
        if channel.guild:
            channel.guild.members.setdefault(user.id, set())
        if channel.is_thread:
            channel.people.setdefault(user.id, user)
