"""The command line: `vidthread run | analyze | chat | evaluate | feedback | doctor`.

Exit status: 0 done, 1 failed, 2 wrong call (an option, or neither file, link nor id), 130 Ctrl-C.
"""

from __future__ import annotations

import asyncio
import gc
import io
import signal
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from youtube_analysis.config import Settings
from youtube_analysis.errors import VideoAnalysisError
from youtube_analysis.models.analysis import AnalysisRequest, AnalysisResult, AnalysisType
from youtube_analysis.models.style import Style
from youtube_analysis.services.content import ContentFormat, ContentService

from .arguments import (
    FORMAT,
    HELP,
    LANGUAGE,
    QUESTIONS,
    TYPES,
    VIDEO,
    VIDEO_TO_ASK_ABOUT,
    VIDEOS,
    WRONG_CALLS,
    find_source,
    say_help,
    wishes,
)
from .config import environment, has_display, terminal_locale
from .sentences import say, say_coverage, say_error, say_type, speak

if TYPE_CHECKING:
    from youtube_analysis.background import BackgroundLoop

    from .terminal.screen import Terminal
    from .terminal.thread import TerminalThread

OK, FAILED, WRONG_CALL, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns its exit status; never raises, never shows a traceback
    for what a user or the network can cause."""
    _accept_any_bytes()
    speak(terminal_locale())
    if HELP & set(sys.argv[1:] if arguments is None else arguments):
        say_help(app)
    try:
        return app.main(args=arguments, prog_name="vidthread", standalone_mode=False) or OK
    except click.ClickException as error:
        error.show()
        return WRONG_CALL
    except (click.Abort, KeyboardInterrupt):
        _terminal().say(say("notice.stopped"))
        return INTERRUPTED


@click.group(context_settings={"help_option_names": sorted(HELP)}, invoke_without_command=True)
@click.version_option(package_name="vidthread", prog_name="vidthread")
@click.pass_context
def app(context: click.Context) -> int | None:
    """Runs `run` where no command is named."""
    return context.invoke(run) if context.invoked_subcommand is None else None


@app.command()
def run() -> int:
    """Serves until a signal ends it."""
    # A second of imports that the help does without. They are no garbage, and looking for some
    # among them takes a tenth of it.
    gc.disable()
    from .run import serve  # noqa: PLC0415

    gc.freeze()
    gc.enable()
    terminal, environ = _terminal(), environment()
    try:
        ended = asyncio.run(serve(environ, partial(_greet, terminal, shows=has_display(environ))))
    except VideoAnalysisError as error:
        return _failed(error, terminal, as_json=False)
    return INTERRUPTED if ended is signal.SIGINT else OK


def _greet(terminal: Terminal, links: Mapping[str, str], *, shows: bool) -> None:
    """Where the page is on, it opens on a machine that `shows` one."""
    if link := links.get("invite"):
        terminal.say(say("terminal.invite", link=link), style="bold")
    if page := links.get("playground"):
        terminal.say(say("terminal.open", page=page), style="bold")
        if shows:
            terminal.browse(page)


@app.command()
@VIDEO
@TYPES
@LANGUAGE
@wishes
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in ContentFormat]),
    default=ContentFormat.TEXT.value,
    show_default=True,
)
@click.option("--no-cache", is_flag=True)
def analyze(
    source: str,
    *,
    types: tuple[AnalysisType, ...],
    language: str | None,
    style: Style,
    model: str | None,
    form: str,
    no_cache: bool,
) -> int:
    """Prints one analysis."""
    terminal, shape = _terminal(), ContentFormat(form)
    try:
        request = AnalysisRequest(find_source(source), types, language, not no_cache, style, model)
        return asyncio.run(_analyze(request, shape, terminal))
    except VideoAnalysisError as error:
        return _failed(error, terminal, as_json=shape is ContentFormat.JSON)


@app.command()
@VIDEO_TO_ASK_ABOUT
@LANGUAGE
@wishes
@FORMAT
def chat(source: str, language: str | None, style: Style, model: str | None, form: str) -> int:
    """Answers one question after the other."""
    from youtube_analysis.background import BackgroundLoop  # noqa: PLC0415 - as in run

    from .terminal.thread import TerminalThread  # noqa: PLC0415

    terminal, as_json = _terminal(), form == "json"
    try:
        request = AnalysisRequest(find_source(source), language=language, style=style, model=model)
        thread = TerminalThread(_configured(), terminal, as_json=as_json)
        with BackgroundLoop() as loop:
            try:
                _talk(loop, thread, request, terminal)
            finally:
                loop.run(thread.close)
    except VideoAnalysisError as error:
        return _failed(error, terminal, as_json=as_json)
    return OK


@app.command()
@VIDEOS
@QUESTIONS
@FORMAT
def evaluate(sources: tuple[str, ...], questions: Path | None, form: str) -> int:
    """Prints how true the texts about each talk are."""
    from .evaluating import evaluate_talks, read_questions  # noqa: PLC0415 - as in run

    terminal, as_json = _terminal(), form == "json"
    try:
        talks = [find_source(source) for source in sources]
        asked = read_questions(questions) if questions else ()
        settings = _configured()
    except VideoAnalysisError as error:
        return _failed(error, terminal, as_json=as_json)
    whole = asyncio.run(evaluate_talks(settings, talks, asked, terminal, as_json=as_json))
    return OK if whole else FAILED


@app.command()
def doctor() -> int:
    """Prints what is well and what to fix."""
    return asyncio.run(_examine(_terminal()))


@app.command()
@FORMAT
def feedback(form: str) -> int:
    """Prints what people said of answers."""
    from .ratings import list_ratings  # noqa: PLC0415 - as in run

    terminal, as_json = _terminal(), form == "json"
    try:
        asyncio.run(list_ratings(_configured(), terminal, as_json=as_json))
    except VideoAnalysisError as error:
        return _failed(error, terminal, as_json=as_json)
    return OK


async def _examine(terminal: Terminal) -> int:
    from .doctor import examine  # noqa: PLC0415 - as in run

    healthy = True
    async for check in examine(environment()):
        terminal.check(check.name, check.problem, check.detail)
        healthy = healthy and not check.problem
    return OK if healthy else FAILED


def _accept_any_bytes() -> None:
    """What a locale cannot read or show becomes a mark, not a crash."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _terminal() -> Terminal:
    from .terminal.screen import Terminal  # noqa: PLC0415 - as in run

    return Terminal()


def _configured() -> Settings:
    from youtube_analysis.logging import configure_logging  # noqa: PLC0415 - as in run

    settings = Settings.from_env(environment())
    configure_logging(settings.log_level or "WARNING", settings.log_format, settings.secrets())
    return settings


async def _analyze(request: AnalysisRequest, form: ContentFormat, terminal: Terminal) -> int:
    from youtube_analysis.service_factory import ServiceFactory  # noqa: PLC0415 - as in run

    from .terminal.meter import Meter  # noqa: PLC0415 - as in run

    async with (
        ServiceFactory(_configured()) as factory,
        factory.get_video_analysis_workflow().open(request) as events,
    ):
        meter = Meter(factory.metrics)
        result = await terminal.follow(events, request, grows=form is ContentFormat.TEXT)
    _show(result, form, terminal)
    terminal.say(meter.line())
    return OK if result.outputs else FAILED


def _talk(
    loop: BackgroundLoop, thread: TerminalThread, request: AnalysisRequest, terminal: Terminal
) -> None:
    from .terminal.screen import CtrlC  # noqa: PLC0415 - as in run

    with terminal.waiting(say("progress.reading")):
        # A program that pipes its questions in gets the same answers every time.
        reading = loop.run(lambda: thread.start(request, patient=not sys.stdin.isatty()))
    terminal.say(f"{reading.video.info.title}. {say_coverage(reading.video)}")
    terminal.say(say("terminal.ask"))
    interrupted = CtrlC()
    signal.signal(signal.SIGINT, interrupted)
    while (text := terminal.ask()) is not None and not interrupted:
        if text:
            loop.run(partial(thread.say, text))
    if interrupted:
        raise KeyboardInterrupt


def _show(result: AnalysisResult, form: ContentFormat, terminal: Terminal) -> None:
    content = ContentService()
    document = content.render(result, form)
    if form is ContentFormat.TEXT:
        terminal.document(content.markdown(result), document)
    else:
        terminal.raw(document)
    for failure in result.failures:
        terminal.say(f"{say_type(failure.type)}: {say_error(failure)}")


def _failed(error: VideoAnalysisError, terminal: Terminal, *, as_json: bool) -> int:
    terminal.error(error, as_json=as_json)
    return WRONG_CALL if isinstance(error, WRONG_CALLS) else FAILED
