"""Sentences of ours beside what a video says: values, worded by whoever shows them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class NoticeCode(StrEnum):
    NEAREST = "nearest"
    NOTHING_FOUND = "nothing_found"
    GREETING = "greeting"
    THANKS = "thanks"
    LENGTH = "length"
    SPEAKERS = "speakers"
    SPEAKER_UNKNOWN = "speaker_unknown"
    AFTER_END = "after_end"
    NOT_SAID = "not_said"
    STAND_IN = "stand_in"
    CUT_SHORT = "cut_short"
    LITTLE_ADVICE = "little_advice"
    THIN = "thin"
    QUOTES_TO_START_FROM = "quotes_to_start_from"


# English; the only wording until somebody who shows them brings another.
_SENTENCES = {
    NoticeCode.NEAREST: "I didn't find that in these words. Nearest:",
    NoticeCode.NOTHING_FOUND: (
        "I found nothing about that in the video. Ask about something that is said in it, or for "
        "a *summary* or the *key moments*."
    ),
    NoticeCode.GREETING: "Hello! Ask me what is said in the video, or for a *summary*.",
    NoticeCode.THANKS: "You're welcome.",
    NoticeCode.LENGTH: "The video is {length} long.",
    NoticeCode.SPEAKERS: "The captions name these speakers: {names}.",
    NoticeCode.SPEAKER_UNKNOWN: "The captions do not name who speaks. The video begins:",
    NoticeCode.AFTER_END: "The video ends before that, at {length}.",
    NoticeCode.NOT_SAID: "The model found no answer to that in the video.",
    NoticeCode.STAND_IN: "{reason} What follows was made without it, in the speaker's own words.",
    NoticeCode.CUT_SHORT: "The model stopped here: its server allows no longer answer.",
    NoticeCode.LITTLE_ADVICE: "The speaker gives little advice; this is what is stressed most.",
    NoticeCode.THIN: "There is little in these captions to choose from: {reason}.",
    NoticeCode.QUOTES_TO_START_FROM: "Quotes to start a post from:",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """`params` fill the sentence; `str()` words it in English."""

    code: NoticeCode
    params: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return _SENTENCES[self.code].format(**self.params)
