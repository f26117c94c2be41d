"""What people can ask of the bot. A Command travels as itself from where it was given to where it
is served, and is kept as MessagePack: the name of a class is part of that format."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict, force_setattr

from youtube_analysis.checking.literal import mended
from youtube_analysis.models.analysis import AnalysisType
from youtube_analysis.models.style import Length
from youtube_analysis.services.content import ContentFormat

from .sentences import say

VERSION = "v1"
LONGEST_REASON = 500
# What an analysis has where nobody says.
DEFAULT_TYPES = (AnalysisType.SUMMARY, AnalysisType.KEY_MOMENTS)
_ANEW = "anew"


class Mended:
    """A dataclass whose texts are mended, as those of commands are: at the door, once."""

    __slots__ = ()

    def __post_init__(self: Any) -> None:
        for item in fields(self):
            if type(value := getattr(self, item.name)) is str:  # no member of an enumeration
                object.__setattr__(self, item.name, mended(value))


class _Command(Struct, frozen=True, tag=True, omit_defaults=True):
    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if type(value) is str:
                force_setattr(self, name, mended(value))


class Analyze(_Command, frozen=True):
    """Read a video, and make this thread be about it.

    `link` is empty for the captions file that came along, and without one for the video that the
    thread is about already. `types` is empty and `language` None where nothing is said about them;
    an `anew` one takes nothing from the cache; `question` is what was asked beside the link. Where
    `length` is None and `instruction` empty, the channel's are taken.
    """

    link: str = ""
    types: tuple[AnalysisType, ...] = ()
    language: str | None = None
    anew: bool = False
    question: str = ""
    length: Length | None = None
    instruction: str = ""


class Ask(_Command, frozen=True):
    question: str


class Make(_Command, frozen=True):
    """Sections of the video that the thread is about, in the language of the thread if None; the
    rest as of Analyze."""

    types: tuple[AnalysisType, ...]
    language: str | None = None
    anew: bool = False
    length: Length | None = None
    instruction: str = ""


class Stop(_Command, frozen=True):
    pass


class SetLanguage(_Command, frozen=True):
    """None is the video's own."""

    language: str | None


class Export(_Command, frozen=True):
    form: ContentFormat


class Retry(_Command, frozen=True):
    """Do once more what was asked for with a reply, named by its key."""

    reply: str


class Coverage(_Command, frozen=True):
    """Tell what of the video was read."""


class Forget(_Command, frozen=True):
    """Delete what is kept of this thread; asked first whether that is meant, unless `sure`."""

    sure: bool = False


class SetQuiet(_Command, frozen=True):
    quiet: bool


class Help(_Command, frozen=True):
    pass


class Rate(_Command, frozen=True):
    """Say whether a reply helped, and if not, why."""

    reply: str
    good: bool
    reason: str = ""


class Statistics(_Command, frozen=True):
    """Of the workspace."""


class Privacy(_Command, frozen=True):
    """Tell what is kept, and where it goes."""


class ForgetPerson(_Command, frozen=True):
    """Delete everything that whoever says so has asked in this workspace. `sure` as of Forget."""

    sure: bool = False


class ForgetWorkspace(_Command, frozen=True):
    """Delete everything that is kept of the workspace. `sure` as of Forget."""

    sure: bool = False


class ShowSettings(_Command, frozen=True):
    """Of the workspace."""


class SetChannels(_Command, frozen=True):
    """The channels to work in, by their ids; all where it is empty."""

    channels: tuple[str, ...]


class SetDefaultLanguage(_Command, frozen=True):
    """None is the video's own."""

    language: str | None


class SetDefaultTypes(_Command, frozen=True):
    """What an analysis is made of where nobody says; what we choose where it is empty."""

    types: tuple[AnalysisType, ...]


class SetDefaultModel(_Command, frozen=True):
    """One that the host lists, by its name; None is the default."""

    model: str | None


class SetDefaultStyle(_Command, frozen=True):
    """How texts are to be in a channel, named by its id; in the one where this is said if that is
    empty. What is None stays as it is; an empty instruction is none."""

    channel: str = ""
    length: Length | None = None
    instruction: str | None = None


class Unclear(_Command, frozen=True):
    """`reason` is the id of a sentence for the person who wrote it; one that says what was not
    understood has it as `name`."""

    reason: str
    name: str = ""

    @property
    def sentence(self) -> str:
        return say(self.reason, name=self.name) if self.name else say(self.reason)


Destroys = Forget | ForgetPerson | ForgetWorkspace

DefaultSetting = (
    SetChannels | SetDefaultLanguage | SetDefaultTypes | SetDefaultModel | SetDefaultStyle
)

ForAdmins = ForgetWorkspace | DefaultSetting
"""What only an admin may ask for."""

Aside = Help | Statistics | Privacy | Rate | ForgetPerson | ShowSettings | ForAdmins
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

_TASKS = {kind.task: kind for kind in AnalysisType}
_SURE: dict[str, Destroys] = {
    "thread": Forget(sure=True),
    "me": ForgetPerson(sure=True),
    "all": ForgetWorkspace(sure=True),
}
_ALONE: dict[str, Command] = {
    "stop": Stop(),
    "coverage": Coverage(),
    "captions": Unclear("unclear.drop_captions"),
}
_FORMS = {form.value: form for form in ContentFormat if form is not ContentFormat.TEXT}


def action(name: str, identity: str = "") -> str:
    """The id of a button, such as `v1:type:key_moments`."""
    return f"{VERSION}:{name}:{identity}"


def pressed(button: str) -> Command:
    """What the button with this id asks for. The button “Ask” opens a form, which asks for an Ask
    of its own."""
    version, _, rest = button.partition(":")
    name, _, what = rest.partition(":")
    if version == VERSION and (alone := _ALONE.get(name)):
        return alone
    match name if version == VERSION else "":
        case "ask":
            return Ask(what) if what else Unclear("unclear.write_question")
        case "forget" if what in _SURE:
            return _SURE[what]
        case "good" | "bad" if what:
            return Rate(what, good=name == "good")
        case "type" if what in _TASKS:
            return Make((_TASKS[what],))
        case "export" if what in _FORMS:
            return Export(_FORMS[what])
        case "retry" if what:
            return _again(what)
    return Unclear("unclear.old_button")


def _again(what: str) -> Command:
    if what == _ANEW:
        return Analyze(anew=True)
    if what.startswith(f"{_ANEW}-"):
        return Analyze(f"https://youtu.be/{what.removeprefix(f'{_ANEW}-')}", anew=True)
    return Retry(what)
