"""Programs on a terminal, as a person at a keyboard has them."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import re
import struct
import sys
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

_ROWS, _COLUMNS = 24, 90
_CONTROLS = re.compile(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x08\r]")
_LONGEST = 30.0  # seconds
# The first terminal that the leader of a session opens is the one whose keys interrupt it.
_ON_TERMINAL = 'exec "$@" <"$0" >"$0" 2>&1'


class Screen:
    """What a program drew so far, and keys for it."""

    def __init__(self, keyboard: int, process: asyncio.subprocess.Process) -> None:
        self._keyboard = keyboard
        self._drawn = b""
        self._changed = asyncio.Event()
        self.process = process

    @property
    def text(self) -> str:
        """All that was ever drawn, without what moves and colours it."""
        return _CONTROLS.sub("", self._drawn.decode("utf-8", errors="replace"))

    @property
    def shows_cursor(self) -> bool:
        return self._drawn.rfind(b"\x1b[?25h") >= self._drawn.rfind(b"\x1b[?25l")

    def type(self, keys: str) -> None:
        os.write(self._keyboard, keys.encode())

    async def until(self, text: str, times: int = 1) -> None:
        try:
            async with asyncio.timeout(_LONGEST):
                while self.text.count(text) < times:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise AssertionError(f"“{text}” was not drawn in:\n{self.text}") from None

    async def ended(self) -> int:
        """Its status, once all that it drew was read."""
        async with asyncio.timeout(_LONGEST):
            status = await self.process.wait()
        self.read()
        return status

    def read(self) -> None:
        with suppress(BlockingIOError):
            while drawn := os.read(self._keyboard, 65_536):
                self._drawn += drawn
        self._changed.set()


@asynccontextmanager
async def on_terminal(
    *command: str, folder: Path | str = ".", **environ: str
) -> AsyncIterator[Screen]:
    keyboard, screen = pty.openpty()
    os.set_blocking(keyboard, False)
    fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
    process = await asyncio.create_subprocess_exec(
        *("sh", "-c", _ON_TERMINAL, os.ttyname(screen), *command),
        cwd=folder,
        env=os.environ | {"TERM": "xterm-256color", **environ},
        start_new_session=True,
    )
    shown = Screen(keyboard, process)
    loop = asyncio.get_running_loop()
    loop.add_reader(keyboard, shown.read)
    try:
        yield shown
    finally:
        loop.remove_reader(keyboard)
        if process.returncode is None:
            process.kill()
            await process.wait()
        os.close(keyboard)
        os.close(screen)


VIDTHREAD = (sys.executable, "-m", "vidthread")
