"""Settings of the bot, and where they come from. The only reader of the environment in bot."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

from youtube_analysis.config import Settings
from youtube_analysis.config import setting_rows as core_rows
from youtube_analysis.environment import (
    SettingRow,
    http_url,
    number,
    numbers,
    one_of,
    read_fields,
    rows_of,
    secrets_of,
    setting,
    whole,
)
from youtube_analysis.errors import InvalidSettings

DISCORD_URL = "https://discord.com/api/v10"


@dataclass(frozen=True, slots=True)
class BotSettings:
    """Beside those of the core."""

    web_host: str = setting("127.0.0.1", str, "address that the web server listens on")
    web_port: int = setting(8080, whole(0, 65_535), "port that it listens on; 0 takes any free one")
    playground: str | None = setting(
        None,
        one_of("on", "off"),
        "whether threads can be opened in a browser; else on where no platform's tokens are set",
    )
    discord_token: str | None = setting(None, str, "token of the Discord bot", secret=True)
    discord_api_url: str = setting(DISCORD_URL, http_url, "where Discord is asked")
    discord_message_content: str = setting(
        "auto",
        one_of("auto", "on", "off"),
        "whether plain messages in threads are read; auto is as the application is set up",
    )
    discord_shard_count: int | None = setting(
        None,
        whole(1, 16_384),
        "shards of the bot in all processes; else as many as Discord recommends",
    )
    discord_shard_ids: tuple[int, ...] | None = setting(
        None, numbers("numbers of shards"), "those that this process serves, as in 0,1; else all"
    )

    slack_bot_token: str | None = setting(
        None, str, "token of the bot in a Slack workspace", secret=True
    )
    slack_app_token: str | None = setting(
        None, str, "token of the app for Socket Mode", secret=True
    )
    slack_signing_secret: str | None = setting(
        None, str, "secret that signs Slack's requests to us", secret=True
    )
    slack_api_url: str = setting("https://slack.com/api", http_url, "where Slack is asked")

    retain_days: int | None = setting(
        None,
        whole(1, 36_500),
        "days after its last use that a thread is forgotten; else threads are kept",
    )
    drain_timeout: float = setting(
        5.0,
        number(0, 3600),
        "how long answers under way may take to end after SIGTERM; the rest goes on at the next "
        "start",
    )

    @property
    def serves_playground(self) -> bool:
        """Where nobody says, it is for whoever has set up nothing else."""
        platforms = self.discord_token or self.slack_bot_token
        return self.playground == "on" or (self.playground is None and not platforms)

    def secrets(self) -> tuple[str, ...]:
        return secrets_of(self)


def environment(folder: Path | None = None) -> dict[str, str]:
    """The process's environment over what `.env` in the folder (the current one) says."""
    values = dotenv_values((folder or Path.cwd()) / ".env")
    return {name: value for name, value in values.items() if value is not None} | dict(os.environ)


def terminal_locale() -> str:
    """That of the shell, as `de_DE.UTF-8`; empty where it has none."""
    values = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next(filter(None, values), "")


def has_display(environ: Mapping[str, str]) -> bool:
    """Whether whoever sits at the terminal sees the windows of this machine."""
    if environ.get("SSH_CONNECTION"):
        return False
    shows = sys.platform == "darwin" or environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    return bool(shows)


def read_settings(environ: Mapping[str, str]) -> tuple[Settings, BotSettings]:
    """Raises one InvalidSettings that names every wrong key of both."""
    core, wrong_in_core = Settings.read(environ)
    bot, wrong_in_bot = read_fields(BotSettings, environ)
    if problems := (*wrong_in_core, *wrong_in_bot):
        raise InvalidSettings(problems)
    return core, BotSettings(**bot)


def setting_rows() -> tuple[SettingRow, ...]:
    return (*core_rows(), *rows_of(BotSettings))
