"""Settings of the bot, and where they come from. The only reader of the environment in bot."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

from youtube_analysis.config import Settings
from youtube_analysis.config import setting_rows as core_rows
from youtube_analysis.environment import (
    SettingRow,
    number,
    one_of,
    read_fields,
    rows_of,
    secrets_of,
    setting,
    whole,
)
from youtube_analysis.errors import InvalidSettings


@dataclass(frozen=True, slots=True)
class BotSettings:
    """Beside those of the core."""

    web_host: str = setting("WEB_HOST", "127.0.0.1", str, "address that the web server listens on")
    web_port: int = setting(
        "WEB_PORT", 8080, whole(0, 65_535), "port that it listens on; 0 takes any free one"
    )
    playground: str = setting(
        "PLAYGROUND", "on", one_of("on", "off"), "whether threads can be opened in a browser"
    )

    drain_timeout: float = setting(
        "DRAIN_TIMEOUT",
        5.0,
        number(0, 3600),
        "how long answers under way may take to end after SIGTERM; the rest goes on at the next "
        "start",
    )

    def secrets(self) -> tuple[str, ...]:
        return secrets_of(self)


def environment(folder: Path | None = None) -> dict[str, str]:
    """The process's environment over what `.env` in the folder (the current one) says."""
    told = dotenv_values((folder or Path.cwd()) / ".env")
    return {name: value for name, value in told.items() if value is not None} | dict(os.environ)


def read_settings(environ: Mapping[str, str]) -> tuple[Settings, BotSettings]:
    """Raises one InvalidSettings that names every wrong key of both."""
    core, wrong_in_core = read_fields(Settings, environ)
    bot, wrong_in_bot = read_fields(BotSettings, environ)
    if problems := (*wrong_in_core, *wrong_in_bot):
        raise InvalidSettings(problems)
    return Settings(**core), BotSettings(**bot)


def setting_rows() -> tuple[SettingRow, ...]:
    return (*core_rows(), *rows_of(BotSettings))
