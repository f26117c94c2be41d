"""Captions are cut by width; people read sentences. Here sounds and speaker labels are taken out of
the words, kept as boundaries, and the sentences are put together again."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

import msgspec
import regex

from youtube_analysis.models.video import Segment
from youtube_analysis.patterns import Pattern

from .words import UNSPACED, count_words, spaced, word_lists

# Longer than this without a full stop is speech that nobody punctuated (words).
LONGEST_SENTENCE = 48
# A silence (seconds) that ends a sentence where punctuation does not.
PAUSE = 1.2
_SHORTEST_CUT = 3
# Characters; an hour has about 60,000.
_LONGEST_BLOCK = 250_000

# Machine-made captions come without full stops. There a cut is worth something before a word that
# opens a clause, at a silence or at the start of a caption; it costs behind a word that cannot
# close one, and the more the further the piece is from the usual length (words).
_TARGET, _SHORTEST_CLAUSE, _LONGEST_CLAUSE = 13, 4, 40
_LENGTH_COST = 1 / 50
_OPENING, _SUBJECT, _CAPTION, _SILENCE, _HANGING = 2.0, 1.2, 0.6, 3.0, -4.0
# Seconds of silence that speak for a cut.
_REST = 0.6

_LISTS = word_lists("speech")
_WORD = re.compile(r"\S+")
_END = Pattern(
    r"(?<![.!?…])[.!?…]++[\"'”’»)\]]*+(?=\s+\S)|[。！？｡؟۔।॥]+[\"'”’»」』）]*", regex.VERSION1
)
_CLOSED = Pattern(r"[.!?…。！？｡؟۔।॥][\"'”’»)\]」』）]*$")
_JAPANESE_END = Pattern(
    r"(?:です|ます|でした|ました|ません|でしょう|ください|ましょう|ですね|ですか"
    r"|ますか|ませんか|だ|だった|である)$"
)
_NO_SPACE_BETWEEN = Pattern(rf"[{UNSPACED}、。，！？：；「」『』（）〜…]")
# `[applause]`, `(laughter)`, `♪ song ♪`, `【拍手】`: heard, not said.
_HEARD = (
    r"\[[^\]\n]{1,60}(?:\n[^\]\n]{1,40})?\]|【[^】]{1,60}】"
    r"|[(（](?:[^)）\n]{0,30}\b)?(?:applause|laugh\w*|music|cheer\w*|inaudible|crosstalk|silence|beep"
    r"|аплодисменты|смех|музыка|applaus|lachen|rires?|applaudissements|risas|aplausos|拍手|笑い?|笑声|掌声|音楽|音乐)"
    r"\b[^)）\n]{0,30}[)）]|[♪♫🎵🎶][^♪♫🎵🎶]{0,300}[♪♫🎵🎶]?|\*[a-z ]{3,30}\*"
)
_SOUND = Pattern(_HEARD)
# Most captions are words alone: looking for this costs a tenth.
_MAY_SOUND = re.compile(r"[\[【(（♪♫🎵🎶*]")
_SOUND_AT_END = Pattern(rf"(?m)^\s*(?:{_HEARD})|(?:{_HEARD})\s*$")
_DASH = Pattern(r"^\s*(?:[-–—]\s*|&?>>+\s*|»\s*)+")
_LABEL = Pattern(
    r"^\s*(?P<name>(?:[\p{Lu}\p{Lo}][\w.'’&-]*)(?:[ ][\p{Lu}\p{Lo}\d][\w.'’&-]*){0,3}"
    r"(?: \(\p{Lu}+\))?"
    r"|man|woman|boy|girl|audience(?: member)?|announcer|narrator|host|speaker(?: \d)?|interviewer"
    r"|мужчина|женщина|ведущий)\s?[:：](?:\s+|$)"
)
_COLON = re.compile("[:：]")
_GENERIC_SPEAKERS = _LISTS["speakers"]
# Right-to-left captions often carry their full stop in front, where it looks right on screen.
_LEADING_STOP = Pattern(r"^(?P<stop>[.!…،؛؟?:]+)\s*(?P<words>[\p{Arabic}\p{Hebrew}].*)$")
_CLOSING = frozenset('.!?…。！？؟"”’»')


class Sentence(msgspec.Struct, frozen=True, gc=False):
    text: str
    start: float
    end: float
    speaker: str | None = None


def split_sentences(segments: Iterable[Segment]) -> tuple[Sentence, ...]:
    """Every spoken word of the segments, once and in order, as sentences with their times."""
    return tuple(
        sentence
        for block in _blocks(utterances(segments))
        for sentence in _Block(block).sentences()
    )


def sentence_ends(text: str) -> list[int]:
    """Offsets behind full stops that end a sentence; those of abbreviations are left out."""
    return [match.end() for match in _END.finditer(text) if _ends(text, match)]


def _blocks(spoken: Iterable[Utterance]) -> Iterator[list[Utterance]]:
    """Runs of one speaker without a sound or a long silence between. Only what is longer than any
    talk is cut elsewhere: one call for such a text would hold the interpreter."""
    block: list[Utterance] = []
    length = 0
    for utterance in spoken:
        parted = utterance.fresh or length > _LONGEST_BLOCK
        if block and (parted or utterance.start - block[-1].end > 3 * PAUSE):
            yield block
            block, length = [], 0
        block.append(utterance)
        length += len(utterance.text)
    if block:
        yield block


class _Block:
    """Utterances joined to one text. `_offsets` says where in it each begins, `_times` when, and
    `_silences` how long nobody spoke before; the first two have the end of all as well."""

    def __init__(self, spoken: list[Utterance]) -> None:
        parts: list[str] = []
        self._offsets, length = list[int](), 0
        for utterance in spoken:
            if parts and not _touching(parts[-1], utterance.text):
                parts.append(" ")
                length += 1
            self._offsets.append(length)
            parts.append(utterance.text)
            length += len(utterance.text)
        self._offsets.append(length)
        self._times = [*(utterance.start for utterance in spoken), spoken[-1].end]
        self._silences = [0.0, *(after.start - before.end for before, after in pairwise(spoken))]
        self._text = "".join(parts)
        self._speaker = spoken[0].speaker

    def sentences(self) -> Iterator[Sentence]:
        for cut, stop in pairwise([0, *self._cuts(), len(self._text)]):
            begin = cut + len(self._text[cut:stop]) - len(self._text[cut:stop].lstrip())
            if words := self._text[begin:stop].rstrip():
                start, end = self._time_at(begin), self._time_at(begin + len(words))
                yield Sentence(words, start, max(start, end), self._speaker)

    def _cuts(self) -> list[int]:
        stops = [stop for stop in sentence_ends(self._text) if stop < len(self._text)]
        breaths: list[int] = []
        for begin, stop in pairwise([0, *stops, len(self._text)]):
            punctuated = stop < len(self._text) or _CLOSED.search(self._text)
            if not punctuated or count_words(self._text[begin:stop]) > LONGEST_SENTENCE:
                breaths += self._breaths(begin, stop)
        return sorted({*stops, *breaths})

    def _breaths(self, begin: int, stop: int) -> list[int]:
        """Cuts for speech without punctuation: where clauses begin, or after closing verbs."""
        inner = range(bisect_right(self._offsets, begin), bisect_left(self._offsets, stop))
        silences = {self._offsets[place]: self._silences[place] for place in inner}
        if spaced(self._text[begin:stop]):
            return _clause_cuts(self._text, begin, stop, silences)
        cuts: list[int] = []
        for offset, silence in silences.items():
            stretch = self._text[cuts[-1] if cuts else begin : offset]
            closed = silence >= PAUSE or _JAPANESE_END.search(stretch.rstrip())
            length = count_words(stretch)
            if length >= LONGEST_SENTENCE or (closed and length >= _SHORTEST_CUT):
                cuts.append(offset)
        return cuts

    def _time_at(self, offset: int) -> float:
        """Assumes an even pace of speech between the beginnings of two utterances."""
        place = bisect_right(self._offsets, offset, hi=len(self._silences)) - 1
        here, after = self._offsets[place : place + 2]
        time, until = self._times[place : place + 2]
        return time + (until - time) * (min(offset, after) - here) / (after - here)


def _touching(before: str, after: str) -> bool:
    return bool(_NO_SPACE_BETWEEN.match(before[-1]) and _NO_SPACE_BETWEEN.match(after[0]))


def _ends(text: str, match: regex.Match[str]) -> bool:
    """Whether a full stop ends a sentence rather than an abbreviation or an aside."""
    if match[0][0] not in ".…":
        return True
    following = text[match.end() : match.end() + 8].lstrip()[:1]
    word = text[max(0, match.start() - 20) : match.start()].split()[-1:]
    last = word[0].casefold().lstrip("(\"'“") if word and match[0] == "." else ""
    abbreviated = last in _LISTS["abbreviations"]
    if following.islower():
        # People forget the capital after a full word, hardly after an abbreviation or "...".
        return len(last) > 3 and last.isalpha() and not abbreviated
    return not abbreviated and not (len(last) == 1 and last.isalpha() and last != "i")


def _clause_cuts(text: str, begin: int, stop: int, silences: Mapping[int, float]) -> list[int]:
    """Offsets at which to divide spaced words without punctuation: the best place within reach,
    again and again.

    `silences` has, for each offset at which a caption begins, the seconds nobody spoke before.
    """
    words = [(match.start(), match[0].casefold()) for match in _WORD.finditer(text, begin, stop)]
    inner = [_gain(last, word, silences.get(at)) for (_, last), (at, word) in pairwise(words)]
    gains = [0.0, *inner, 0.0]
    cuts, first = list[int](), 0
    while len(words) - first > _TARGET:
        places = range(first + _SHORTEST_CLAUSE, min(first + _LONGEST_CLAUSE, len(words)) + 1)
        costs = [(place - first - _TARGET) ** 2 * _LENGTH_COST for place in places]
        worths = [gains[place] - cost for place, cost in zip(places, costs, strict=True)]
        first = places[worths.index(max(worths))]
        if first < len(words):
            cuts.append(words[first][0])
    return cuts


def _gain(last: str, word: str, silence: float | None) -> float:
    """What speaks for a cut before a word."""
    gain = 0.0
    if word in _LISTS["openers"]:
        gain += _OPENING
    elif word in _LISTS["subjects"]:
        gain += _SUBJECT
    if silence is not None:
        gain += _SILENCE if silence >= _REST else _CAPTION
    return gain + (_HANGING if last in _LISTS["never_last"] else 0.0)


class Utterance(msgspec.Struct, frozen=True, gc=False):
    """Words of one caption line. `fresh` says that they cannot go on what was said before:
    the speaker changed, or a sound lies between."""

    text: str
    start: float
    end: float
    speaker: str | None
    fresh: bool


class _Line(msgspec.Struct, frozen=True, gc=False):
    """`parted` by a dash or a sound from what comes before."""

    text: str
    start: float
    end: float
    parted: bool


def utterances(segments: Iterable[Segment]) -> Iterator[Utterance]:
    """The words of the captions line by line, in order, times spread over a caption's lines."""
    lines = [line for segment in segments for line in _lines(segment)]
    labels = [_LABEL.match(line.text) if _COLON.search(line.text) else None for line in lines]
    speakers = _speakers(labels)
    speaker: str | None = None
    fresh, closed = True, False
    for line, label in zip(lines, labels, strict=True):
        fresh, words = fresh or line.parted, line.text
        if label and label["name"] in speakers:
            fresh, speaker = fresh or label["name"] != speaker, label["name"]
            words = words[label.end() :]
        elif label and speaker and (fresh or closed):  # it names somebody else, or nobody
            fresh, speaker = True, None
        text = " ".join(words.split())
        if stop := _LEADING_STOP.match(text):
            text = stop["words"] + stop["stop"]
        if text:
            yield Utterance(text, line.start, line.end, speaker, fresh)
            fresh, closed = False, text[-1] in _CLOSING


def _lines(segment: Segment) -> Iterator[_Line]:
    """Lines of a caption; each takes the share of its time that its length suggests. A sound at
    the end of a line parts like the dash of a dialogue, one within it does not."""
    text = segment.text
    if _MAY_SOUND.search(text):
        text = _SOUND.sub(" ", _SOUND_AT_END.sub("\n-", text))
    lines = [line for line in text.split("\n") if line.strip()]
    length = sum(map(len, lines))
    passed = 0
    for line in lines:
        start = segment.start + segment.duration * passed / length
        passed += len(line)
        end = segment.start + segment.duration * passed / length
        dash = _DASH.match(line)
        yield _Line(line[dash.end() :] if dash else line, start, end, bool(dash))


def _speakers(labels: Sequence[regex.Match[str] | None]) -> frozenset[str]:
    """Those that really name speakers: generic ones, capitals, those on a line of their own, the
    first of all, and those that come more than once."""
    seen = Counter(label["name"] for label in labels if label)
    sure = {label["name"] for label in labels if label and label.end() == len(label.string)}
    sure.update(label["name"] for label in labels[:1] if label)
    return frozenset(
        name
        for name, count in seen.items()
        if count > 1
        or name in sure
        or name.isupper()
        or name.split()[0].casefold() in _GENERIC_SPEAKERS
    )
