"""A text taken apart into the claims that it makes, and put together again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from youtube_analysis.passages.sentences import sentence_ends
from youtube_analysis.passages.words import count_words

from .citing import CITED, cited_numbers
from .filter import MARK
from .quotes import QUOTE

_CITES = re.compile(r"(?:[ \t]{0,3}\[\d{1,6}\](?!\())+")
# `said [3].` is `said. [3]`, and `**said [3]**` is `**said** [3]`.
_CITED_BEFORE_STOP = re.compile(
    r"(?P<cites>(?:[ \t]{0,3}\[\d{1,6}\]){1,16}+)(?P<stop>[.!?…。！？,;:]+[\"'”’»)*_]*|[*_]+)"
)
# What stands before the statements of a line: its bullet, the passage in which a key moment
# begins, and what names the statement, as in `- [12] **Title:** …`.
_HEAD = re.compile(
    r"[ \t]*(?:>[ \t]*)*(?:(?:[-*+•→]|\d{1,3}[.)])[ \t]+)?(?:\[[ xX]\][ \t]+)?"
    r"(?:(?:\[\d{1,6}\])+[ \t]+)?"
    r"(?:\*\*[^*\[\n]{1,60}(?:[:：.]\*\*|\*\*[:：.])[ \t]*)?"
)
_ITEM = re.compile(r"[ \t>]*(?:[-*+•→]|\d{1,3}[.)])[ \t]")
_LABEL_ALONE = re.compile(
    r"[ \t]*(?:(?:[-*+•→]|\d{1,3}[.)])[ \t]+)?(?:(?:\[\d{1,6}\])+[ \t]+)?"
    r"(?:\*\*[^*\n]+\*\*|__[^_\n]+__)[:：.]?(?:[ \t]*·.*)?[ \t]*$"
)
_NO_CLAIM = re.compile(
    r"[ \t]*(?:#{1,6}[ \t]|[-|: \t]+$|(?:#\w+[ \t]*)+$|\*\*[^*]+:\*\*[^.]{1,40}·)"
)
_STOP = re.compile(r"[.!?…。！？؟।][\"'”’»)*_\]]*\s*$")
_QUESTION = re.compile(r"[?？؟][\"'”’»)*_\]]*\s*$")
_MARKUP = re.compile(r"[*_`#>]+|\\(?=[\W_])|~~")
# A line of fewer words that nothing ends is a label, not a statement.
_LONGEST_LABEL = 8
_MOST_CITED = 16


@dataclass(slots=True)
class Piece:
    """A stretch of a line: text as written, and the passages that it cites behind itself.

    `claims` tells whether it says something of the video; `mark` whether that was found nowhere.
    `quotes` are the words in quotation marks that were proved.
    """

    text: str
    numbers: tuple[int, ...] = ()
    claims: bool = False
    mark: bool = False
    quotes: tuple[str, ...] = ()

    @property
    def plain(self) -> str:
        return " ".join(_MARKUP.sub(" ", self.text).split())

    def __str__(self) -> str:
        bare = self.text.rstrip()
        cites = "".join(f"[{number}]" for number in self.numbers)
        behind = " ".join(filter(None, (bare, cites, MARK if self.mark else "")))
        return behind + self.text[len(bare) :]


def pieces_of(text: str) -> list[list[Piece]]:
    """The text line by line."""
    return [_line(line) for line in text.split("\n")]


def joined(lines: Iterable[Sequence[Piece]]) -> str:
    return "\n".join(map(_joined, lines))


def _joined(line: Sequence[Piece]) -> str:
    text = ""
    for piece in line:
        apart = text.endswith(("]", MARK)) and not str(piece).startswith((" ", "\t"))
        text += f"{' ' if apart else ''}{piece}"
    return text.rstrip()


def _line(line: str) -> list[Piece]:
    if not line.strip() or _NO_CLAIM.match(line) or _LABEL_ALONE.match(line):
        return [Piece(line)]
    head = _HEAD.match(line)
    begin = head.end() if head else 0
    rest = _CITED_BEFORE_STOP.sub(r"\g<stop>\g<cites>", line[begin:])
    return [*([Piece(line[:begin])] if begin else []), *_statements(line, rest)]


def _statements(line: str, rest: str) -> list[Piece]:
    cites = {match.end() for match in _CITES.finditer(rest)}
    ends = {*_ends_outside_quotes(rest), *cites, len(rest)}
    pieces: list[Piece] = []
    begin = 0
    for end in sorted(ends):
        part, begin = rest[begin:end], end
        cited = _CITES.search(part)
        words = part[: cited.start()] if cited else part
        numbers = cited_numbers(cited[0]) if cited else []
        if pieces and not words.strip():
            pieces[-1].numbers = _distinct(*pieces[-1].numbers, *numbers)
        elif words or numbers:
            pieces.append(Piece(words, _distinct(*numbers)))
    whole = " ".join(piece.plain for piece in pieces)
    short = count_words(whole) <= _LONGEST_LABEL and not (_STOP.search(whole) or _ITEM.match(line))
    label = whole.endswith((":", "：")) or (short and not CITED.search(rest))
    for piece in pieces:
        says = any(map(str.isalpha, piece.plain)) and not _QUESTION.search(piece.plain)
        piece.claims = says and not label
    return pieces


def _distinct(*numbers: int) -> tuple[int, ...]:
    """More passages than that bear out nothing."""
    return tuple(dict.fromkeys(numbers))[:_MOST_CITED]


def _ends_outside_quotes(text: str) -> list[int]:
    """Where sentences end; what is quoted, or goes on behind an ellipsis, belongs to the sentence
    before."""
    quotes = [match.span() for match in QUOTE.finditer(text)]
    return [
        end
        for end in sentence_ends(text)
        if not any(first < end < last for first, last in quotes)
        and not (text.endswith(("…", "..."), 0, end) and text[end : end + 8].lstrip()[:1].islower())
    ]
