"""Discord's side of commands: who is served, in which languages they are known, when they are
sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, TypeVar

import aiohttp
import discord
from discord import app_commands

from vidthread.sentences import say_in, speak
from vidthread.store import Marks
from youtube_analysis.errors import DatabaseError
from youtube_analysis.logging import get_logger
from youtube_analysis.models.style import Length

from .acknowledging import Interaction

_log = get_logger(__name__)
_Given = TypeVar("_Given")


class CommandTree(app_commands.CommandTree[Any]):
    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Before each command, in a task of its own, which speaks as whoever gave it."""
        speak(str(interaction.locale))
        return True


def told(identity: str) -> app_commands.locale_str:
    """In English, with what its translations are known by."""
    return app_commands.locale_str(say_in("en", identity), identity=identity)


def described(*options: str) -> Callable[[_Given], _Given]:
    """Says what the options of a command are called, and what they are."""
    named = {option: told(f"slash.{option}") for option in options}
    about = {option: told(f"slash.{option}.about") for option in options}

    def decorated(given: _Given) -> _Given:
        return app_commands.describe(**about)(app_commands.rename(**named)(given))

    return decorated


LENGTHS = [
    app_commands.Choice(name=told(f"length.{length}"), value=length.value) for length in Length
]


class CatalogTranslator(app_commands.Translator):
    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        identity = string.extras.get("identity", "")
        translated = say_in(str(locale), identity) if identity else string.message
        return None if translated == string.message else translated


async def sync_if_changed(tree: CommandTree, marks: Marks, application: int) -> None:
    """Discord allows few changes a day, so commands are sent only when they are others."""
    sent = await _payloads(tree)
    digest = hashlib.blake2b(json.dumps(sent, sort_keys=True).encode(), digest_size=16).hexdigest()
    name = f"discord commands of {application}"
    try:
        if await marks.get(name) == digest:
            return
        await tree.sync()
        await marks.set(name, digest)
    except (discord.DiscordException, aiohttp.ClientError, OSError, DatabaseError) as error:
        # Those that Discord has go on working; the next session tries again.
        _log.error("commands not synced", cause=str(error))
        return
    _log.info("commands synced", count=len(sent))


async def _payloads(tree: CommandTree) -> list[dict[str, Any]]:
    """As they are sent, translations included."""
    translator = tree.translator or CatalogTranslator()
    return [
        await command.get_translated_payload(tree, translator) for command in tree.get_commands()
    ]
