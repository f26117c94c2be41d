"""Words of any script: for ranking (terms) and for counting (words)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from unicodedata import combining, normalize

import regex
import Stemmer

from youtube_analysis.patterns import Pattern

from .function_words import CHINESE_FUNCTION_CHARACTERS, FUNCTION_WORDS

# Scripts written without spaces: a run of them is read as overlapping pairs of characters.
UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}ー々〆\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_WORD = Pattern(
    rf"(?P<run>[{UNSPACED}]+)|(?P<word>[\w--[{UNSPACED}_]](?:[\w--[{UNSPACED}]]|['’](?=\p{{L}})|(?<=\d)[.,](?=\d))*)",
    regex.VERSION1,
)
_ASCII_WORD = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_]|'(?=[A-Za-z])|(?<=\d)[.,](?=\d))*")
_UNSPACED_RUN = Pattern(rf"[{UNSPACED}]+")
_ACCENTED_SCRIPT = Pattern(r"[\p{Latin}\p{Cyrillic}\p{Greek}\p{Arabic}\p{Hebrew}]")
_HIRAGANA = Pattern(r"\p{Hiragana}")
_KANJI = Pattern(r"\p{Han}")
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
_SNOWBALL = {
    "ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek",
    "en": "english", "es": "spanish", "fi": "finnish", "fr": "french", "hi": "hindi",
    "hu": "hungarian", "id": "indonesian", "it": "italian", "nl": "dutch", "no": "norwegian",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sv": "swedish", "ta": "tamil",
    "tr": "turkish",
}  # fmt: skip


def base_language(code: str | None) -> str:
    """`en-US` -> `en`, `zh-Hans` -> `zh`; empty where there is none."""
    base = (code or "").replace("_", "-").split("-", 1)[0].casefold()
    return {"nb": "no", "nn": "no", "iw": "he", "in": "id"}.get(base, base)


def count_words(text: str) -> int:
    """Spaced words as they are; scripts without spaces at two characters a word."""
    if text.isascii():
        return len(text.split())
    return sum(
        (len(match["run"]) + 1) // 2 if match["run"] else 1 for match in _WORD.finditer(text)
    )


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
    votes = {code: sum(counts[word] for word in words) for code, words in FUNCTION_WORDS.items()}
    best = max(votes, key=lambda code: votes[code])
    if votes[best] * 10 >= sum(counts.values()):
        return best
    return next((code for code, script in _LIKELY if len(script.findall(sample)) > letters / 2), "")


def _without_accents(word: str) -> str:
    """People type `facade` for `façade` and `е` for `ё`."""
    return "".join(c for c in normalize("NFKD", word) if not combining(c))


def _lone_kanji(before: str, character: str, after: str) -> bool:
    """The stem of a Japanese verb: one kanji between endings."""
    return bool(_KANJI.match(character) and not _KANJI.match(before) and _HIRAGANA.match(after))


class Analyzer:
    """Turns text into the terms that ranking compares: stems without function words.

    Holds a memory of stems, so that a word is stemmed once per talk. Not thread-safe.
    """

    def __init__(self, language: str) -> None:
        self.language = base_language(language)
        self._function = FUNCTION_WORDS.get(self.language, frozenset())
        algorithm = _SNOWBALL.get(self.language)
        self._stemmer = Stemmer.Stemmer(algorithm) if algorithm else None
        self._terms: dict[str, str | None] = {}

    def terms(self, text: str) -> list[str]:
        if not text.isascii():
            return [term for term, _ in self.terms_with_surface(text)]
        found = map(self.term, _ASCII_WORD.findall(text))
        return [term for term in found if term]

    def terms_with_surface(self, text: str) -> Iterator[tuple[str, str]]:
        """Pairs of a term and the characters of the text that it stands for, in order."""
        for match in _WORD.finditer(text):
            if match["run"]:
                yield from ((pair, pair) for pair in self._pairs(match["run"]))
            elif term := self.term(match["word"]):
                yield term, match["word"]

    def term(self, word: str) -> str | None:
        """The term of one spaced word, None where the word is grammar alone."""
        if word not in self._terms:
            self._terms[word] = self._make_term(word)
        return self._terms[word]

    def _make_term(self, word: str) -> str | None:
        plain = word.casefold().replace("’", "'")
        if plain in self._function or (len(plain) == 1 and not plain.isdigit()):
            return None
        if self.language == "en":
            plain = plain.removesuffix("'s")
        stem: str = self._stemmer.stemWord(plain) if self._stemmer else plain
        return _without_accents(stem) if _ACCENTED_SCRIPT.match(stem) else stem

    def _pairs(self, run: str) -> Iterator[str]:
        """Overlapping pairs; pairs that are grammar alone are left out."""
        if len(run) == 1:
            if not _HIRAGANA.match(run) and run not in CHINESE_FUNCTION_CHARACTERS:
                yield run
            return
        for before, first, second in zip(" " + run, run, run[1:] + " ", strict=False):
            pair = first + second
            if self.language == "zh" and not CHINESE_FUNCTION_CHARACTERS.isdisjoint(pair):
                continue
            if not _HIRAGANA.search(pair) and second != " ":
                yield pair
            elif _lone_kanji(before, first, second):
                yield first
