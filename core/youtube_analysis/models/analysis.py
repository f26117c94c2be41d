"""What is asked of a video, where that stands, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self

from youtube_analysis.errors import UnknownAnalysisType

from .style import PLAIN, Style
from .video import VideoData


@dataclass(frozen=True, slots=True)
class Queued:
    """Waits for an upstream that is busy; 1 is next. 0: it is served, and the model is still
    reading what it was sent, of a talk that is read in parts the one with the number `part`."""

    position: int
    part: int = 0
    parts: int = 0


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
    THIN = "thin"
    QUOTES_TO_START_FROM = "quotes_to_start_from"
    INSTRUCTION_IGNORED = "instruction_ignored"


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
    NoticeCode.READ_IN_PART: (
        "The model read only a part of the talk: its server took {read} of about {sent} tokens. "
        "The admin can raise the server's context, or lower OPENAI_CONTEXT."
    ),
    NoticeCode.PARTS_UNREAD: "Not read: {minutes}, so nothing is from there. {reason}",
    NoticeCode.LITTLE_ADVICE: "The speaker gives little advice; this is what is stressed most.",
    NoticeCode.THIN: "There is little in these captions to choose from: {reason}.",
    NoticeCode.QUOTES_TO_START_FROM: "Quotes to start a post from:",
    NoticeCode.INSTRUCTION_IGNORED: "Following your instruction needs a language model.",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """`params` fill the sentence; `str()` words it in English."""

    code: NoticeCode
    params: dict[str, str] = field(default_factory=dict)

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


class AnalysisType(StrEnum):
    """The values are the names that callers use; `task` is the key in `task_outputs`."""

    task: str

    def __new__(cls, name: str, task: str = "") -> Self:  # without it, a member is looked up
        kind = str.__new__(cls, name)
        kind._value_, kind.task = name, task
        return kind

    SUMMARY = "Summary & Classification", "classify_and_summarize_content"
    ACTION_PLAN = "Action Plan", "analyze_and_plan_content"
    KEY_MOMENTS = "Key Moments", "key_moments"
    BLOG_POST = "Blog Post", "write_blog_post"
    LINKEDIN_POST = "LinkedIn Post", "write_linkedin_post"
    X_POST = "X Post", "write_tweet"

    @classmethod
    def named(cls, name: str) -> AnalysisType:
        """Case, spaces and the older name "X Tweet" do not matter; else UnknownAnalysisType."""
        wanted = " ".join(name.split()).casefold()
        for kind in cls:
            if wanted in {kind.value.casefold(), kind.task}:
                return kind
        if wanted == "x tweet":
            return cls.X_POST
        raise UnknownAnalysisType(name, tuple(kind.value for kind in cls))


class AnalysisStatus(StrEnum):
    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"
    CACHED = "cached"


class ContentCategory(StrEnum):
    TECHNOLOGY = "Technology"
    BUSINESS = "Business"
    EDUCATION = "Education"
    HEALTH = "Health & Wellness"
    SCIENCE = "Science"
    FINANCE = "Finance"
    PERSONAL_DEVELOPMENT = "Personal Development"
    ENTERTAINMENT = "Entertainment"
    OTHER = "Other"
    UNCATEGORIZED = "Uncategorized"


class ContextTag(StrEnum):
    TUTORIAL = "Tutorial"
    NEWS = "News"
    REVIEW = "Review"
    CASE_STUDY = "Case Study"
    INTERVIEW = "Interview"
    OPINION = "Opinion Piece"
    HOW_TO = "How-To Guide"
    GENERAL = "General"


@dataclass(frozen=True, slots=True)
class Classification:
    category: ContentCategory
    tag: ContextTag


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """Tokens as the model's server counted them; `cached` of `prompt` came from its cache."""

    prompt: int = 0
    completion: int = 0
    cached: int = 0

    @property
    def total(self) -> int:
        return self.prompt + self.completion

    def __add__(self, other: TokenUsage) -> TokenUsage:
        return TokenUsage(
            self.prompt + other.prompt,
            self.completion + other.completion,
            self.cached + other.cached,
        )


@dataclass(frozen=True, slots=True)
class Citation:
    """A place in a video that a text points at: seconds, and the words that stand there.

    `number` is the passage's, as `[number]` in the text; 0 in what older versions stored.
    """

    video_id: str
    start: float
    end: float
    url: str | None
    quote: str
    number: int = 0


class Support(StrEnum):
    """How a claim stands to the video: said there, said in other words, or found nowhere."""

    SAID = "said"
    REWORDED = "reworded"
    UNFOUND = "unfound"


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of a text, as it was judged. `text` is plain, without citations."""

    text: str
    support: Support
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskOutput:
    """One finished section: markdown that cites passages as `[n]`. `citations` has one entry for
    each of these, in their order; in what older versions stored, the text holds times and links
    instead. `lead` and `note` are sentences of ours, above and below the text."""

    type: AnalysisType
    text: str
    engine: str
    citations: tuple[Citation, ...] = ()
    classification: Classification | None = None
    usage: TokenUsage = TokenUsage()
    seconds: float = 0.0
    cached: bool = False
    claims: tuple[Claim, ...] = ()
    lead: Notice | None = None
    note: Notice | None = None


@dataclass(frozen=True, slots=True)
class TaskFailure:
    type: AnalysisType
    code: str
    message: str
    retryable: bool


@dataclass(frozen=True, slots=True)
class CaptionsFile:
    """Captions handed in: `name` tells the format where the bytes do not."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class AnalysisRequest:
    """`link` is what a person pasted, or the captions file handed in.

    `language` (BCP 47) is the language to answer in; None keeps the spoken one. It may list several
    with commas, the most wanted first: without a model that translates, the first that there are
    captions in is taken. `model` names one that the host lists, None the default.
    """

    link: str | CaptionsFile
    types: tuple[AnalysisType, ...] = tuple(AnalysisType)
    language: str | None = None
    use_cache: bool = True
    style: Style = PLAIN
    model: str | None = None

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(filter(None, map(str.strip, (self.language or "").split(","))))

    @property
    def written_in(self) -> str | None:
        return next(iter(self.languages), None)


@dataclass(frozen=True, slots=True)
class AnalysisResult:
    """`seconds` is the wall time of the run; `created_at` is aware."""

    video: VideoData
    outputs: tuple[TaskOutput, ...]
    failures: tuple[TaskFailure, ...]
    seconds: float
    created_at: datetime
    cached: bool = False

    @property
    def status(self) -> AnalysisStatus:
        if not self.outputs:
            return AnalysisStatus.FAILED
        return AnalysisStatus.CACHED if self.cached else AnalysisStatus.COMPLETED

    @property
    def classification(self) -> Classification:
        for output in self.outputs:
            if output.classification:
                return output.classification
        return Classification(ContentCategory.UNCATEGORIZED, ContextTag.GENERAL)

    @property
    def usage(self) -> TokenUsage:
        return sum((output.usage for output in self.outputs), TokenUsage())
