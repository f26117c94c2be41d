"""`vidthread evaluate`: how true what is written of talks is, for a person and for a program."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import msgspec

from youtube_analysis.config import Settings
from youtube_analysis.errors import InvalidRequest, VideoAnalysisError
from youtube_analysis.models.analysis import AnalysisRequest, CaptionsFile
from youtube_analysis.service_factory import ServiceFactory
from youtube_analysis.services.evaluation import Evaluation, Question

from .sentences import say
from .terminal.meter import Meter
from .terminal.screen import Terminal

# Bytes; some ten thousand questions.
_LARGEST_FILE = 2_000_000

_FIGURES = (
    "model", "citation_recall", "citation_precision", "quotes_right", "numbers_right", "marked",
    "tenths", "tokens", "seconds", "hit1", "hit3",
)  # fmt: skip
_EXAMPLE = '{"question": "Who built it?", "windows": [[12, 31.5]]}'

_Second = Annotated[float, msgspec.Meta(ge=0)]


class WrongQuestions(InvalidRequest):
    code = "wrong_questions"


class _WrittenQuestion(msgspec.Struct):
    """What else stands in a line is left alone."""

    question: Annotated[str, msgspec.Meta(max_length=20_000)]
    windows: tuple[tuple[_Second, _Second], ...]
    language: str | None = None

    def __post_init__(self) -> None:
        if not self.question.strip():
            raise ValueError("its question is empty")
        if any(start >= end for start, end in self.windows):
            raise ValueError("a window must end after it starts")


def read_questions(path: Path) -> tuple[Question, ...]:
    """From a file with a JSON object a line. Raises WrongQuestions, which names the line."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise WrongQuestions(
            say("error.unreadable_file", file=path, cause=error.strerror or "")
        ) from error
    if len(content) > _LARGEST_FILE:
        raise WrongQuestions(say("error.wrong_questions.large", file=path))
    questions = tuple(_questions(content.removeprefix(b"\xef\xbb\xbf"), path))
    if not questions:
        raise WrongQuestions(say("error.wrong_questions.none", file=path))
    return questions


def _questions(content: bytes, path: Path) -> Iterator[Question]:
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            written = msgspec.json.decode(line, type=_WrittenQuestion)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            told = say("error.wrong_questions", line=number, file=path, cause=error)
            raise WrongQuestions(f"{told} {_EXAMPLE}") from error
        yield Question(written.question.strip(), written.windows, written.language or None)


async def evaluate_talks(
    settings: Settings,
    talks: Sequence[str | CaptionsFile],
    questions: Sequence[Question],
    terminal: Terminal,
    *,
    as_json: bool,
) -> bool:
    """Prints what was measured, each talk as soon as it is done where a program reads. Tells
    whether every talk could be read."""
    done: list[Evaluation] = []
    async with ServiceFactory(settings) as factory:
        meter = Meter(factory.metrics)
        for talk in talks:
            try:
                with terminal.waiting(say("progress.reading")) as tell:
                    measured = await _measured(factory, talk, questions, tell)
            except VideoAnalysisError as error:
                terminal.error(error, as_json=as_json)
                continue
            done.append(measured)
            if as_json:
                terminal.json(_rounded(measured))
    if done and not as_json:
        terminal.table(_table(done))
    terminal.say(meter.line())
    return len(done) == len(talks)


async def _measured(
    factory: ServiceFactory,
    talk: str | CaptionsFile,
    questions: Sequence[Question],
    tell: Callable[[str], None],
) -> Evaluation:
    reading = await factory.get_video_analysis_workflow().read(AnalysisRequest(talk))
    tell(say("progress.writing"))
    return await factory.get_evaluation_service().evaluate(
        reading,
        questions,
        lambda place: tell(say("progress.asking", done=place, total=len(questions))),
    )


def _rounded(evaluation: Evaluation) -> dict[str, Any]:
    return {
        name: round(value, 3) if isinstance(value, float) else value
        for name, value in asdict(evaluation).items()
    }


def _table(done: Sequence[Evaluation]) -> list[list[str]]:
    """A line a figure, a column a talk; the first line names the talks."""
    measured = [asdict(evaluation) for evaluation in done]
    head = ["", *(evaluation.talk for evaluation in done)]
    lines = (
        [say(f"evaluate.{name}"), *(_shown(name, figures[name]) for figures in measured)]
        for name in _FIGURES
    )
    return [head, *lines]


def _shown(name: str, value: str | float | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if name == "tenths":
        return say("progress.of", done=int(value), total=10)
    forms = {"tokens": "{:,d}", "seconds": "{:.1f}"}
    return forms[name].format(value) if name in forms else f"{100 * value:.3g} %"
