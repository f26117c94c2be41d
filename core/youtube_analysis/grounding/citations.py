"""Citations: a model writes `[12]`; only code turns that into a time and a link."""

from __future__ import annotations

from collections.abc import Sequence

import regex

from youtube_analysis.models.analysis import Citation
from youtube_analysis.models.times import clock
from youtube_analysis.models.video import VideoInfo

from .passages import Passage

_MARK = regex.compile(
    r"(?P<space>[ \t]*)(?<!\\)\[(?P<numbers>\d{1,5}(?:\s*[,;]\s*\d{1,5})*)\](?!\()"
)
# A link or a picture of the model's own making: its words may stay, its address may not.
_FOREIGN_LINK = regex.compile(r"!?(?<!\\)\[(?P<label>[^\[\]\n]{0,300})\]\([^()\n]{0,2000}\)")
_TAG = regex.compile(r"(?<!\\)<(?=[!/?a-zA-Z])")
_QUOTED = regex.compile(r"[“\"„«「『](?P<words>[^“”\"„«»「」『』\n]{3,600})[”\"“»」』]")
_SENTENCE_START = regex.compile(r"(?:^|[.!?。！？…]\s+|\n)(?:[#>*\-\d. ]+)?(?=[^.!?。！？…\n]*$)")


class CitationGate:
    """Everything a model writes passes here, a line at a time, before anybody sees it.

    Links and tags of the model's own lose their effect. Each `[n]` becomes the time (and link)
    at which the words before it are spoken; a number without a passage is dropped. `text` and
    `citations` are what was let through so far.
    """

    def __init__(self, info: VideoInfo, passages: Sequence[Passage]) -> None:
        self._info = info
        self._passages = passages
        self._held = ""
        self._shown: list[str] = []
        self._citations: list[Citation] = []

    @property
    def text(self) -> str:
        return "".join(self._shown)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """In the order in which they stand in the text."""
        return tuple(self._citations)

    def feed(self, delta: str) -> str:
        """What may be shown now: whole lines."""
        lines, newline, self._held = (self._held + delta).rpartition("\n")
        return self._show(lines + newline)

    def close(self) -> str:
        """What was still held back."""
        rest, self._held = self._held, ""
        return self._show(rest)

    def _show(self, text: str) -> str:
        shown = "".join(map(self._cite, text.splitlines(keepends=True)))
        self._shown.append(shown)
        return shown

    def _cite(self, line: str) -> str:
        line = _TAG.sub(r"\\<", _FOREIGN_LINK.sub(r"\g<label>", line))
        parts: list[str] = []
        done = 0
        for match in _MARK.finditer(line):
            parts.append(line[done : match.start()])
            told = [
                self._citation(line[: match.start()], int(number))
                for number in regex.findall(r"\d+", match["numbers"])
                if 1 <= int(number) <= len(self._passages)
            ]
            if told:
                parts.append(match["space"] + " ".join(map(_shown, told)))
            self._citations += told
            done = match.end()
        return "".join((*parts, line[done:]))

    def _citation(self, before: str, number: int) -> Citation:
        """Words are looked for in the passage and the one after it: a quote may run on."""
        passage = self._passages[number - 1]
        beyond = Passage(
            number, tuple(s for p in self._passages[number - 1 : number + 1] for s in p.sentences)
        )
        for words in _claims(before):
            if place := beyond.locate(words):
                return self._cited(*place, words)
        return self._cited(passage.start, passage.end, passage.text)

    def _cited(self, start: float, end: float, quote: str) -> Citation:
        return Citation(self._info.video_id, start, end, self._info.url_at(start), quote)


def _claims(before: str) -> list[str]:
    """What may stand word for word in the passage: the last quote, the last sentence, and the
    last sentence without its heading."""
    since = before[max((match.end() for match in _MARK.finditer(before)), default=0) :]
    quotes = [match["words"] for match in _QUOTED.finditer(since)][-1:]
    plain = since.strip(' *_>-“”"')
    starts = [match.end() for match in _SENTENCE_START.finditer(plain.rstrip(" .!?。！？…"))]
    sentence = plain[starts[-1] if starts else 0 :]
    return [*quotes, plain, sentence, sentence.rpartition("**")[2], sentence.partition(": ")[2]]


def _shown(citation: Citation) -> str:
    time = clock(citation.start)
    return f"[{time}]({citation.url})" if citation.url else f"[{time}]"
