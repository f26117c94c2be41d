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
_TOKEN = regex.compile(
    rf"(?P<bare>[\p{{Katakana}}ー]{{2,}}|\p{{Han}}{{2,}})|[\w--[{UNSPACED}]](?:[\w'’+#--[{UNSPACED}]]|[.&](?=\w))*",
    regex.VERSION1,
)
# Words after which a noun comes; a name that follows them now and then is a thing, not a doing.
_BEFORE_NOUNS = frozenset(
    """a an the this that these those my your our their his her its some any each every no of in on
    for with about and or der die das den dem des ein eine einen von mit für und le la les un une des
    du de el los las una y o i il gli ett en och""".split()
)
# Nouns and doings that name no subject in any talk.
_VAGUE = frozenset(
    """able actual amazing area away bit case chance choose come couple course cool day days deal
    different difference easy end example examples exciting fact feel few find folks form fun give
    good great group guy guys happen happening happens hard head help hour hours idea interesting
    job keep kinda left level line list long look looking lotta made make makes man matter mean
    minute minutes moment money month months morning move much name need needs new next nice night
    number numbers obvious older order page part parts people person place play point pretty
    problem problems put puts question questions reason right room run sake set show showed side
    simple small sort space start started state step steps stuff support take talk talking tell
    term terms things time times tool top trouble try trying turn two type use used useful user
    users using version want wanted wants ways week weeks went whole wonderful wonder word words
    work worked working works world worry wrong year years yesterday ago bad big call called
    calls change changed changes full getting hand kinds last later let live love open possible
    ready rest said saw say says second seen share specific stay stop store thought wait write
    written first three four five six seven eight nine ten hundred thousand million applause
    laughter gotta gonna wanna ok yeah okay""".split()
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
    for passage in stretch:
        for sentence in passage.sentences:
            for key, text, determined in _phrases(talk, sentence.text):
                written.setdefault(key, Counter())[text] += 1
                after_determiner[key] += determined
    counts: Counter[str] = Counter()
    for key, forms in written.items():
        name = forms.most_common(1)[0][0]
        thing = after_determiner[key] / sum(forms.values()) if talk.has_determiners else 1.0
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
            run.append((term, word, match.end()))
            determined.append(before in _BEFORE_NOUNS or (word[0].isupper() and match.start() > 0))
            for first in range(max(0, len(run) - _LONGEST_NAME), len(run)):
                words = run[first:]
                name = " ".join(word for _, word, _ in words)
                yield tuple(term for term, _, _ in words), name, determined[first]
        before = match[0].casefold()


def _subject(talk: Talk, word: str) -> str | None:
    """The term of a word that may stand in a title."""
    short = len(word) < 3 and not word.isupper()
    if short or word.isdigit() or word.casefold() in _VAGUE:
        return None
    terms = talk.ranking.analyzer.terms(word)
    return terms[0] if len(terms) == 1 and talk.weight(terms[0]) > 0 else None


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
