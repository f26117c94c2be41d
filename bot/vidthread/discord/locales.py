"""The language of people on Discord: commands tell it, messages do not."""

from __future__ import annotations

import discord

_MOST_PEOPLE = 10_000


class Locales:
    """Of those who gave a command since we started; of others, what their server is set to."""

    def __init__(self) -> None:
        self._of_people: dict[str, str] = {}

    def note(self, person: str, locale: str) -> None:
        self._of_people.pop(person, None)
        self._of_people[person] = locale
        if len(self._of_people) > _MOST_PEOPLE:
            del self._of_people[next(iter(self._of_people))]

    def of(self, message: discord.Message) -> str:
        servers = str(message.guild.preferred_locale) if message.guild else ""
        return self._of_people.get(str(message.author.id), servers)
