"""The command line: `vidthread analyze | chat | doctor`.

Exit status: 0 well, 1 could not, 2 wrong call (option, type, link, missing file), 130 Ctrl-C.
"""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import click

from youtube_analysis.background import BackgroundLoop
from youtube_analysis.config import Settings
from youtube_analysis.errors import InvalidRequest, VideoAnalysisError
from youtube_analysis.logging import configure_logging
from youtube_analysis.models.analysis import AnalysisRequest, AnalysisResult, AnalysisType
from youtube_analysis.models.chat import Answer, ChatMessage, MessageRole
from youtube_analysis.models.progress import Queued
from youtube_analysis.service_factory import ServiceFactory
from youtube_analysis.services.content import ContentFormat, ContentService, coverage_sentence

from .arguments import LANGUAGE, LINK_OR_FILE, TYPES, find_source
from .config import environment
from .doctor import examine
from .playground.terminal import Terminal, accept_any_bytes

OK, FAILED, WRONG_CALL, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns its exit status; never raises, never shows a traceback
    for what a user or the network can cause."""
    accept_any_bytes()
    try:
        return app.main(args=arguments, prog_name="vidthread", standalone_mode=False) or OK
    except click.ClickException as error:
        error.show()
        return WRONG_CALL
    except (click.Abort, KeyboardInterrupt):
        Terminal().say("Stopped.")
        return INTERRUPTED


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("vidthread"), prog_name="vidthread")
def app() -> None:
    """Turns a YouTube video, or a captions file, into an analysis and answers questions about it.

    Every sentence points at the second of the video that it comes from. Settings come from the
    environment and from .env in the current folder.
    """


@app.command()
@LINK_OR_FILE
@TYPES
@LANGUAGE
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in ContentFormat]),
    default=ContentFormat.TEXT.value,
    show_default=True,
    help="How to print the analysis.",
)
@click.option("--no-cache", is_flag=True, help="Read and analyze anew.")
def analyze(
    source: str,
    types: tuple[AnalysisType, ...],
    language: str | None,
    form: str,
    no_cache: bool,
) -> int:
    """Analyze a video and print the result.

    LINK_OR_FILE is a YouTube link, a captions file (.srt .vtt .json3 .ttml .xml .sbv .stc .txt),
    or the word "sample" for the talk that comes with Vidthread.
    """
    terminal, as_json = Terminal(), form == ContentFormat.JSON
    try:
        request = AnalysisRequest(find_source(source), types, language, use_cache=not no_cache)
        result = asyncio.run(_analyze(request, terminal))
    except VideoAnalysisError as error:
        return _failed(error, terminal, as_json=as_json)
    return _show(result, ContentFormat(form), terminal)


@app.command()
@LINK_OR_FILE
@LANGUAGE
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print the answers; json is one object a line.",
)
def chat(source: str, language: str | None, form: str) -> int:
    """Ask about a video: one question a line on standard input.

    LINK_OR_FILE is what `analyze` takes.
    """
    terminal, as_json = Terminal(), form == "json"
    try:
        request = AnalysisRequest(find_source(source), language=language)
        with BackgroundLoop() as loop:
            factory = loop.run(_open_factory())
            try:
                _talk(loop, factory, request, terminal, as_json=as_json)
            finally:
                loop.run(factory.close())
    except VideoAnalysisError as error:
        return _failed(error, terminal, as_json=as_json)
    return OK


@app.command()
def doctor() -> int:
    """Check the settings and everything that Vidthread needs, and say what to do."""
    return asyncio.run(_examine(Terminal()))


async def _examine(terminal: Terminal) -> int:
    healthy = True
    async for check in examine(environment()):
        terminal.check(check.name, check.problem, check.told)
        healthy = healthy and not check.problem
    return OK if healthy else FAILED


async def _open_factory() -> ServiceFactory:
    settings = Settings.from_env(environment())
    configure_logging(settings.log_level, settings.log_format, settings.secrets())
    return ServiceFactory(settings)


async def _analyze(request: AnalysisRequest, terminal: Terminal) -> AnalysisResult:
    async with (
        await _open_factory() as factory,
        factory.get_video_analysis_workflow().open(request) as events,
    ):
        return await terminal.follow(events)


def _talk(
    loop: BackgroundLoop,
    factory: ServiceFactory,
    request: AnalysisRequest,
    terminal: Terminal,
    *,
    as_json: bool,
) -> None:
    with terminal.waiting("Reading the captions"):
        reading = loop.run(factory.get_video_analysis_workflow().read(request))
    terminal.say(f"{reading.video.info.title}. {coverage_sentence(reading.video)}")
    interrupted = _Interrupted()
    signal.signal(signal.SIGINT, interrupted)
    turns: tuple[ChatMessage, ...] = ()
    while (text := terminal.ask()) is not None and not interrupted:
        if text:
            chat = factory.get_chat_service()
            parts = chat.ask(reading, text, turns=turns, language=request.language)
            answer = loop.run(_answer(parts, terminal, as_json=as_json))
            said = ChatMessage(MessageRole.USER, text)
            turns = (*turns, said, ChatMessage(MessageRole.ASSISTANT, answer.text))
    if interrupted:
        raise KeyboardInterrupt


class _Interrupted:
    """Ctrl-C that is remembered: Python drops the exception where it strikes a finalizer."""

    def __init__(self) -> None:
        self._pressed = False

    def __bool__(self) -> bool:
        return self._pressed

    def __call__(self, *_: object) -> None:
        self._pressed = True
        raise KeyboardInterrupt


async def _answer(
    parts: AsyncGenerator[Queued | str | Answer], terminal: Terminal, *, as_json: bool
) -> Answer:
    """Shows an answer while it grows, then as it is."""
    answer = await _grown(parts, terminal)
    if as_json:
        terminal.raw(json.dumps(_answer_object(answer), ensure_ascii=False) + "\n")
    else:
        terminal.document(answer.text, ContentService().plain(answer.text) + "\n\n")
    return answer


async def _grown(parts: AsyncGenerator[Queued | str | Answer], terminal: Terminal) -> Answer:
    text = ""
    with terminal.growing() as show:
        async with aclosing(parts):
            async for part in parts:
                match part:
                    case Answer():
                        return part
                    case Queued(position):
                        show(f"Waiting for the language model: number {position} in the line")
                    case str():
                        text += part
                        show(text)
    raise RuntimeError("an answer ended without its text")


def _answer_object(answer: Answer) -> dict[str, Any]:
    return {
        "question": answer.question,
        "answer": answer.text,
        "answered": answer.answered,
        "engine": answer.engine,
        "citations": [asdict(citation) for citation in answer.citations],
    }


def _show(result: AnalysisResult, form: ContentFormat, terminal: Terminal) -> int:
    content = ContentService()
    document = content.render(result, form)
    if form is ContentFormat.TEXT:
        terminal.document(content.markdown(result), document)
    else:
        terminal.raw(document)
    for failure in result.failures:
        terminal.say(f"{failure.type}: {failure.message}")
    return OK if result.outputs else FAILED


def _failed(error: VideoAnalysisError, terminal: Terminal, *, as_json: bool) -> int:
    if as_json:
        told = {"code": error.code, "message": error.message, "retryable": error.retryable}
        terminal.raw(json.dumps({"error": told}, ensure_ascii=False) + "\n")
    terminal.error(error)
    return WRONG_CALL if isinstance(error, InvalidRequest) else FAILED
