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

from .terminal.meter import Meter
from .terminal.screen import Terminal

# Bytes; some ten thousand questions.
_LARGEST_FILE = 2_000_000

_MEANINGS = {
    "model": "Model",
    "citation_recall": "Claims that cite a passage",
    "citation_precision": "Citations that bear their claim out",
    "quotes_right": "Quotes that are spoken in these words",
    "numbers_right": "Claims with numbers that are spoken there",
    "marked": "Claims found nowhere in the talk",
    "tenths": "Tenths of the talk that are cited",
    "tokens": "Tokens of prompts and answers",
    "seconds": "Seconds that writing took",
    "hit1": "Questions answered by the first citation",
    "hit3": "Questions answered by the first three",
}

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
        raise WrongQuestions(f"{path} cannot be read: {error.strerror}.") from error
    if len(content) > _LARGEST_FILE:
        raise WrongQuestions(f"{path} is larger than 2 MB. Hand in questions alone, one a line.")
    questions = tuple(_questions(content.removeprefix(b"\xef\xbb\xbf"), path))
    if not questions:
        raise WrongQuestions(f"There are no questions in {path}.")
    return questions


def _questions(content: bytes, path: Path) -> Iterator[Question]:
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            written = msgspec.json.decode(line, type=_WrittenQuestion)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise WrongQuestions(
                f"Line {number} of {path} is no question: {error}. A line looks like this: "
                '{"question": "Who built it?", "windows": [[12, 31.5]]}'
            ) from error
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
                with terminal.waiting("Reading the captions") as tell:
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
    tell("Writing the analysis")
    return await factory.get_evaluation_service().evaluate(
        reading, questions, lambda place: tell(f"Asking {place} of {len(questions)}")
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
        [meaning, *(_shown(name, figures[name]) for figures in measured)]
        for name, meaning in _MEANINGS.items()
    )
    return [head, *lines]


def _shown(name: str, value: str | float | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    forms = {"tenths": "{:d} of 10", "tokens": "{:,d}", "seconds": "{:.1f}"}
    return forms[name].format(value) if name in forms else f"{100 * value:.3g} %"
