"""Which numbers a text names, in digits or in words; `numbers.toml` holds the words."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import resources
from typing import Any, NamedTuple
from unicodedata import normalize

from youtube_analysis.passages.words import base_language
from youtube_analysis.patterns import Pattern

_LETTER = "A-Za-zÀ-ÖØ-öø-ɏ\u0370-\u052f"
_CLOCK = r"(?<!\d)\d{1,3}(?:[:：]\d\d)+(?!\d)(?:[.,]\d+)?"
# The digits of `H2O` and `10h30` are no number, those of `v2.0` and `x10` are.
_WORD = rf"[vVx](?=\d)|[{_LETTER}]+(?:\d[{_LETTER}\d]*(?:[.,]\d+)*)?"
_GAP = re.compile(r"[\s*_‐‑-]{0,4}")
_GROUPED = re.compile(r"\d{1,3}(?:(?:,\d{3})+|(?:\.\d{3})+)|\d{1,2}(?:,\d\d)+,\d{3}")
_ATTACHED = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9}
_LONGEST = 60


class _Token(NamedTuple):
    kind: str
    value: float = 0.0
    room: float = 0.0  # what follows belongs to the same number if it is smaller than this
    lone: bool = False  # is no number alone
    gap: str = ""  # what stands before it


_END = _Token("end")


def numbers_in(text: str, language: str) -> list[float]:
    """The numbers that a text names, in their order; `language` is a BCP 47 code.

    `38 %` is 38, `10-15` both its ends. Clock times are left out, and so is what may be an article
    (`one`, `un`). Digits are read in any language, words only in those of `numbers.toml`.
    """
    found = _reader(base_language(language)).numbers(normalize("NFC", text))
    return [number for number in found if math.isfinite(number)]


def same(a: float, b: float) -> bool:
    """Whether two numbers are equal but for rounding: by a relative 1e-9."""
    return math.isclose(a, b, rel_tol=1e-9)


@lru_cache(maxsize=32)
def _reader(base: str) -> _Words | _Han:
    file = resources.files(__package__).joinpath("numbers.toml")
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    if base in {"zh", "ja"}:
        return _Han(tables["han"], short=base == "zh")
    return _Words(tables.get(base, {}), comma=base in tables["comma"].split())


class _Words:
    """Numbers in the words of a language that puts spaces between them."""

    def __init__(self, table: Mapping[str, Any], *, comma: bool) -> None:
        self._comma, self._rules = comma, table.get("rules", {})
        self._known = _vocabulary(table, self._rules)
        self._read = lru_cache(maxsize=4096)(self._tokens)
        names = sorted(self._known, key=len, reverse=True)
        phrases = (rf"[{w[0]}{w[0].upper()}]{w[1:]}" for w in names if "_" in w)
        phrase = "|".join(phrases).replace("_", r"[\s-]{1,3}") or "(?!)"
        spoken = rf"(?P<word>(?:{phrase})(?![{_LETTER}])|{_WORD})"
        self._pattern = re.compile(rf"{_CLOCK}|{spoken}|{_digits(comma=comma)}")
        joiner = "|".join(w for w in names if self._known[w].kind == "and") or "(?!)"
        part = "|".join(w for w in names if self._known[w].kind != "and") or "(?!)"
        parts = rf"(?P<part>{part})(?:(?P<part>{joiner})?(?P<part>{part}))*"
        self._parts = Pattern(rf"{parts}(?:{self._rules.get('ending', '')})?")

    def numbers(self, text: str) -> Iterator[float]:
        end, run = 0, list[_Token]()
        for match in self._pattern.finditer(text):
            word = (match["word"] or "")[: _LONGEST + 1]
            tokens = self._read(word) if word else _written(match, comma=self._comma)
            if not tokens:
                continue
            gap = _GAP.fullmatch(text, end, match.start())
            if not gap:
                yield from _Run(run, self._rules).numbers()
                run = []
            run += [tokens[0]._replace(gap=gap[0] if gap else ""), *tokens[1:]]
            end = match.end()
        yield from _Run(run, self._rules).numbers()

    def _tokens(self, word: str) -> list[_Token]:
        word = re.sub(r"[\s-]+", "_", word.lower())
        if word in self._known:
            return [self._known[word]]
        solid = "solid" in self._rules and len(word) <= _LONGEST and self._parts.fullmatch(word)
        return [self._known[part] for part in solid.captures("part")] if solid else []


def _listed(text: str) -> Iterator[tuple[str, float]]:
    """The words of a list such as `2 two 3 three third`, each with its number."""
    value = 0.0
    for word in text.split():
        if word[0] in "0123456789":
            value = float(word)
        else:
            yield word, value


def _vocabulary(table: Mapping[str, Any], rules: Mapping[str, Any]) -> dict[str, _Token]:
    atoms = list(_listed(table.get("words", "")))
    forms = iter(table.get("forms", ()))
    for endings, stems in zip(forms, forms, strict=True):
        atoms += [(stem + end, value) for stem, value in _listed(stems) for end in endings.split()]
    words = {}
    for word, value in atoms:
        room = 100.0 if value >= 100 else 10.0 if value >= 20 and value % 10 == 0 else 0.0
        room = rules.get("room", {}).get(f"{value:g}", room)
        lone = value in {0.5, 1} or word in rules.get("lone", "").split()
        words[word] = _Token("atom", value, room, lone)
    for key in ("scales", "counted"):
        for word, value in _listed(table.get(key, "")):
            kind = "hundred" if value == 100 else "scale"
            words[word] = _Token(kind, value, lone=key == "counted")
    for kind in ("and", "point", "plus"):
        words |= {word: _Token(kind) for word in rules.get(kind, "").split()}
    return words


class _Run:
    """Tokens side by side. Private methods return a value and the place behind it, or where they
    began if no number is there."""

    def __init__(self, tokens: list[_Token], rules: Mapping[str, Any]) -> None:
        self._tokens, self._rules = [*tokens, _END, _END, _END], rules

    def numbers(self) -> Iterator[float]:
        place = 0
        while place < len(self._tokens) - 3:
            value, after = self._number(place)
            if after - place > 1 or (after > place and not self._tokens[place].lone):
                yield value
            place = max(after, place + 1)

    def _number(self, begin: int) -> tuple[float, int]:
        """Groups, each with a smaller scale than the one before: two million three thousand."""
        total, scale, place = 0.0, math.inf, begin
        while True:
            start = self._joined(place, scale) if place > begin else place
            group, after = self._group(start)
            following = self._tokens[after]
            if following.kind != "scale":
                break
            if following.value < scale:
                total += (group if after > start else 1) * following.value
            elif after == place and following.value > scale:  # mil millones
                total *= following.value
            else:
                break
            scale, place = following.value, after + 1
        rest = following.kind != "scale" and self._tokens[start].kind != "digits"
        if place == begin or (rest and 1000 <= scale > group and after > start):
            total, place = total + group, after
        if scale < math.inf and self._tokens[place].kind == "plus":
            total, place = total + 0.5 * scale, place + 1
        return total, place

    def _group(self, place: int) -> tuple[float, int]:
        """What stands before a scale: two hundred and five, nineteen eighty-four, 3.5."""
        first = self._tokens[place]
        chain = self._chain(place, math.inf)
        value, after = (first.value, place + 1) if first.kind == "digits" else chain
        following = self._tokens[after]
        # Where numbers are written solid, `ventotto cento` is two of them; `due cento` is one.
        most = 10 if "solid" in self._rules and following.gap else 100
        if following.kind == "hundred" and value < most:
            value, after = (value if after > place else 1) * 100, after + 1
            more, end = self._chain(self._joined(after, 100), 100)
            if more and self._tokens[end].kind != "hundred":
                value, after = value + more, end
        elif "years" in self._rules and first.kind == "atom" and value in range(13, 21):
            value, after = self._year(value, after)
        return self._fraction(value, after) if after > place else (value, after)

    def _year(self, value: float, place: int) -> tuple[float, int]:
        """Nineteen eighty-four; but neither fifteen-twenty nor fifteen twenty thousand."""
        more, after = self._chain(place, 100)
        is_year = more >= 10 and self._tokens[after].kind not in {"hundred", "scale"}
        is_year = is_year and "-" not in self._tokens[place].gap
        return (value * 100 + more, after) if is_year else (value, place)

    def _fraction(self, value: float, place: int) -> tuple[float, int]:
        """A half or decimals behind a value: two and a half, three point one four."""
        if self._tokens[place].kind != "point":
            half = self._tokens[place].kind == "plus"
            return value + 0.5 * half, place + half
        more, after = self._chain(place + 1, 100)
        if more >= 10:
            return value + more / 100, after
        digits, after = "", place + 1
        while (token := self._tokens[after]).kind == "atom" and token.value in range(10):
            digits, after = f"{digits}{token.value:.0f}", after + 1
        return (value + float(f"0.{digits}"), after) if digits else (value, place)

    def _chain(self, place: int, limit: float) -> tuple[float, int]:
        """Words that add up: ninety-five, cento e vinte e um, einundzwanzig."""
        first, joiner, tens = self._tokens[place : place + 3]
        if first.kind != "atom" or first.value >= limit:
            return 0.0, place
        if joiner.kind == "and" and joiner.gap == tens.gap == "" and first.value < 10 == tens.room:
            return first.value + tens.value, place + 3
        value, room, place = first.value, first.room, place + 1
        while room:
            start = self._joined(place, room)
            token = self._tokens[start]
            if token.kind != "atom" or not 0 < token.value < room:
                break
            value, room, place = value + token.value, token.room, start + 1
        return value, place

    def _joined(self, place: int, room: float) -> int:
        """The place behind an `and` that goes on with a number which has this room."""
        joins = self._tokens[place].kind == "and" and min(room, 1000) in self._rules["joins"]
        return place + joins


def _digits(*, comma: bool) -> str:
    """A pattern of what is written in digits, with a letter for thousand or million behind it."""
    space = "'’\u00a0\u2009\u202f" + " " * comma
    grouped = rf"\d{{1,3}}(?:[{space}]\d{{3}})+(?!\d)(?:[.,]\d+)?"
    number = rf"(?<!\d)(?P<number>(?>{grouped}|\d+(?:[.,٫٬]\d+)*))"
    return rf"{number}(?P<scale>[kKMB](?![{_LETTER}\d]))?"


def _written(match: re.Match[str], *, comma: bool) -> list[_Token]:
    scale = _ATTACHED.get(match["scale"] or "", 1.0)
    values = _read(match["number"], "," if comma else ".") if match["number"] else []
    return [_Token("digits", value * scale) for value in values]


def _read(number: str, decimal: str) -> list[float]:
    """The value of digits with separators; each part of a date or a version."""
    number = re.sub(r"[\s'’٬]", "", number).replace("٫", decimal)
    *whole, tail = re.split(r"[.,]", number)
    if not whole or len(number) > _LONGEST:
        return [float(number)] if len(number) <= _LONGEST else []
    head, mark = number[: -len(tail) - 1], number[-len(tail) - 1]
    if _GROUPED.fullmatch(number) and (len(whole) > 1 or mark != decimal) and head != "0":
        return [float("".join((*whole, tail)))]
    fraction = mark not in head and _GROUPED.fullmatch(head) is not None
    if len(whole) == 1:
        fraction = mark in {".", decimal} or len(tail) <= 2 or head == "0"
    return [float(f"{''.join(whole)}.{tail}")] if fraction else [float(n) for n in (*whole, tail)]


class _Han:
    """Numerals such as 一万二千, 二〇〇九 and 3億5000万."""

    def __init__(self, table: Mapping[str, str], *, short: bool) -> None:
        self._short = short
        digits, self._scales = dict(_listed(table["digits"])), dict(_listed(table["scales"]))
        self._arabic = str.maketrans({digit: f"{value:.0f}" for digit, value in digits.items()})
        digit, scale = f"[{''.join(digits)}]", f"[{''.join(self._scales)}]"
        self._part = re.compile(rf"\d+(?:[.点]\d+)?|{scale}")
        written = rf"(?<!\d)(?>\d+(?:[.,]\d+)*) ?(?={scale})"
        decimal = rf"{digit}{{1,9}}点{digit}{{1,9}}(?![十百千分])"
        part = rf"{written}|{digit}|{scale}"
        run = rf"{decimal}{scale}*|(?:{part})(?:{decimal}|{part})+"
        alone = rf"(?<=[百千]分之)[一{table['alone']}]|[{table['alone']}](?={table['counters']})"
        self._pattern = re.compile(
            rf"{_CLOCK}|{_WORD}|(?!{table['never']})(?P<han>{run}|{alone})|{_digits(comma=False)}"
        )

    def numbers(self, text: str) -> Iterator[float]:
        for match in self._pattern.finditer(text):
            if match["han"]:
                yield self._value(match["han"])
            else:
                yield from (token.value for token in _written(match, comma=False))

    def _value(self, run: str) -> float:
        total = section = last = digit = 0.0
        parts = self._part.findall(run.replace(",", "").translate(self._arabic))
        for part in parts:
            scale = self._scales.get(part)
            if not scale:
                digit = float(part.replace("点", "."))
                continue
            if scale < 1e4:
                section += (digit or 1) * scale
            elif section or digit or not total:
                total, section = total + (section + digit or 1) * scale, 0.0
            else:  # 三万亿
                total *= scale
            digit, last = 0.0, scale
        short = self._short and last >= 100 and len(parts[-1]) == 1
        return total + section + digit * (last / 10 if short else 1)  # 三千二
