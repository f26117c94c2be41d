"""The terminal as a screen: progress on stderr while somebody watches, results on stdout."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from rich.console import Console
from rich.text import Text

from vidthread.replies import stage_name
from vidthread.sentences import say, say_error
from youtube_analysis.checking.literal import printable
from youtube_analysis.errors import VideoAnalysisError
from youtube_analysis.models.analysis import AnalysisResult
from youtube_analysis.models.video import clock
from youtube_analysis.services.content import ContentService
from youtube_analysis.workflow import Event, Finished, VideoRead
from youtube_analysis.workflow import Progress as Step

if TYPE_CHECKING:
    from rich.live import Live
    from rich.progress import Progress

_WIDTH = 100


class Terminal:
    """Nothing but results goes to stdout; without a terminal on stderr there is no progress."""

    def __init__(self) -> None:
        self._out = Console(width=min(_WIDTH, Console().width), soft_wrap=False, highlight=False)
        self._err = Console(stderr=True, highlight=False)
        self._live: Live | None = None

    async def follow(self, events: AsyncIterator[Event]) -> AnalysisResult:
        """Shows the way of a run and returns its result. Raises what the run raises."""
        with self._progress() as progress:
            task = progress.add_task(say("progress.starting"), total=None)
            async for event in events:
                match event:
                    case Step(stage, done, total):
                        progress.update(
                            task, description=stage_name(stage), completed=done, total=total
                        )
                    case VideoRead(reading):
                        self.say(f"{reading.video.info.title} ({clock(reading.video.duration)})")
                    case Finished(result):
                        return result
        raise RuntimeError("a run ended without a result")

    @contextmanager
    def waiting(self, what: str) -> Iterator[Callable[[str], None]]:
        """Shows what is waited for; what it gives changes what is shown."""
        with self._progress() as progress:
            task = progress.add_task(what, total=None)
            yield lambda text: progress.update(task, description=text)

    def grow(self, text: str) -> None:
        """Shows a text while it grows, where a person watches; nothing once it is empty."""
        if not self._out.is_terminal:
            return
        # What only a person who watches needs takes its time to import.
        from rich.live import Live  # noqa: PLC0415
        from rich.markdown import Markdown  # noqa: PLC0415

        if self._live is None:
            self._live = Live(console=self._out, transient=True, refresh_per_second=8)
            self._live.start()
        self._live.update(Markdown(printable(text)))
        if not text:
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
        """The next question from stdin, None at its end."""
        if sys.stdin.isatty():
            self._err.print("[bold]?[/bold] ", end="")
        line = sys.stdin.readline()
        return line.strip() if line else None

    def say(self, text: str) -> None:
        """A remark to a person who watches."""
        if self._err.is_terminal:
            self._err.print(_text(text, style="dim"))

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

    def _progress(self) -> Progress:
        from rich.progress import (  # noqa: PLC0415 - as in grow
            BarColumn,
            MofNCompleteColumn,
            Progress,
            SpinnerColumn,
            TextColumn,
        )

        return Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            console=self._err,
            transient=True,
            disable=not self._err.is_terminal,
        )


def _text(text: str, style: str = "") -> Text:
    """Words as they stand: neither markup nor what would move the cursor."""
    return Text(printable(text), style=style)
