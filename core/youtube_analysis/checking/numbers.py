"""Which numbers a text names, in digits or in words; `numbers.toml` holds the words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from math import inf
from typing import Any, NamedTuple
from unicodedata import normalize

from youtube_analysis.passages.words import base_language
from youtube_analysis.patterns import Pattern

_LETTER = "A-Za-zÀ-ÖØ-öø-ɏ\u0370-\u052f"
_CLOCK = r"(?<!\d)\d{1,3}(?:[:：]\d\d)+(?!\d)(?:[.,]\d+)?"
# The digits of `H2O` and `10h30` are no number, those of `v2.0` and `x10` are.
_WORD = rf"[vVx](?=\d)|[{_LETTER}]+(?:\d[{_LETTER}\d]*(?:[.,]\d+)*)?"
_GAP = re.compile(r"[\s*_‐‑-]{0,4}")
_ATTACHED = {None: 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9}


class _Token(NamedTuple):
    kind: str
    value: float = 0.0
    room: float = 0.0  # what follows belongs to the same number if it is smaller than this
    lone: bool = False  # is no number alone


def numbers_in(text: str, language: str) -> list[float]:
    """The numbers that a text names, in their order; `language` is a BCP 47 code.

    `38 %` is 38, `10-15` both its ends. Clock times are left out, and so is what may be an article
    (`one`, `un`). Digits are read in any language, words only in those of `numbers.toml`.
    """
    text, reader = normalize("NFC", text), _reader(base_language(language))
    run, end = _Run(reader.rules), 0
    for match in reader.pattern.finditer(text):
        word = match["word"]
        tokens = reader.tokens(word) if word else _written(match)
        if tokens:
            if not _GAP.fullmatch(text, end, match.start()):
                run.close()
            for token in tokens:
                run.add(token)
            end = match.end()
    run.close()
    return run.found


@lru_cache(maxsize=32)
def _reader(base: str) -> _Words | _Han:
    tables = tomllib.loads(resources.files(__package__).joinpath("numbers.toml").read_text("utf-8"))
    if base in {"zh", "ja"}:
        return _Han(tables["han"])
    return _Words(tables.get(base, {}), comma=base in tables["comma"].split())


class _Words:
    """Numbers in the words of a language that puts spaces between them."""

    def __init__(self, table: Mapping[str, Any], *, comma: bool) -> None:
        self.rules: Mapping[str, Any] = table.get("rules", {})
        self._known = _vocabulary(table, self.rules)
        names = sorted(self._known, key=len, reverse=True)
        phrases = "|".join(name for name in names if "_" in name).replace("_", r"[\s-]{1,3}")
        spoken = rf"(?P<word>(?i:{phrases or '(?!)'})(?![{_LETTER}])|{_WORD})"
        self.pattern = re.compile(rf"{_CLOCK}|{spoken}|{_digits('. ' if comma else ',')}")
        parts = "|".join(name for name in names if self._known[name].kind not in {"and", "point"})
        self._parts = Pattern(rf"(?P<part>{parts}){{1,12}}(?:{self.rules.get('solid', '(?!)')})")
        self.tokens = lru_cache(maxsize=4096)(self._tokens)

    def _tokens(self, word: str) -> list[_Token]:
        word = re.sub(r"[\s-]+", "_", word.lower())
        if word in self._known:
            return [self._known[word]]
        solid = self._parts.fullmatch(word)
        return [self._known[part] for part in solid.captures("part")] if solid else []


class _Han:
    """Numerals such as 一万二千, 二〇〇九 and 3億5000万."""

    def __init__(self, table: Mapping[str, str]) -> None:
        self.rules: Mapping[str, Any] = {}
        digits = _listed(table["digits"])
        self._arabic = str.maketrans({digit: f"{value:.0f}" for digit, value in digits.items()})
        self._scales = {s: _Token("scale", v, v) for s, v in _listed(table["scales"]).items()}
        digit, scale = f"[{''.join(digits)}]", f"[{''.join(self._scales)}]"
        self._part = re.compile(rf"{scale}|{digit}{{1,60}}")
        run = rf"(?:{digit}|{scale}){{2,}}|(?:(?<=\d)|(?<=\d )){scale}"
        alone = rf"(?<=[百千]分之)[一{table['alone']}]|[{table['alone']}](?={table['counters']})"
        spoken = rf"(?!{table['never']})(?P<word>{run}|{alone})"
        self.pattern = re.compile(rf"{_CLOCK}|{_WORD}|{spoken}|{_digits(',')}")

    def tokens(self, word: str) -> list[_Token]:
        return [
            self._scales.get(part) or _Token("atom", float(part.translate(self._arabic)))
            for part in self._part.findall(word)
        ]


def _listed(text: str) -> dict[str, float]:
    """The words of a list such as `2 two 3 three third`, each with its number."""
    entries = re.findall(r"(\d\S*)((?: [^\d\s]+)+)", text)
    return {word: float(value) for value, words in entries for word in words.split()}


def _vocabulary(table: Mapping[str, Any], rules: Mapping[str, Any]) -> dict[str, _Token]:
    atoms = _listed(table.get("words", ""))
    for stems, endings in table.get("forms", {}).items():
        atoms |= {stem + end: v for stem, v in _listed(stems).items() for end in endings.split()}
    units = {word: value for word, value in atoms.items() if 1 <= value < 10}.items()
    for joint in rules.get("inverted", "").split():
        tens = {joint + word: value for word, value in atoms.items() if value in range(20, 100, 10)}
        atoms |= {unit + ten: one + many for unit, one in units for ten, many in tens.items()}
    words = {}
    for word, value in atoms.items():
        room = 100.0 if value >= 100 else 10.0 if value >= 20 and value % 10 == 0 else 0.0
        lone = value in {0.5, 1} or word in rules.get("lone", "").split()
        words[word] = _Token("atom", value, room, lone)
    for key in ("scales", "counted"):
        scales = _listed(table.get(key, "")).items()
        words |= {word: _Token("scale", v, v, key == "counted") for word, v in scales}
    for kind in ("and", "point", "plus"):
        words |= dict.fromkeys(rules.get(kind, "").split(), _Token(kind, 0.5, lone=True))
    return words


class _Run:
    """Adds up tokens that stand side by side; `found` has the numbers that are complete."""

    def __init__(self, rules: Mapping[str, Any]) -> None:
        self.found: list[float] = []
        self._joins, self._years = rules.get("joins", ()), "years" in rules
        self._parts: list[_Token] = []
        self._decimal = 0.0  # what the last digit behind a point counted, 0 before any point

    def add(self, token: _Token) -> None:
        room = self._parts[-1].room if self._parts else inf
        if token.kind == "scale":
            self._multiply(token)
        elif token.kind == "point":
            self._decimal = 1.0 if self._parts else 0.0
        elif token.kind == "and":
            if min(room, 1000) not in self._joins:
                self.close()
        elif token.kind == "plus":  # half of one, or of a million
            self._parts.append(token._replace(value=room / 2 if 1000 <= room < inf else 0.5))
        elif self._decimal:
            self._decimal /= 10 ** len(f"{token.value:.0f}")
            self._parts.append(_Token("atom", token.value * self._decimal))
        else:
            self._append(token, room)

    def _append(self, token: _Token, room: float) -> None:
        """A smaller number, or what goes on a century: nineteen, eighty."""
        century = self._years and len(self._parts) == 1 and self._parts[0].value
        if 13 <= century <= 20 and room <= 10 <= token.value < 100:
            self._parts, room = [_Token("atom", century * 100)], 100
        if not 0 < token.value < room:
            self.close()
        self._parts.append(token)

    def _multiply(self, scale: _Token) -> None:
        """All that is smaller before it: of two million three hundred, the three hundred."""
        before = self._decimal = 0.0
        while self._parts and self._parts[-1].value < scale.value:
            before += self._parts.pop().value
        value = (before or 1) * scale.value
        if self._parts and value >= self._parts[-1].room:
            self.close()
        self._parts.append(scale._replace(value=value, lone=scale.lone and not before))

    def close(self) -> None:
        parts, self._parts, self._decimal = self._parts, [], 0.0
        if len(parts) > 1 or (parts and not parts[0].lone):
            self.found.append(sum(part.value for part in parts))


def _digits(marks: str) -> str:
    """A pattern of what is written in digits, with marks between thousands, and with a letter."""
    grouped = rf"(?!0)\d{{1,3}}(?:[{marks}'’٬\u00a0\u2009\u202f]\d{{3}}){{1,9}}(?!\d)"
    number = rf"(?<!\d)(?P<whole>{grouped}|\d{{1,60}})(?:[.,٫](?P<part>\d{{1,60}}))?"
    return rf"{number}(?P<scale>[kKMB](?![{_LETTER}\d]))?"


def _written(match: re.Match[str]) -> list[_Token]:
    whole = re.sub(r"\D", "", match["whole"] or "")
    value = float(f"{whole or 0}.{match['part'] or 0}") * _ATTACHED[match["scale"]]
    return [_Token("atom", value)] if whole else []
