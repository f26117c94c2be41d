"""What an admin writes to change the settings of a workspace."""

from __future__ import annotations

import re

from vidthread.commands import Command, SetChannels, SetDefaultLanguage, SetDefaultTypes, Unclear

from .languages import language_called
from .naming import read_names
from .phrases import EVERYWHERE, OWN
from .spelling import flat

_SETTING = re.compile(
    r"/?settings?\s+(?:set\s+)?(?P<name>channels?|language|types?)\b[\s:=]*(?P<value>.*)",
    re.IGNORECASE | re.DOTALL,
)
# As Discord and Slack write a channel that was chosen; a bare id is taken too.
_CHANNEL = re.compile(r"<#(?P<chosen>[A-Za-z0-9]{1,32})(?:\|[^<>]{0,100})?>")
_BARE_IDS = re.compile(
    r"(?:[CG][A-Z0-9]{8,20}|\d{15,20})(?:[\s,]+(?:[CG][A-Z0-9]{8,20}|\d{15,20}))*"
)
_HOW = (
    "Write *settings channels* with the channels to work in (or *all*), *settings language* with a "
    "language (or *auto*), or *settings types* with kinds of analysis (or *default*)."
)


def configure(text: str) -> Command | None:
    """None for what changes no setting."""
    match = _SETTING.fullmatch(text.strip())
    if match is None:
        return None
    name, value = match["name"].lower().rstrip("s"), match["value"].strip()
    if name == "channel":
        return _channels(value)
    return _language(value) if name == "language" else _types(value)


def _channels(value: str) -> Command:
    chosen = tuple(dict.fromkeys(found["chosen"] for found in _CHANNEL.finditer(value)))
    if _BARE_IDS.fullmatch(value):
        chosen = tuple(dict.fromkeys(re.split(r"[\s,]+", value)))
    if chosen:
        return SetChannels(chosen)
    return SetChannels(()) if flat(value) in EVERYWHERE else Unclear(_HOW)


def _language(value: str) -> Command:
    if flat(value) in OWN:
        return SetDefaultLanguage(None)
    language = language_called(flat(value))
    return SetDefaultLanguage(language) if language else Unclear(_HOW)


def _types(value: str) -> Command:
    if flat(value) in OWN:
        return SetDefaultTypes(())
    named = read_names(flat(value))
    return Unclear(_HOW) if named.left or not named.types else SetDefaultTypes(named.types)
