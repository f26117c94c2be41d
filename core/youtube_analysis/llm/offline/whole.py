"""Answers to what is asked about a talk as a whole, and to what is no question."""

from __future__ import annotations

from collections.abc import Iterable

from youtube_analysis.checking.literal import literal
from youtube_analysis.models.notice import Notice, NoticeCode
from youtube_analysis.models.times import clock

from .quoting import FoundAnswer, quoted, quoting, run_from
from .router import Intent, Routed
from .sections import Sections
from .selection import choose
from .talk import Talk

_QUOTE_WORDS = 55
_LINES = 5
# From so many seconds on, a beginning or an ending is told by its best lines.
_LONG = 90.0
_STRETCH = 60.0
_SAID = {Intent.GREETING: NoticeCode.GREETING, Intent.THANKS: NoticeCode.THANKS}


def about_the_whole(talk: Talk, sections: Sections, routed: Routed) -> FoundAnswer:
    intent, length = routed.intent, talk.reading.video.duration
    if intent in _SAID:
        return FoundAnswer(lead=Notice(_SAID[intent]))
    if intent is Intent.LENGTH:
        return FoundAnswer(lead=Notice(NoticeCode.LENGTH, {"length": clock(length)}))
    if not talk.reading.passages:
        return FoundAnswer(answered=False, lead=Notice(NoticeCode.NOTHING_FOUND))
    if intent is Intent.WHO:
        return _speakers(talk)
    if intent is Intent.AT_TIME:
        return _at(talk, routed.seconds or 0.0)
    if intent is Intent.BEGINNING:
        return _stretch(talk, 0.0, routed.seconds or _STRETCH)
    if intent is Intent.ENDING:
        return _stretch(talk, length - (routed.seconds or _STRETCH), length)
    return _lines(talk, _told(sections, intent))


def _told(sections: Sections, intent: Intent) -> list[tuple[str, int]]:
    """Lines with the passage that each cites: the one place that knows how sections are made."""
    if intent is Intent.TOPICS:
        return [(topic.title, topic.first) for topic in sections.topics]
    lines = sections.gist if intent is Intent.SUMMARY else sections.points or sections.gist
    return [(line.text, line.passage) for line in lines]


def _lines(talk: Talk, told: Iterable[tuple[str, int]]) -> FoundAnswer:
    listed = list(told)
    text = "\n".join(f"- {literal(line)} [{number}]" for line, number in listed)
    return FoundAnswer(
        text, tuple(talk.reading.cite(number, quote=line) for line, number in listed)
    )


def _speakers(talk: Talk) -> FoundAnswer:
    sentences = talk.ranking.sentences
    firsts: dict[str, int] = {}
    for place, sentence in enumerate(sentences):
        if sentence.speaker:
            firsts.setdefault(sentence.speaker, place)
    if not firsts:
        opening = quoted(talk, run_from(talk, 0, len(sentences), _QUOTE_WORDS))
        return quoting([opening], lead=Notice(NoticeCode.SPEAKER_UNKNOWN))
    shown = [quoted(talk, range(place, place + 1)) for place in list(firsts.values())[:_LINES]]
    return quoting(shown, lead=Notice(NoticeCode.SPEAKERS, {"names": ", ".join(firsts)}))


def _at(talk: Talk, seconds: float) -> FoundAnswer:
    length = talk.reading.video.duration
    if seconds > length:
        lead = Notice(NoticeCode.AFTER_END, {"length": clock(length)})
        return FoundAnswer(answered=False, lead=lead)
    sentences = talk.ranking.sentences
    # What is being said then; in a silence, what is said next.
    running = (place for place, sentence in enumerate(sentences) if sentence.end > seconds)
    first = next(running, len(sentences) - 1)
    return quoting([quoted(talk, run_from(talk, first, len(sentences), _QUOTE_WORDS))])


def _stretch(talk: Talk, start: float, end: float) -> FoundAnswer:
    """What is said in a part of the talk; of a long one its best lines."""
    sentences = talk.ranking.sentences
    inside = [n for n, s in enumerate(sentences) if s.end > start and s.start < end]
    if not inside:
        inside = [0] if start <= 0 else [len(sentences) - 1]
    if end - start >= _LONG:
        lines = [line for line in talk.lines if start <= sentences[line.place].start < end]
        if best := choose(lines, _LINES):
            return _lines(talk, ((line.text, line.passage) for line in best))
    if start > 0:
        return quoting([quoted(talk, _last_run(talk, inside[0]))])
    return quoting([quoted(talk, run_from(talk, inside[0], inside[-1] + 1, _QUOTE_WORDS))])


def _last_run(talk: Talk, first: int) -> range:
    """The last sentences of the talk that fit into a quote."""
    count = len(talk.ranking.sentences)
    runs = (run_from(talk, place, count, _QUOTE_WORDS) for place in range(first, count))
    return next(run for run in runs if run.stop == count)
