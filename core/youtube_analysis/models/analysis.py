"""What is asked of a video, where that stands, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self

from youtube_analysis.errors import InvalidRequest, UnknownAnalysisType, VideoAnalysisError

from .notices import Notice
from .style import PLAIN, Style
from .video import VideoData


@dataclass(frozen=True, slots=True)
class Queued:
    """Waits for an upstream that is busy; 1 is next. 0: it is served, and the model is still
    reading what it was sent, of a talk that is read in parts the one with the number `part`."""

    position: int
    part: int = 0
    parts: int = 0


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
        """By its task or its name, or what begins a word in one name alone, such as "summary",
        "moments" or "linked". Raises UnknownAnalysisType."""
        wanted = " ".join(name.split()).casefold()
        names = {kind: f" {kind.value}" for kind in cls}
        names[cls.X_POST] += " X Tweet"
        found = [
            kind
            for kind, called in names.items()
            if wanted == kind.task or f" {wanted}" in called.casefold()
        ]
        if len(found) == 1:
            return found[0]
        raise UnknownAnalysisType(name=name[:60], names=", ".join(cls))


class UnknownModel(InvalidRequest):
    code = "unknown_model"
    sentence = "There is no model “{name}”. Choose from: {names}."


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
    """`key` and `values` are the error's."""

    type: AnalysisType
    code: str
    message: str
    retryable: bool
    key: str = ""
    values: Mapping[str, str] | None = None

    @classmethod
    def of(cls, kind: AnalysisType, error: VideoAnalysisError) -> TaskFailure:
        return cls(kind, error.code, error.message, error.retryable, error.key, error.values)


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
