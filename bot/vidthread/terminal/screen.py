"""The terminal as a screen: progress on stderr while somebody watches, results on stdout."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Literal

from rich.console import Console
from rich.text import Text

from vidthread.replies import AnalysisState
from vidthread.sentences import say, say_error, say_type
from vidthread.surface import Actions, Answer, Block, File, Notice, Progress, Section, VideoCard
from youtube_analysis.checking.literal import printable
from youtube_analysis.errors import VideoAnalysisError
from youtube_analysis.models.analysis import AnalysisRequest, AnalysisResult
from youtube_analysis.models.video import clock
from youtube_analysis.services.content import ContentService
from youtube_analysis.workflow import Event, Finished, SectionDelta, VideoRead

if TYPE_CHECKING:
    from rich.console import ConsoleOptions, RenderResult
    from rich.live import Live
    from rich.progress import Progress as ProgressBar
    from rich.progress import TaskID

_WIDTH = 100
_PROMPT = "? "


class Terminal:
    """Nothing but results goes to stdout; without a terminal on stderr there is no progress."""

    def __init__(self) -> None:
        self._out = Console(width=min(_WIDTH, Console().width), soft_wrap=False, highlight=False)
        self._err = Console(stderr=True, highlight=False)
        self._live: Live | None = None
        self._growing: Callable[[], str] = str

    async def follow(
        self, events: AsyncIterator[Event], request: AnalysisRequest, *, grows: bool
    ) -> AnalysisResult:
        """Shows the way of a run, its text too where it `grows`, and returns its result. Raises
        what the run raises."""
        state = AnalysisState("", "", request.types)

        def grown() -> str:
            return markdown_of(state.reply().blocks)

        try:
            with self._progress() as progress:
                task = progress.add_task(say("progress.starting"), total=None)
                async for event in events:
                    state = state.fold(event)
                    match event:
                        case Finished(result):
                            return result
                        case VideoRead(reading):
                            video = reading.video
                            self.say(f"{video.info.title} ({clock(video.duration)})")
                        case SectionDelta():
                            if grows and self._out.is_terminal:
                                progress.stop()
                                self.grow(grown)
                        case _:
                            _update(progress, task, state)
            raise RuntimeError("a run ended without a result")
        finally:
            self.settle()

    @contextmanager
    def waiting(self, what: str) -> Iterator[Callable[[str], None]]:
        """Shows what is waited for; what it gives changes what is shown."""
        with self._progress() as progress:
            task = progress.add_task(what, total=None)
            yield lambda text: progress.update(task, description=text)

    def grow(self, text: Callable[[], str]) -> None:
        """Shows a Markdown text while it grows, where a person watches, until it is settled. What
        it has become is asked as often as it is drawn."""
        self._growing = text
        if self._live or not self._out.is_terminal:
            return
        # What only a person who watches needs takes its time to import.
        from rich.live import Live  # noqa: PLC0415

        self._live = Live(
            console=self._out,
            transient=True,
            refresh_per_second=8,
            get_renderable=lambda: _Tail(self._growing()),
        )
        self._live.start()

    def settle(self) -> None:
        """Removes the text that was shown while it grew."""
        if self._live:
            self._live.stop()
            self._live = None

    def markdown(self, text: str) -> None:
        """A whole text, and an empty line behind it."""
        self.document(text, ContentService().plain(text) + "\n\n")

    def json(self, value: object) -> None:
        """One value a line."""
        self.raw(json.dumps(value, ensure_ascii=False) + "\n")

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """The first row is the head; all columns but the first are figures."""
        from rich.table import Table  # noqa: PLC0415 - as in grow

        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for place, name in enumerate(rows[0]):
            side: Literal["left", "right"] = "right" if place else "left"
            table.add_column(_text(name), justify=side, no_wrap=not place, overflow="fold")
        for row in rows[1:]:
            table.add_row(*map(_text, row))
        with self._out.capture() as captured:
            self._out.print(table)
        self.raw("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))

    def document(self, markdown: str, plain: str) -> None:
        """Laid out where a person reads it, plain text where a program does."""
        if self._out.is_terminal:
            from rich.markdown import Markdown  # noqa: PLC0415 - as in grow

            self._out.print(Markdown(printable(markdown)))
        else:
            self.raw(printable(plain))

    def raw(self, text: str) -> None:
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader (`head`, a pager) has seen enough; Python must not complain at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def ask(self) -> str | None:
        """The next question from stdin, None at its end. A person can edit the line, and go back
        to what was asked before."""
        if sys.stdin.isatty() and sys.stdout.isatty():
            with suppress(ImportError):  # Pythons without it read lines all the same
                import readline  # noqa: F401, PLC0415 - `input` edits by it
            try:
                return input(_PROMPT).strip()
            except EOFError:
                self.raw("\n")
                return None
        if sys.stdin.isatty():
            self._err.print(_PROMPT, end="")
        line = sys.stdin.readline()
        return line.strip() if line else None

    def say(self, text: str, style: str = "dim") -> None:
        """A remark to a person who watches."""
        if self._err.is_terminal and text:
            self._err.print(_text(text, style), soft_wrap=True)

    def browse(self, url: str) -> None:
        """Opens a page for a person who watches. A browser may take seconds to start."""
        if self._err.is_terminal:
            import webbrowser  # noqa: PLC0415 - as in grow

            threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()

    def error(self, error: VideoAnalysisError, *, as_json: bool = False) -> None:
        """To a person; to a program on stdout as well."""
        if as_json:
            described = {"code": error.code, "message": error.message, "retryable": error.retryable}
            self.json({"error": described})
        self._err.print(
            Text.assemble((f"{say('terminal.error')} ", "bold red"), printable(say_error(error))),
            soft_wrap=True,
        )

    def check(self, name: str, problem: str | None, detail: str = "") -> None:
        mark = ("✗ ", "bold red") if problem else ("✓ ", "bold green")
        Console(highlight=False, soft_wrap=True).print(
            Text.assemble(mark, (name, "bold"), printable(f": {problem or detail}"))
        )

    def _progress(self) -> ProgressBar:
        from rich.progress import (  # noqa: PLC0415 - as in grow
            BarColumn,
            MofNCompleteColumn,
            SpinnerColumn,
            TextColumn,
        )
        from rich.progress import Progress as ProgressBar  # noqa: PLC0415

        return ProgressBar(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            console=self._err,
            transient=True,
            disable=not self._err.is_terminal,
        )


class CtrlC:
    """Ctrl-C that is remembered: Python drops the exception where it strikes a finalizer."""

    def __init__(self) -> None:
        self._pressed = False

    def __bool__(self) -> bool:
        return self._pressed

    def __call__(self, *_: object) -> None:
        self._pressed = True
        raise KeyboardInterrupt


class _Tail:
    """The last lines of a text, as many as the window shows."""

    def __init__(self, markdown: str) -> None:
        self._markdown = markdown

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.markdown import Markdown  # noqa: PLC0415 - as in grow
        from rich.segment import Segment  # noqa: PLC0415

        lines = console.render_lines(Markdown(printable(self._markdown)), options, pad=False)
        for line in lines[-(console.height - 2) :]:
            yield from line
            yield Segment.line()


def markdown_of(blocks: Iterable[Block]) -> str:
    return "\n\n".join(filter(None, map(_markdown, blocks)))


def _markdown(block: Block) -> str:
    match block:
        case Section(kind, text):
            return f"## {say_type(kind)}\n\n{text}"
        case Answer(text) | Notice(text):
            return text
        case Progress(text):
            return f"*{text} …*"
        case File(_, content):
            return content
        case VideoCard() | Actions():
            return ""


def _update(progress: ProgressBar, task: TaskID, state: AnalysisState) -> None:
    for block in state.reply().blocks:
        if isinstance(block, Progress):
            progress.update(
                task, description=block.text, completed=block.done, total=block.total or None
            )


def _text(text: str, style: str = "") -> Text:
    """Words as they stand: neither markup nor what would move the cursor."""
    return Text(printable(text), style=style)
