"""The gate that everything a model writes passes before anybody sees it."""

from __future__ import annotations

import html

import regex

from youtube_analysis.models.analysis import Citation

from .marks import mark_unsupported
from .quotes import Quotes
from .references import References
from .signs import without_signs
from .spoken import SpokenWords

_INVISIBLE = regex.compile(
    r"[\p{Cc}--[\n\t]]|\p{Cs}|\p{Co}|[\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]",
    regex.VERSION1,
)
_ENTITY = regex.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_UNFINISHED_ENTITY = regex.compile(r"&[#a-zA-Z0-9]{0,32}$")


class CitationGate:
    """Text in, in chunks of any size; what may be shown out, at once.

    Waits only for the rest of a citation, link, time, tag or quote that has begun. A passage
    `[n]` becomes the time, and link, at which the words before it are spoken; a number without a
    passage is dropped, and so is a time that the model wrote itself. Quotation marks stand only
    around words that somebody says in the video, or that name it. Links and tags of the model's
    own lose their effect.
    """

    def __init__(self, spoken: SpokenWords) -> None:
        self._spoken = spoken
        self._quotes = Quotes(spoken)
        self._references = References(spoken)
        self._raw = ""
        self._judged: list[str] = []

    @property
    def citations(self) -> tuple[Citation, ...]:
        """In the order in which they stand in the text, each place once."""
        made = self._references.citations.made
        return tuple(dict.fromkeys(cited.citation for cited in made))

    @property
    def unanswered(self) -> bool:
        """Whether the model said, as it was told to, that the video does not say."""
        return self._references.unanswered

    @property
    def shown(self) -> str:
        """What was let through so far."""
        return without_signs("".join(self._judged))

    def feed(self, delta: str) -> str:
        """What may be shown now."""
        return self._pass(delta, final=False)

    def close(self) -> str:
        """What was still held back."""
        return self._pass("", final=True)

    def marked(self) -> str:
        """The whole text after `close`, with a mark at whatever nothing in the video backs."""
        made = self._references.citations.made
        return mark_unsupported("".join(self._judged), made, self._spoken.reading)

    def _pass(self, delta: str, *, final: bool) -> str:
        proved = self._quotes.feed(self._decoded(delta, final=final), final=final)
        judged = self._references.feed(proved, final=final)
        self._judged.append(judged)
        return without_signs(judged)

    def _decoded(self, delta: str, *, final: bool) -> str:
        """Entities become the characters that a reader would see; what nobody sees goes."""
        self._raw += _INVISIBLE.sub("", delta)
        unfinished = None if final else _UNFINISHED_ENTITY.search(self._raw)
        ready = unfinished.start() if unfinished else len(self._raw)
        text, self._raw = self._raw[:ready], self._raw[ready:]
        return _INVISIBLE.sub("", _ENTITY.sub(_meant, text))


def _meant(match: regex.Match[str]) -> str:
    """An ampersand gets a space behind it, so that it cannot begin another entity."""
    meant = html.unescape(match[0])
    return "& " if meant == "&" else meant
