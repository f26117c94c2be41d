"""The commands."""

from __future__ import annotations

from dataclasses import dataclass

from youtube_analysis.models.analysis import AnalysisType
from youtube_analysis.services.content import ContentFormat


@dataclass(frozen=True, slots=True)
class Analyze:
    """`types` is empty and `language` None where nothing is said about them; `question` is what
    was asked beside the link."""

    link: str
    types: tuple[AnalysisType, ...] = ()
    language: str | None = None
    anew: bool = False
    question: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    question: str


@dataclass(frozen=True, slots=True)
class Make:
    """Sections of the video that the thread is about, in the language of the thread if None."""

    types: tuple[AnalysisType, ...]
    language: str | None = None
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    pass


@dataclass(frozen=True, slots=True)
class SetLanguage:
    """None is the video's own."""

    language: str | None


@dataclass(frozen=True, slots=True)
class Export:
    form: ContentFormat


@dataclass(frozen=True, slots=True)
class Retry:
    """`reply` is the id that the button carries."""

    reply: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """What of the video was read."""


@dataclass(frozen=True, slots=True)
class Forget:
    """This thread."""


@dataclass(frozen=True, slots=True)
class SetQuiet:
    quiet: bool


@dataclass(frozen=True, slots=True)
class Help:
    pass


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of the workspace."""


@dataclass(frozen=True, slots=True)
class Privacy:
    """What is kept, and where it goes."""


@dataclass(frozen=True, slots=True)
class ForgetPerson:
    """Everything that whoever says so has asked in this workspace."""


@dataclass(frozen=True, slots=True)
class ForgetWorkspace:
    """All threads of it."""


@dataclass(frozen=True, slots=True)
class ShowSettings:
    """Of the workspace."""


@dataclass(frozen=True, slots=True)
class SetChannels:
    """The channels to work in, by their ids; all where it is empty."""

    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetDefaultLanguage:
    """None is the video's own."""

    language: str | None


@dataclass(frozen=True, slots=True)
class SetDefaultTypes:
    """What an analysis is made of where nobody says; what we choose where it is empty."""

    types: tuple[AnalysisType, ...]


@dataclass(frozen=True, slots=True)
class Unclear:
    """`reason` is a sentence for the person who wrote it."""

    reason: str


Aside = (
    Help
    | Statistics
    | Privacy
    | ForgetPerson
    | ForgetWorkspace
    | ShowSettings
    | SetChannels
    | SetDefaultLanguage
    | SetDefaultTypes
)
"""What concerns no video: it can be answered anywhere, and to one person alone."""

Command = (
    Analyze
    | Ask
    | Make
    | Stop
    | SetLanguage
    | Export
    | Retry
    | Coverage
    | Forget
    | SetQuiet
    | Aside
    | Unclear
)
