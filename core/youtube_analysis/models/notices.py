"""Sentences of ours about what was read and made. `str()` words one in English; whoever shows it
in another language goes by its code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from youtube_analysis.errors import VideoAnalysisError


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
    READ_IN_PART = "read_in_part"
    PARTS_UNREAD = "parts_unread"
    LITTLE_ADVICE = "little_advice"
    THIN = "thin"  # of the versions before
    FEW_WORDS = "few_words"
    NO_SENTENCES = "no_sentences"
    MOSTLY_SILENT = "mostly_silent"
    QUOTES_TO_START_FROM = "quotes_to_start_from"
    INSTRUCTION_IGNORED = "instruction_ignored"


# English; the only wording until somebody who shows them brings another.
_SENTENCES = {
    NoticeCode.NEAREST: "I didn't find that in these words. Nearest:",
    NoticeCode.NOTHING_FOUND: (
        "I found nothing about that in the video. Ask about something that is said in it, or for "
        "a *summary* or the *key moments*."
    ),
    NoticeCode.GREETING: "Hello. Ask me what is said in the video, or for a *summary*.",
    NoticeCode.THANKS: "You're welcome.",
    NoticeCode.LENGTH: "The video is {length} long.",
    NoticeCode.SPEAKERS: "The captions name these speakers: {names}.",
    NoticeCode.SPEAKER_UNKNOWN: "The captions don't name the speakers. The video begins:",
    NoticeCode.AFTER_END: "The video ends before that, at {length}.",
    NoticeCode.NOT_SAID: "The model found no answer to that in the video.",
    NoticeCode.STAND_IN: "{reason} Here are the speaker's own words instead.",
    NoticeCode.CUT_SHORT: "The model stopped here: its server doesn't allow longer answers.",
    NoticeCode.READ_IN_PART: (
        "The model read only part of the talk: its server took {read} of about {sent} tokens. "
        "The admin can raise the server's context or lower OPENAI_CONTEXT."
    ),
    NoticeCode.PARTS_UNREAD: (
        "Nothing here is from {minutes}, which the model couldn't read. {reason}"
    ),
    NoticeCode.LITTLE_ADVICE: "The speaker gives little advice; these points are stressed most.",
    NoticeCode.THIN: "There is little in these captions to choose from: {reason}.",
    NoticeCode.FEW_WORDS: "There's little to choose from: these captions have {words} words.",
    NoticeCode.NO_SENTENCES: (
        "There's little to choose from: these captions have hardly one whole sentence."
    ),
    NoticeCode.MOSTLY_SILENT: "There's little to choose from: most of the video has no captions.",
    NoticeCode.QUOTES_TO_START_FROM: "Quotes to start a post from:",
    NoticeCode.INSTRUCTION_IGNORED: "Following your instruction needs a language model.",
}


@dataclass(frozen=True, slots=True)
class Cause:
    """An error as it is kept: its key, its message in English and its values."""

    key: str
    message: str
    values: Mapping[str, str] | None = None

    @classmethod
    def of(cls, error: VideoAnalysisError) -> Cause:
        return cls(error.key, error.message, error.values)


@dataclass(frozen=True, slots=True)
class Notice:
    """`params` fill the sentence; `str()` words it in English. `cause` is the error that one of
    them, `reason`, tells of."""

    code: NoticeCode
    params: dict[str, str] = field(default_factory=dict)
    cause: Cause | None = None

    @property
    def incomplete(self) -> bool:
        """Whether it says that a text is not what it should be: nobody keeps such a one."""
        return self.code in {
            NoticeCode.CUT_SHORT,
            NoticeCode.READ_IN_PART,
            NoticeCode.PARTS_UNREAD,
        }

    def __str__(self) -> str:
        return _SENTENCES[self.code].format(**self.params)


class MissingCode(StrEnum):
    TIMES = "times"
    TITLE = "title"
    DATE = "date"
    LENGTH = "length"
    TRANSLATION = "translation"
    CAPTIONS = "captions"
    LANGUAGE = "language"
    MINUTES = "minutes"


_MISSING = {
    MissingCode.TIMES: "This file has no timestamps, so times are estimated.",
    MissingCode.TITLE: "YouTube didn't give the title and the channel.",
    MissingCode.DATE: "YouTube didn't give the date and the category.",
    MissingCode.LENGTH: "YouTube didn't give the length, so it is taken from the captions.",
    MissingCode.TRANSLATION: "No “{language}” captions: YouTube refused to translate them.",
    MissingCode.CAPTIONS: "No “{language}” captions, nor a translation.",
    MissingCode.LANGUAGE: "No analysis in “{language}”: translating needs a language model.",
    MissingCode.MINUTES: "The model couldn't read {minutes}.",
}


@dataclass(frozen=True, slots=True)
class Missing:
    """What could not be had of a video and was done without; `language` is a BCP 47 code."""

    code: MissingCode
    params: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return _MISSING[self.code].format(**self.params)

    def __hash__(self) -> int:
        return hash((self.code, *self.params.values()))
