"""Where the command line takes its settings from. The only reader of the environment in bot."""

from __future__ import annotations

import os
from pathlib import Path

from dotenv import dotenv_values


def environment(folder: Path | None = None) -> dict[str, str]:
    """The process's environment over what `.env` in the folder (the current one) says."""
    told = dotenv_values((folder or Path.cwd()) / ".env")
    return {name: value for name, value in told.items() if value is not None} | dict(os.environ)
