"""What a stretch of a talk is called: the names that are said there and seldom elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import regex

from youtube_analysis.passages.function_words import CHINESE_FUNCTION_CHARACTERS
from youtube_analysis.passages.reading import Passage
from youtube_analysis.passages.words import UNSPACED
from youtube_analysis.patterns import Pattern

from .talk import Talk

_NAMES_A_TITLE = 3
_LONGEST_NAME = 3
# In a stretch of fewer passages, said once is often enough for a name of several words.
_SHORT = 24
# Passages of a stretch that are read for names; of a long one every n-th.
_SAMPLED = 100
_TOKEN = Pattern(
    rf"(?P<bare>[\p{{Katakana}}ー]{{2,}}|\p{{Han}}{{2,}})|[\w--[{UNSPACED}]](?:[\w'’+#--[{UNSPACED}]]|[.&](?=\w))*",
    regex.VERSION1,
)


def title_all(talk: Talk, stretches: Sequence[Sequence[Passage]]) -> list[str]:
    """One title a stretch, such as `Prototypal inheritance, global variables`; empty if none."""
    counts = [_names(talk, stretch) for stretch in stretches]
    everywhere = sum(counts, Counter())
    titles: list[str] = []
    used: set[str] = set()
    for count, stretch in zip(counts, stretches, strict=True):
        scores = {
            name: number * number / everywhere[name] * (1 + 0.6 * (_length(name) - 1))
            for name, number in count.items()
            if (number > 1 or (number and " " in name and len(stretch) < _SHORT))
            and name.casefold() not in used
        }
        picked = _pick(scores)
        used.update(name.casefold() for name in picked)
        title = ", ".join(picked)
        titles.append(title[:1].upper() + title[1:])
    return titles


def _pick(scores: dict[str, float]) -> list[str]:
    picked: list[str] = []
    for name in sorted(scores, key=lambda name: (-scores[name], name)):
        if len(picked) < _NAMES_A_TITLE and not any(_overlap(name, other) for other in picked):
            picked.append(name)
    return picked


def _overlap(one: str, other: str) -> bool:
    mine, theirs = one.casefold(), other.casefold()
    alike = any(a[:4] == b[:4] for a in mine.split() for b in theirs.split())
    return alike or mine in theirs or theirs in mine


def _length(name: str) -> float:
    """Words of a name; characters of Chinese and Japanese at two a word."""
    return len(name) / 2 if _TOKEN.fullmatch(name) and name[0] >= "぀" else 1 + name.count(" ")


def _names(talk: Talk, stretch: Sequence[Passage]) -> Counter[str]:
    """Names about the subject, counted over their inflections, as most often written."""
    written: dict[tuple[str, ...], Counter[str]] = {}
    evidence: Counter[tuple[str, ...]] = Counter()
    for passage in stretch[:: 1 + len(stretch) // _SAMPLED]:
        for sentence in passage.sentences:
            for key, text, thing in _phrases(talk, sentence.text):
                written.setdefault(key, Counter())[text] += 1
                evidence[key] += thing
    counts: Counter[str] = Counter()
    for key, forms in written.items():
        often = sum(forms.values())
        share = evidence[key] / often if talk.cues.determiners else 1.0
        counts[forms.most_common(1)[0][0]] += round(often * max(0.0, min(1.0, 0.25 + 1.5 * share)))
    return counts


def _phrases(talk: Talk, text: str) -> Iterator[tuple[tuple[str, ...], str, int]]:
    """Runs of up to three subject words that touch, with the evidence that they name a thing."""
    run: list[tuple[str, str, int]] = []
    end, before = 0, ""
    for match in _TOKEN.finditer(text):
        if match["bare"]:
            yield from (((name,), name, 1) for name in _bare_names(talk, match["bare"]))
            run, before = [], ""
            continue
        word = match[0].removesuffix("'s").removesuffix("’s")
        term = _subject(talk, word)
        if term is None or text[end : match.start()] != " ":
            run = []
        if term is not None:
            thing = _evidence(talk, before, capital=word[0].isupper() and match.start() > 0)
            run = [*run, (term, word, thing)][-_LONGEST_NAME:]
            for first in range(len(run)):
                terms, words, things = zip(*run[first:], strict=True)
                yield terms, " ".join(words), things[0]
        end, before = match.end(), match[0].casefold()


def _evidence(talk: Talk, before: str, *, capital: bool) -> int:
    """1 where a word is used as a noun, -1 where as a verb, 0 where nothing tells."""
    if before in talk.cues.before_verbs:
        return -1
    return int(capital or before in talk.cues.determiners)


def _subject(talk: Talk, word: str) -> str | None:
    """The term of a word that may stand in a title."""
    short = len(word) < 3 and not word.isupper()
    term = None if short or word.isdigit() else talk.ranking.analyzer.term(word)
    if term is None or not talk.weight(term) or talk.cues.vague.match(word):
        return None
    return term


def _bare_names(talk: Talk, run: str) -> Iterator[str]:
    """A run of kanji or katakana is a word; of Chinese, every stretch of it may be one."""
    if talk.ranking.analyzer.language != "zh" or run[0] < "一":
        yield run
        return
    for size in (2, 3, 4):
        for first in range(len(run) - size + 1):
            name = run[first : first + size]
            if CHINESE_FUNCTION_CHARACTERS.isdisjoint(name):
                yield name
