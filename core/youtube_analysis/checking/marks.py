"""The final check of a text: what nothing in the video backs is marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import regex

from youtube_analysis.passages.reading import Reading
from youtube_analysis.passages.words import Analyzer, base_language, count_words, guess_language
from youtube_analysis.patterns import Pattern

from .citations import Cited
from .signs import CITED, REFUSED

MARK = "⚠️"
LEGEND = f"*{MARK} Nothing in the video was found to back this.*"
# A claim that shares no word with what it cites is unbacked; shorter ones prove nothing.
_WORDS_TO_COMPARE = 4
_SHORTEST_CLAIM, _LONGEST_LABEL = 4, 8

_LIST_ITEM = Pattern(r"\s*(?:[-*+•→]|\d{1,3}[.)])\s")
_NO_CLAIM = Pattern(r"\s*(?:#{1,6}\s|[-|:\s]+$|(?:#\w+\s*)+$)")
_SENTENCE_END = Pattern(r"[.!?…。！？؟।][\"'”’»)*_\]]*\s*$")
_MARKED = Pattern(rf"[ \t]*+{REFUSED}(?:[ \t]*+{REFUSED})*")
_SIGNS = Pattern(f"([{REFUSED}{CITED}])")
_MARKUP = Pattern(r"\]\([^)\s]*\)|[*_`#>\[\]]")


def mark_unsupported(judged: str, cited: Sequence[Cited], reading: Reading) -> str:
    """The text with MARK behind every claim that cites nothing, cites what does not exist, or
    shares no word with what it cites; and the legend, if there is one."""
    evidence = _Evidence(reading, judged)
    backed = iter([evidence.backs(one) for one in cited])
    marked = "\n".join(_line(line, backed) for line in judged.split("\n"))
    return f"{marked.rstrip()}\n\n{LEGEND}" if MARK in marked else marked


def _line(line: str, backed: Iterator[bool]) -> str:
    if CITED not in line and REFUSED not in line:
        return f"{line.rstrip()} {MARK}" if _claims(line) else line
    parts = _SIGNS.split(line)
    signs = {REFUSED: REFUSED, CITED: ""}
    marked = "".join(
        REFUSED if part == CITED and not next(backed) else signs.get(part, part) for part in parts
    )
    return _MARKED.sub(_mark, marked)


def _mark(match: regex.Match[str]) -> str:
    """One mark for all that was refused there, apart from the words around it."""
    before, after = match.start() > 0, match.string[match.end() : match.end() + 1].isalnum()
    return f"{' ' * before}{MARK}{' ' * after}"


def _claims(line: str) -> bool:
    """Whether a line without any citation says something of the video."""
    plain = _MARKUP.sub("", line).strip()
    words = count_words(plain)
    if _NO_CLAIM.match(line) or plain.endswith((":", "：")) or words < _SHORTEST_CLAIM:
        return False
    label = words <= _LONGEST_LABEL and not _SENTENCE_END.search(line)
    return bool(_LIST_ITEM.match(line)) or not label


class _Evidence:
    """Compares words where claim and video are in the same language; else nothing is known."""

    def __init__(self, reading: Reading, text: str) -> None:
        language = guess_language([_MARKUP.sub(" ", text)])
        same = bool(language) and language == base_language(reading.language)
        self._analyzer = Analyzer(language) if same else None
        self._passages = reading.passages

    def backs(self, cited: Cited) -> bool:
        if self._analyzer is None:
            return True
        claimed = set(self._analyzer.terms(_MARKUP.sub(" ", cited.claim)))
        if len(claimed) < _WORDS_TO_COMPARE:
            return True
        numbers = range(min(cited.passages) - 1, max(cited.passages) + 2)
        said = " ".join(p.text for n in numbers for p in self._passages[max(0, n - 1) : n])
        return not claimed.isdisjoint(self._analyzer.terms(said))
