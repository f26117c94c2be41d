"""The link in a message, and what else is said there."""

from __future__ import annotations

import re
from dataclasses import dataclass

from youtube_analysis.errors import InvalidLink, PlaylistLink
from youtube_analysis.models.link import parse_link

# As it stands in chats: bare, `<link>`, `<link|label>`, `[label](link)`.
_LINK = re.compile(
    r"(?:\[[^\[\]\n]{0,300}\]\(|<)?"
    r"(?P<link>(?:(?<![A-Za-z0-9@./-])(?:https?:)?//|(?<![A-Za-z0-9@./_-]))"
    r"(?:[a-z]{1,8}\.)?(?:youtube(?:-nocookie)?\.com|youtu\.be)"
    r"(?![A-Za-z0-9-])[A-Za-z0-9\-._~:/?#@&;=%+]*)"
    r"(?:\|[^<>\n]{0,300})?[>)]?",
    re.IGNORECASE | re.ASCII,
)
_ANY_LINK = re.compile(r"<?(?:https?://|www\.)[^\s<>]{1,2048}>?", re.IGNORECASE)
_MOST_LINKS = 20


@dataclass(frozen=True, slots=True)
class Linked:
    """`link` is empty where none can be read, `wrong` then says why; `rest` is the text without
    its links."""

    rest: str
    link: str = ""
    wrong: str = ""


def find_link(text: str) -> Linked | None:
    """None where a text holds no link that is meant as one."""
    found = list(_LINK.finditer(text))
    rest = " ".join(_LINK.sub(" ", text).split()) if found else ""
    wrong, playlist = "", ""
    for match in found[:_MOST_LINKS]:
        try:
            return Linked(rest, _parsed(match["link"]))
        except PlaylistLink as error:
            playlist = playlist or error.message
        except InvalidLink as error:
            if "//" in match["link"] or not rest:
                wrong = wrong or error.message
    if not found and _ANY_LINK.fullmatch(text):
        wrong = _reason(text)
    if playlist or wrong:
        return Linked("" if playlist else rest, "", playlist or wrong)
    return None


def _parsed(link: str) -> str:
    """Without what belongs to the sentence around it. An id may end with an underscore."""
    link = link.rstrip(".:;?&#")
    try:
        parse_link(link)
    except PlaylistLink:
        raise
    except InvalidLink:
        link = link.removesuffix("_").rstrip("~")
        parse_link(link)
    return link


def _reason(link: str) -> str:
    try:
        parse_link(link)
    except InvalidLink as error:
        return error.message
    return ""
