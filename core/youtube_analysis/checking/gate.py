"""The gate that everything a model writes passes before anybody sees it."""

from __future__ import annotations

from youtube_analysis.models.analysis import Citation
from youtube_analysis.passages.reading import Reading

from .links import Links
from .marks import mark_unsupported
from .signs import with_marks_only, without_signs
from .spoken import SpokenWords
from .visible import Visible


def load() -> None:
    """Compiles the patterns of quotes and times, once: half a second that no start waits for."""
    from . import quotes, references  # noqa: F401, PLC0415 - see above


def words_for_gate(reading: Reading) -> SpokenWords:
    """With them, a gate is made at once. To be called beside the event loop."""
    load()
    return SpokenWords(reading)


class CitationGate:
    """Text in, in chunks of any size; what may be shown out, at once.

    Waits only for the rest of a citation, link, time, tag or quote that has begun. A passage
    `[n]` becomes the time, and link, at which the words before it are spoken; a number without a
    passage is dropped, and so is a time that the model wrote itself. Quotation marks stand only
    around words that somebody says in the video, or that name it. Links and tags of the model's
    own lose their effect.
    """

    def __init__(self, spoken: SpokenWords) -> None:
        from .quotes import Quotes  # noqa: PLC0415 - as in load
        from .references import References  # noqa: PLC0415

        self._spoken = spoken
        self._visible = Visible()
        self._quotes = Quotes(spoken)
        self._links = Links()
        self._references = References(spoken)
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
        text = delta
        for stage in (self._visible, self._quotes, self._links, self._references):
            text = stage.feed(text, final=final)
        judged = with_marks_only(text)
        self._judged.append(judged)
        return without_signs(judged)
