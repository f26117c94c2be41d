"""What may stand on the command line, and what it means."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from youtube_analysis.captions import LARGEST_FILE
from youtube_analysis.errors import InvalidLink, InvalidRequest
from youtube_analysis.models.analysis import AnalysisType, CaptionsFile, UnknownModel
from youtube_analysis.models.style import LONGEST_INSTRUCTION, Length, Style
from youtube_analysis.models.video import parse_link, watch_link

from .commands import DEFAULT_TYPES
from .sample import sample_talk
from .sentences import say, say_error

_SAMPLE, _STANDARD_INPUT = "sample", "-"
_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")


class MissingSource(InvalidRequest):
    code = "missing_file"


class UnreadableFile(InvalidRequest):
    code = "unreadable_file"


WRONG_CALLS = (MissingSource, InvalidLink, UnknownModel)
"""What is wrong with the call, not with the video or file that it names."""


def find_source(text: str) -> str | CaptionsFile:
    """What VIDEO names. Raises one of WRONG_CALLS, or UnreadableFile."""
    path = Path(text)
    if text == _STANDARD_INPUT:
        return CaptionsFile(say("terminal.standard_input"), sys.stdin.buffer.read(LARGEST_FILE + 1))
    if path.is_file():
        try:
            with path.open("rb") as file:
                # One byte more than is allowed tells that there is more; a film is not read whole.
                return CaptionsFile(path.name, file.read(LARGEST_FILE + 1))
        except OSError as error:
            told = say("error.unreadable_file", file=path, cause=error.strerror or "")
            raise UnreadableFile(told) from error
    if text == _SAMPLE:
        return sample_talk()
    if _VIDEO_ID.fullmatch(text):
        return watch_link(text)
    if "youtu" not in text and "://" not in text:
        raise MissingSource(say("error.missing_file", file=text))
    parse_link(text)
    return text


def _video_to_ask_about(_: click.Context, __: click.Parameter, value: str) -> str:
    if value == _STANDARD_INPUT:
        raise click.BadParameter(say("terminal.stdin"))
    return value


def _language(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    from .words import named_language  # noqa: PLC0415 - its phrases take a while to read

    named = [named_language(name) for name in value.split(",")] if value else []
    languages = [name for name in named if name]
    if len(languages) < len(named):
        raise click.BadParameter(say("terminal.language", got=value))
    return ",".join(languages) or None


def _instruction(_: click.Context, __: click.Parameter, value: str) -> str:
    try:
        return Style(instruction=value).instruction
    except InvalidRequest:
        most = say("unclear.instruction", name=LONGEST_INSTRUCTION)
        raise click.BadParameter(most) from None


def _types(_: click.Context, __: click.Parameter, value: str | None) -> tuple[AnalysisType, ...]:
    try:
        named = tuple(AnalysisType.named(name) for name in value.split(",")) if value else ()
    except InvalidRequest as error:
        raise click.BadParameter(say_error(error)) from None
    return named or DEFAULT_TYPES


HELP = {"-h", "--help"}
_OPTIONS = {"types", "language", "length", "instruction", "model", "form", "no_cache", "questions"}
VIDEO = click.argument("source", metavar="VIDEO")
VIDEO_TO_ASK_ABOUT = click.argument("source", metavar="VIDEO", callback=_video_to_ask_about)
VIDEOS = click.argument("sources", nargs=-1, required=True, metavar="VIDEO…")
QUESTIONS = click.option(
    "--questions",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="F",
)
LANGUAGE = click.option(
    "--language",
    callback=_language,
    metavar="NAME",
)
TYPES = click.option(
    "--types",
    callback=_types,
    metavar="A,B",
)
_LENGTH = click.option(
    "--length",
    type=click.Choice([length.value for length in Length]),
    default=Length.NORMAL.value,
    show_default=True,
)
_INSTRUCTION = click.option(
    "--instruction",
    callback=_instruction,
    default="",
    metavar="TEXT",
)
_MODEL = click.option("--model", metavar="NAME")


def wishes(command: Callable[..., int]) -> Callable[..., int]:
    """How texts are to be, as `style`, and who writes them."""

    @_LENGTH
    @_INSTRUCTION
    @_MODEL
    @wraps(command)
    def styled(*, length: str, instruction: str, **others: Any) -> int:
        return command(style=Style(Length(length), instruction), **others)

    return styled


FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
)


def say_help(app: click.Group) -> None:
    """In the language that is spoken: what each command does, and what each option means."""
    for command in (app, *app.commands.values()):
        command.help = say(f"cli.{command.name}")
        for option in command.params:
            if isinstance(option, click.Option) and option.name in _OPTIONS:
                option.help = say(f"option.{option.name}")
