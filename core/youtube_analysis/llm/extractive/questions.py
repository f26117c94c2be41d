"""What a question asks for: its terms, a time, and the kind of words that would answer it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import regex

from youtube_analysis.grounding.ranking import Ranking
from youtube_analysis.grounding.words import spaced

_CLOCK = regex.compile(r"(?<![\d:])(?:(\d{1,2}):)?(\d{1,2}):(\d{2})(?![\d:])")
# "in this video", "does the speaker say": the frame of a question, not what it asks for.
_FRAME = regex.compile(
    r"\b(?:(?:in|of|from|during|about) )?(?:the|this|that) (?:whole |entire )?(?:video|talk|lecture|clip|presentation|keynote|recording|episode|session)\b"
    r"|\b(?:the )?(?:speakers?|presenters?|hosts?|narrators?|lecturer|author)\b"
    r"|\b(?:say|says|said|talk|talks|talked|talking|mention|mentions|mentioned|explain|explains|explained|discuss|discusses|discussed"
    r"|think|thinks|tell|tells|told|speak|speaks|describe|describes|described)\b(?: (?:about|of|on|regarding))?"
    r"|\b(?:summari[sz]e|summary|tl;?dr|main points?|key points?|overview|gist|takeaways?|recap)\b"
    r"|\b(?:can|could|would) you\b|\bplease\b|\baccording to\b|\b(?:give|tell|show) me\b|\b(?:anything|something) about\b"
    r"|в (?:этом )?(?:видео|ролике|выступлении|докладе|презентации)|(?:говорит|говорят|сказал[аи]?|рассказывает|рассказывают|упоминает\w*|объясняет)(?: (?:о|об|про))?"
    r"|この動画|この話|について|ですか|ますか|とは何|何ですか|教えて(?:ください)?|どのように|どんな|いくつ|何"
    r"|这个视频|视频中|视频里|什么是|是什么|怎么样?|如何|为什么|哪些|哪个|多少|请问|进行|吗|呢",
    regex.I,
)
# Words that ask without naming a subject; the talk need not say them.
_ASKING = (
    "example kind sort type thing reason way exactly detail information different name long many much "
    "often happen work do make use call come work"
).split()
_DEFINITION = regex.compile(
    r"^\W*(?:so,? )?(?:what(?:'s| is| are| was| does)\b(?! (?:wrong|the (?:best|difference|problem)))|who(?:'s| is| are| was)\b|define\b|meaning of)|что такое|кто такой|とは|什么是|是什么|was ist|qu'est|qué es|quem é|vad är",
    regex.I,
)
_WHO = regex.compile(
    r"\bwho(?:'s|se|m)?\b|\bwhich (?:person|company|people)\b|\bкто\b|誰|谁|\bwer\b|\bqui\b|\bquién|\bvem\b",
    regex.I,
)
_HOW_MUCH = regex.compile(
    r"\bhow (?:much|many|long|often|old|fast|far|big|large|high)\b|\bwhen\b|\bwhat (?:year|date|time|percent\w*|number|version|price)\b"
    r"|\bсколько\b|\bкогда\b|いつ|いくつ|いくら|何[人年個回]|多少|几|什么时候|\bwann\b|\bwie ?viele?\b|\bcombien\b|\bcuánt|\bnär\b|\bhur många\b",
    regex.I,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """`weights` holds the terms asked for and how much each tells; empty asks for the whole.

    `at` is a second of the video that the question names, `unsaid` the words nobody says.
    """

    text: str
    weights: dict[str, float]
    unsaid: tuple[str, ...]
    at: float | None
    defines: bool
    who: bool
    how_much: bool


def understand(text: str, ranking: Ranking) -> Question:
    subject = _FRAME.sub(" ", text)
    asking = {term for word in _ASKING for term in ranking.analyzer.terms(word)}
    terms = ranking.query_terms(subject)
    # Asking words count where nothing else is left to go by, and little beside the rest.
    named = [term for term in terms if term not in asking] or terms
    return Question(
        text=text,
        weights={term: _weight(term, ranking) for term in named},
        unsaid=tuple(_unsaid(subject, named, ranking)),
        at=_asked_time(text),
        defines=_DEFINITION.search(text) is not None,
        who=_WHO.search(text) is not None,
        how_much=_HOW_MUCH.search(text) is not None,
    )


def _weight(term: str, ranking: Ranking) -> float:
    """Rarity; a pair of characters that never comes may be no word at all, and tells less."""
    unknown_pair = not spaced(term) and not ranking.known(term)
    return ranking.rarity(term) * (0.35 if unknown_pair else 1.0)


def _unsaid(text: str, terms: Iterable[str], ranking: Ranking) -> list[str]:
    wanted = set(terms)
    words = [
        surface
        for term, surface in ranking.analyzer.terms_with_surface(text)
        if term in wanted and not ranking.known(term) and spaced(surface)
    ]
    return list(dict.fromkeys(words))


def _asked_time(text: str) -> float | None:
    if match := _CLOCK.search(text):
        hours, minutes, seconds = (int(part or 0) for part in match.groups())
        return hours * 3600.0 + minutes * 60 + seconds
    return None
