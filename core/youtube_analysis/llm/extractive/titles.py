"""What a stretch of a talk is called: the names that are said there and seldom elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import regex

from youtube_analysis.grounding.function_words import CHINESE_FUNCTION_CHARACTERS
from youtube_analysis.grounding.passages import Passage
from youtube_analysis.grounding.words import UNSPACED

from .talk import Talk

_NAMES_A_TITLE = 3
_LONGEST_NAME = 3
# Passages of a stretch that are read for names; of a long one every n-th.
_SAMPLED = 100
_TOKEN = regex.compile(
    rf"(?P<bare>[\p{{Katakana}}ー]{{2,}}|\p{{Han}}{{2,}})|[\w--[{UNSPACED}]](?:[\w'’+#--[{UNSPACED}]]|[.&](?=\w))*",
    regex.VERSION1,
)


def title_all(talk: Talk, stretches: Sequence[Sequence[Passage]]) -> list[str]:
    """One title a stretch, such as `Prototypal inheritance, global variables`; empty if none."""
    counts = [_names(talk, stretch) for stretch in stretches]
    everywhere = sum(counts, Counter())
    titles: list[str] = []
    used: set[str] = set()
    for count in counts:
        scores = {
            name: number * number / everywhere[name] * (1 + 0.6 * (_length(name) - 1))
            for name, number in count.items()
            if number > 1 and name.casefold() not in used
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
    after_determiner: Counter[tuple[str, ...]] = Counter()
    for passage in stretch[:: 1 + len(stretch) // _SAMPLED]:
        for sentence in passage.sentences:
            for key, text, determined in _phrases(talk, sentence.text):
                written.setdefault(key, Counter())[text] += 1
                after_determiner[key] += determined
    counts: Counter[str] = Counter()
    for key, forms in written.items():
        name = forms.most_common(1)[0][0]
        thing = after_determiner[key] / sum(forms.values()) if talk.cues.determiners else 1.0
        counts[name] += round(sum(forms.values()) * min(1.0, 0.25 + 1.5 * thing))
    return counts


def _phrases(talk: Talk, text: str) -> Iterator[tuple[tuple[str, ...], str, bool]]:
    """Runs of up to three subject words that touch, and whether a determiner stands before."""
    run: list[tuple[str, str, int]] = []
    before = ""
    determined: list[bool] = []
    for match in _TOKEN.finditer(text):
        if match["bare"]:
            yield from (((name,), name, True) for name in _bare_names(talk, match["bare"]))
            run, before = [], ""
            continue
        word = match[0].removesuffix("'s").removesuffix("’s")
        term = _subject(talk, word)
        if term is None or (run and text[run[-1][2] : match.start()] != " "):
            run, determined = [], []
        if term is not None:
            capital = word[0].isupper() and match.start() > 0
            run.append((term, word, match.end()))
            determined.append(capital or before in talk.cues.determiners)
            for first in range(max(0, len(run) - _LONGEST_NAME), len(run)):
                words = run[first:]
                name = " ".join(word for _, word, _ in words)
                yield tuple(term for term, _, _ in words), name, determined[first]
        before = match[0].casefold()


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
