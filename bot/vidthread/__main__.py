"""The command `vidthread`, which is also `python -m vidthread`."""

from __future__ import annotations

import os
import signal
import sys
from typing import NoReturn

_INTERRUPTED = 130


def start() -> NoReturn:
    """Ctrl-C ends quietly even while the modules are still being loaded."""
    signal.signal(signal.SIGINT, lambda *_: os._exit(_INTERRUPTED))
    from .cli import main  # noqa: PLC0415 - after the line above, that is the point

    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(main())


if __name__ == "__main__":
    start()
