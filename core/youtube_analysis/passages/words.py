"""Words of any script: for ranking (terms), and counted (words, tokens)."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from importlib import resources
from itertools import pairwise
from unicodedata import combining, normalize

import regex
import Stemmer

from youtube_analysis.patterns import Pattern

# Scripts written without spaces: a run of them is read as overlapping pairs of characters.
UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}ー々〆\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
WORD = Pattern(
    rf"(?P<run>[{UNSPACED}]+)|(?P<word>[\w--[{UNSPACED}_]](?:[\w--[{UNSPACED}]]|['’](?=\p{{L}})|(?<=\d)[.,](?=\d))*)",
    regex.VERSION1,
)
_UNSPACED_RUN = Pattern(rf"[{UNSPACED}]+")
_HIRAGANA = Pattern(r"\p{Hiragana}")
# The stem of a Japanese verb: one kanji between endings.
_LONE_KANJI = Pattern(r"(?<!\p{Han})\p{Han}(?=\p{Hiragana})")
_SCRIPTS = (
    ("ja", Pattern(r"[\p{Hiragana}\p{Katakana}]")),
    ("zh", Pattern(r"\p{Han}")),
    ("ko", Pattern(r"\p{Hangul}")),
    ("th", Pattern(r"\p{Thai}")),
    ("hi", Pattern(r"\p{Devanagari}")),
    ("he", Pattern(r"\p{Hebrew}")),
    ("el", Pattern(r"\p{Greek}")),
)
# Of a few words without grammar, their script alone tells.
_LIKELY = (("ru", Pattern(r"\p{Cyrillic}")), ("ar", Pattern(r"\p{Arabic}")))
_KINDS = {
    "wide": rf"[{UNSPACED}\p{{Hangul}}]",
    "latin": r"[\p{Latin}']+",
    "digits": r"\d+",
    "other": r"[\p{L}\p{M}]+",
    "sign": r"[^\s\p{L}\p{M}\d]",
}
_PARTS = Pattern("|".join(_KINDS.values()), regex.VERSION1)
_KIND = Pattern("|".join(f"(?P<{name}>{part})" for name, part in _KINDS.items()), regex.VERSION1)
# Characters a token, by kind of part, fitted on the o200k vocabulary: estimates lie between
# 0.80 and 1.17 of the truth, so budgets multiply by MARGIN.
_PER_TOKEN = {"wide": 1.35, "latin": 5.6, "digits": 3.0, "other": 3.4, "sign": 1.25}
MARGIN = 1.25


# Older codes, and those of what is written the same.
_SAME = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "tl": "fil", "jw": "jv", "cmn": "zh"}


def base_language(code: str | None) -> str:
    """`en-US` -> `en`, `zh-Hans` -> `zh`; empty where there is none."""
    base = (code or "").replace("_", "-").split("-", 1)[0].casefold()
    return _SAME.get(base, base)


@cache
def word_lists(name: str) -> dict[str, frozenset[str]]:
    """The lists of a file beside this one, `function_words` or `speech`."""
    file = resources.files(__package__).joinpath(f"{name}.toml")
    lists = tomllib.loads(file.read_text(encoding="utf-8"))
    return {key: frozenset(words.split()) for key, words in lists.items()}


def function_words(language: str) -> frozenset[str]:
    """Words (of Chinese, characters) that carry grammar; none of a language that is not listed."""
    return word_lists("function_words").get(language, frozenset())


def count_words(text: str) -> int:
    """Spaced words as they are; scripts without spaces at two characters a word."""
    if text.isascii():
        return len(text.split())
    return sum((len(match["run"]) + 1) // 2 if match["run"] else 1 for match in WORD.finditer(text))


def estimate_tokens(text: str) -> int:
    """A budget that the true count stays below: estimate times MARGIN, rounded up."""
    estimate = 0.0
    for part, count in Counter(_PARTS.findall(text)).items():
        found = _KIND.match(part)
        kind = (found and found.lastgroup) or "other"
        share = len(part) / _PER_TOKEN[kind]
        estimate += count * (max(1.0, share) if kind in {"latin", "digits", "other"} else share)
    return int(estimate * MARGIN) + 1


def spaced(text: str) -> bool:
    """Whether most letters of the text belong to a script that puts spaces between words."""
    run = sum(len(part) for part in _UNSPACED_RUN.findall(text))
    return run * 2 < len(text.replace(" ", "")) or not run


def guess_language(texts: Iterable[str]) -> str:
    """ISO 639-1 code of the language that the texts are probably in, empty if nothing tells."""
    sample = " ".join(texts)[:40_000]
    letters = sum(map(str.isalpha, sample)) or 1
    for code, script in _SCRIPTS:
        if len(script.findall(sample)) > (0.08 if code == "ja" else 0.3) * letters:
            return code
    counts = Counter(sample.casefold().replace("’", "'").split())
    votes = {
        code: sum(counts[word] for word in words)
        for code, words in word_lists("function_words").items()
    }
    best = max(votes, key=lambda code: votes[code])
    if votes[best] * 10 >= sum(counts.values()):
        return best
    return next((code for code, script in _LIKELY if len(script.findall(sample)) > letters / 2), "")


def without_accents(text: str) -> str:
    """People type `facade` for `façade` and `е` for `ё`."""
    if text.isascii():
        return text
    return "".join(c for c in normalize("NFKD", text) if not combining(c))


class Analyzer:
    """Turns text into the terms that ranking compares: stems without function words.

    Holds a memory of stems, so that a word is stemmed once per talk. Not thread-safe.
    """

    def __init__(self, language: str) -> None:
        self.language = base_language(language)
        self._grammar = function_words(self.language)
        self._stem: Callable[[str], str] = str
        with suppress(KeyError):  # of a language that nobody has rules for
            self._stem = Stemmer.Stemmer(self.language).stemWord
        self._terms: dict[str, str | None] = {}

    def terms(self, text: str) -> list[str]:
        """Every term that the text has, in order."""
        found: list[str] = []
        for run, word in WORD.findall(text):
            if run:
                found += self._pairs(run)
            elif term := self.term(word):
                found.append(term)
        return found

    def grammar(self, text: str) -> list[str]:
        """Function words tell little each, but “how many” and “without” do tell something."""
        words = WORD.findall(text.casefold())
        return [word for _, word in words if word and self.term(word) is None]

    def term(self, word: str) -> str | None:
        """The term of one spaced word, None where the word is grammar alone."""
        if word not in self._terms:
            self._terms[word] = self._make_term(word)
        return self._terms[word]

    def _make_term(self, word: str) -> str | None:
        plain = word.casefold().replace("’", "'")
        if plain in self._grammar or (len(plain) == 1 and not plain.isdigit()):
            return None
        if self.language == "en":
            plain = plain.removesuffix("'s")
        return without_accents(self._stem(plain))

    def _pairs(self, run: str) -> list[str]:
        """Overlapping pairs of characters, or the only one, without those that are grammar."""
        pairs = map("".join, pairwise(run)) if len(run) > 1 else [run]
        telling = [p for p in pairs if not _HIRAGANA.search(p) and self._grammar.isdisjoint(p)]
        return telling + _LONE_KANJI.findall(run)
