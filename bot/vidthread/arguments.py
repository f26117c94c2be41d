"""What may stand on the command line, and what it means."""

from __future__ import annotations

import re
from pathlib import Path

import click

from youtube_analysis.captions import LARGEST_FILE
from youtube_analysis.errors import InvalidRequest
from youtube_analysis.models.analysis import AnalysisType, CaptionsFile
from youtube_analysis.models.video import parse_link

from .sample import sample_talk
from .sentences import say, say_error

_SAMPLE = "sample"
_LANGUAGE_CODE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


class MissingFile(InvalidRequest):
    code = "missing_file"


def find_source(text: str) -> str | CaptionsFile:
    """What LINK_OR_FILE names. Raises InvalidRequest, a file that is not there included."""
    path = Path(text)
    if path.is_file():
        try:
            with path.open("rb") as file:
                # One byte more than is allowed tells that there is more; a film is not read whole.
                return CaptionsFile(path.name, file.read(LARGEST_FILE + 1))
        except OSError as error:
            raise MissingFile(
                say("error.missing_file.unreadable", file=path, cause=error.strerror or "")
            ) from error
    if text == _SAMPLE:
        return sample_talk()
    try:
        parse_link(text)
    except InvalidRequest:
        if "youtu" not in text and "://" not in text:
            raise MissingFile(say("error.missing_file", file=text)) from None
        raise
    return text


def _language(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value and not _LANGUAGE_CODE.fullmatch(value):
        raise click.BadParameter(say("terminal.language", got=value))
    return value or None


def _types(_: click.Context, __: click.Parameter, value: str | None) -> tuple[AnalysisType, ...]:
    if not value:
        return tuple(AnalysisType)
    try:
        return tuple(AnalysisType.named(name) for name in value.split(","))
    except InvalidRequest as error:
        raise click.BadParameter(say_error(error)) from None


LINK_OR_FILE = click.argument("source", metavar="LINK_OR_FILE")
LINKS_OR_FILES = click.argument("sources", nargs=-1, required=True, metavar="LINK_OR_FILE…")
QUESTIONS = click.option(
    "--questions",
    type=click.Path(path_type=Path),
    metavar="F",
    help="File of questions to ask of each talk, a JSON object a line: question, windows (where "
    "it is answered, as [[from, to]] in seconds, or []) and, if wanted, language.",
)
LANGUAGE = click.option(
    "--language",
    callback=_language,
    metavar="XX",
    help="Language to read and answer in, such as de or pt-BR.",
)
TYPES = click.option(
    "--types",
    callback=_types,
    metavar="A,B",
    help="What to make, separated by commas: " + ", ".join(AnalysisType) + ". All by default.",
)
FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print; json is one object a line.",
)
