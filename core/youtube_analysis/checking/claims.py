"""A text taken apart into the claims that it makes, and what of a claim is compared; the text put
together again."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from unicodedata import normalize

import regex

from youtube_analysis.passages.sentences import sentence_ends
from youtube_analysis.passages.words import UNSPACED, Analyzer, base_language, count_words
from youtube_analysis.patterns import Pattern

from .filter import CITED, MARK, cited_numbers

_CITES = re.compile(r"(?:[ \t]{0,3}(?<!\\)\[\d{1,6}\](?!\())+")
# At the end of a sentence, maybe within its full stop: `said [3].`, `**said [3]**`.
_LAST_CITES = re.compile(
    r"(?P<cites>(?:[ \t]{0,3}(?<!\\)\[\d{1,6}\]){1,16}+)(?P<stop>[.!?…。！？]*[\"'”’»)*_]*)[ \t]*$"
)
_BULLET = r"[ \t>]*(?:(?:[-*+•→]|\d{1,3}[.)])[ \t]+)?"
# What stands before the statements of a line: its bullet, the passage in which a key moment
# begins, and what names the statement, as in `- [12] **Title:** …`.
_HEAD = re.compile(
    rf"{_BULLET}(?:\[[ xX]\][ \t]+)?(?:(?:\[\d{{1,6}}\])+[ \t]+)?"
    r"(?:\*\*[^*\[\n]{1,60}(?:[:：.]\*\*|\*\*[:：.])[ \t]*)?"
)
# Headings, rules, hashtags, and lines that are a label alone.
_NO_CLAIM = re.compile(
    r"[ \t]*(?:#{1,6}[ \t]|[-|: \t]+$|(?:#\w+[ \t]*)+$|\*\*[^*]+:\*\*[^.]{1,40}·)"
    rf"|{_BULLET}(?:(?:\[\d{{1,6}}\])+[ \t]+)?"
    r"(?:\*\*[^*\[\n]+\*\*|__[^_\[\n]+__)[:：.]?(?:[ \t]*·.*)?[ \t]*$"
)
_STOP = re.compile(r"[.!?…。！？؟।][\"'”’»)*_\]]*\s*$")
_QUESTION = re.compile(r"[?？؟][\"'”’»)*_\]]*\s*$")
_MARKUP = re.compile(r"[*_`>]+|(?<!\w)#(?=\w)|\\(?=[\W_])|~~")
# A line of fewer words that nothing ends is a label, not a statement.
_LONGEST_LABEL = 8
# Words of “Of course!” and of “Sources: [1], [2]”.
_COURTESY = 2
# A quote of fewer words is as often a term as somebody's words.
LONGEST_TERM = 3
# Words, and signs that stand for words.
_TOKEN = Pattern(
    rf"[{UNSPACED}]|[[\p{{L}}\p{{M}}\p{{N}}]--[{UNSPACED}]]+(?:['’][\p{{L}}\p{{M}}]+)*"
    r"|[%‰$€£]|(?<![\p{L}\p{N}])-(?=\p{N})",
    regex.VERSION1,
)
QUOTE = Pattern(
    r"“(?P<words>[^“”\n]{1,2000})”|„(?P<words>[^„“”\"\n]{1,2000})[“”\"]"
    r"|«(?P<words>[^«»\n]{1,2000})»|»(?P<words>[^«»\n]{1,2000})«"
    r"|「(?P<words>[^「」\n]{1,2000})」|『(?P<words>[^『』\n]{1,2000})』"
    r"|(?<![\p{L}\p{N}])\"(?P<words>[^\"\n]{1,2000})\"(?![\p{L}\p{N}])"
)
# A negation reaches to the end of its clause.
_CLAUSE = Pattern(r"[.!?…;:,，、。！？؟؛،–—]+|--|\b(?:but|aber|sondern|mais|pero|но)\b")
# A comparison, not a negation.
_COMPARED = Pattern(
    r"\b(?:no|not)\b(?= (?:more|less|fewer|later|earlier|longer) than\b| only\b)", regex.I
)

_CAPITAL = Pattern(
    rf"(?<![[\p{{L}}\p{{N}}'’.-]--[{UNSPACED}]])\p{{Lu}}[[\p{{L}}\p{{M}}\p{{N}}’'-]--[{UNSPACED}]]*",
    regex.VERSION1,
)
_AFTER_STOP = Pattern(r"(?:^|[.!?:…。“\"«„(–—]\s*)$")


@dataclass(slots=True)
class Piece:
    """A sentence of a line, as written, and the passages that stand behind it.

    `claims` tells whether it says something of the video; `mark` whether that was found nowhere.
    `quotes` are the words in quotation marks that were proved; `stop` is what the model wrote
    behind the passages.
    """

    text: str
    numbers: tuple[int, ...] = ()
    claims: bool = False
    mark: bool = False
    quotes: tuple[str, ...] = ()
    stop: str = ""

    @property
    def plain(self) -> str:
        return " ".join(_MARKUP.sub(" ", _CITES.sub("", self.text)).split())

    @property
    def cited(self) -> tuple[int, ...]:
        """Passages that are cited within it and behind it, in their order."""
        return (*cited_numbers(self.text), *self.numbers)

    def cite(self, *numbers: int) -> None:
        """These, at its end, in the place of all that it cites."""
        self.text, self.numbers = _CITES.sub("", self.text), numbers

    def __str__(self) -> str:
        bare = self.text.rstrip()
        cites = "".join(f"[{number}]" for number in self.numbers)
        stop = self.stop if cites and bare.endswith(self.stop) else ""
        words = bare.removesuffix(stop)
        behind = " ".join(filter(None, (words, cites + stop, MARK if self.mark else "")))
        return behind + self.text[len(bare) :]


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim as it is compared. `foreign` is one in another language than the talk's."""

    text: str
    terms: frozenset[str]
    numbers: frozenset[float]
    names: tuple[str, ...]
    polarity: Mapping[str, set[bool]]
    foreign: bool


def pieces_of(text: str) -> list[list[Piece]]:
    """The text line by line."""
    return [_line(line) for line in text.split("\n")]


def joined(lines: Iterable[Sequence[Piece]]) -> str:
    return "\n".join(map(_joined, lines))


def _joined(line: Sequence[Piece]) -> str:
    text = ""
    for piece in map(str, line):
        apart = text.endswith(("]", MARK)) and (piece[:1].isalnum() or piece[:1] in '([“„«"')
        text += f"{' ' if apart and piece else ''}{piece}"
    return text


def _line(line: str) -> list[Piece]:
    if not line.strip() or _NO_CLAIM.match(line):
        return [Piece(line)]
    head = _HEAD.match(line)
    begin = head.end() if head else 0
    pieces = _statements(line[begin:], item=bool(line[:begin].strip()))
    return [Piece(line[:begin]), *pieces] if begin else pieces


def _statements(rest: str, *, item: bool) -> list[Piece]:
    pieces: list[Piece] = []
    begin = 0
    for end in sorted({*_ends_outside_quotes(rest), len(rest)}):
        part, begin = rest[begin:end], end
        if pieces and (behind := _CITES.match(part)):
            pieces[-1].numbers += tuple(cited_numbers(behind[0]))
            part = part[behind.end() :]
        last = _LAST_CITES.search(part)
        if last and not CITED.search(part, 0, last.start("cites")):
            words = part[: last.start()] + last["stop"]
            cites = dict.fromkeys(cited_numbers(last["cites"]))
            pieces.append(Piece(words, tuple(cites), stop=last["stop"]))
        elif part:
            pieces.append(Piece(part))
    whole = " ".join(piece.plain for piece in pieces)
    short = not item and count_words(whole) <= _LONGEST_LABEL and not _STOP.search(whole)
    label = whole.endswith((":", "：")) or (short and not CITED.search(rest))
    for piece in pieces:
        piece.claims = not label and _says(piece)
    return pieces


def _says(piece: Piece) -> bool:
    """Whether a sentence says something of the video: no question, no hashtags, no courtesy, and
    not just a list of passages."""
    plain, words = piece.plain, count_words(piece.plain)
    if not any(map(str.isalpha, plain)) or _QUESTION.search(plain):
        return False
    if all(word.startswith("#") for word in piece.text.split()):
        return False
    if words <= _COURTESY and not piece.cited and plain.endswith(("!", "！")):
        return False
    return words > _COURTESY or not cited_numbers(piece.text)


def _ends_outside_quotes(text: str) -> list[int]:
    """Where sentences end; what is quoted belongs to the sentence around it."""
    quotes = [match.span() for match in QUOTE.finditer(text)]
    return [
        end for end in sentence_ends(text) if not any(first < end < last for first, last in quotes)
    ]


def tokens(text: str) -> list[str]:
    """Words as they are compared, and signs that stand for words."""
    return list(_TOKEN.findall(normalize("NFC", text.casefold().replace("’", "'"))))


@cache
def negations(language: str) -> frozenset[str]:
    """Words that turn a statement into its opposite; none for a language that we do not know."""
    file = resources.files(__package__).joinpath("negations.toml")
    known = tomllib.loads(file.read_text(encoding="utf-8"))
    return frozenset(known.get(base_language(language), "").split())


def polarity(text: str, analyzer: Analyzer, negations: frozenset[str]) -> dict[str, set[bool]]:
    """By term, whether it is said under a negation (True), under none, or both."""
    states: dict[str, set[bool]] = {}
    for clause in _CLAUSE.split(_COMPARED.sub("", text)):
        negated = False
        before: list[str] = []
        for word in tokens(clause):
            if word in negations or word.endswith("n't"):
                negated = True
                # What stands before it may be what is negated: `managers are not invited`.
                for earlier in before:
                    states[earlier].add(True)
            elif term := analyzer.term(word):
                states.setdefault(term, set()).add(negated)
                before.append(term)
    return states


def names_in(text: str) -> tuple[str, ...]:
    """Words with a capital where no sentence begins."""
    return tuple(
        match[0]
        for match in _CAPITAL.finditer(text)
        if not _AFTER_STOP.search(text[max(0, match.start() - 4) : match.start()])
    )
