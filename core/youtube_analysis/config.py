"""Settings of the core, read from a mapping once. The only reader of the environment in core."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .errors import InvalidSettings


def _setting(
    env: str, default: object, parse: Callable[[str], object], meaning: str, *, secret: bool = False
) -> Any:
    metadata = {"env": env, "parse": parse, "meaning": meaning, "secret": secret}
    return field(default=default, repr=not secret, metadata=metadata)


def _number(lowest: float, highest: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        value = float(text)
        if not lowest <= value <= highest:
            raise ValueError(f"must be between {lowest:g} and {highest:g}")
        return value

    return parse


def _whole(lowest: int, highest: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        value = int(text)
        if not lowest <= value <= highest:
            raise ValueError(f"must be between {lowest} and {highest}")
        return value

    return parse


def _one_of(*allowed: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        for name in allowed:
            if text.casefold() == name.casefold():
                return name
        raise ValueError(f"must be one of {', '.join(allowed)}")

    return parse


def _http_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be an http or https address")
    return text.rstrip("/")


@dataclass(frozen=True, slots=True)
class Settings:
    """Durations in seconds. `from_env` names every wrong key in one InvalidSettings."""

    youtube_url: str = _setting(
        "YOUTUBE_URL", "https://www.youtube.com", _http_url, "where YouTube is asked"
    )
    youtube_proxy: str | None = _setting(
        "YOUTUBE_PROXY", None, _http_url, "HTTP proxy for everything asked of YouTube", secret=True
    )
    cache_video_ttl: float = _setting(
        "CACHE_VIDEO_TTL", 86_400.0, _number(1, 31_536_000), "how long a read video is kept"
    )
    cache_analysis_ttl: float = _setting(
        "CACHE_ANALYSIS_TTL", 604_800.0, _number(1, 31_536_000), "how long an analysis is kept"
    )
    http_max_connections: int = _setting(
        "HTTP_MAX_CONNECTIONS", 50, _whole(1, 1000), "open connections in all"
    )
    http_max_per_host: int = _setting(
        "HTTP_MAX_PER_HOST", 20, _whole(1, 1000), "open connections to one host"
    )
    http_connect_timeout: float = _setting(
        "HTTP_CONNECT_TIMEOUT", 10.0, _number(0.01, 600), "longest wait for a connection"
    )
    http_total_timeout: float = _setting(
        "HTTP_TOTAL_TIMEOUT", 30.0, _number(0.01, 3600), "longest a request may take"
    )
    http_keepalive: float = _setting(
        "HTTP_KEEPALIVE", 60.0, _number(0.1, 3600), "how long an idle connection stays open"
    )
    http_dns_ttl: int = _setting(
        "HTTP_DNS_TTL", 300, _whole(0, 86_400), "how long a host's address is remembered"
    )
    rate_concurrent: int = _setting(
        "RATE_CONCURRENT", 10, _whole(1, 10_000), "requests to YouTube under way at once"
    )
    rate_per_minute: int = _setting(
        "RATE_PER_MINUTE", 50, _whole(1, 1_000_000), "requests to YouTube started in any 60 seconds"
    )
    log_level: str = _setting(
        "LOG_LEVEL",
        "WARNING",
        _one_of("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
        "least severe event that is logged",
    )
    log_format: str = _setting(
        "LOG_FORMAT", "console", _one_of("console", "json"), "how log lines look"
    )

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Reads `environ` (the process's by default); `<NAME>_FILE` names a file with the value."""
        source = os.environ if environ is None else environ
        values: dict[str, Any] = {}
        problems: list[str] = []
        for item in fields(cls):
            name = item.metadata["env"]
            try:
                text = _read(source, name, secret=item.metadata["secret"])
                if text is not None:
                    values[item.name] = item.metadata["parse"](text)
            except (ValueError, OSError) as error:
                problems.append(_problem(name, error, secret=item.metadata["secret"]))
        if problems:
            raise InvalidSettings(tuple(problems))
        return cls(**values)

    def secrets(self) -> tuple[str, ...]:
        """Values that no log line may show."""
        secret = (getattr(self, item.name) for item in fields(self) if item.metadata["secret"])
        return tuple(str(value) for value in secret if value)


@dataclass(frozen=True, slots=True)
class SettingRow:
    name: str
    default: str
    meaning: str


def setting_rows() -> tuple[SettingRow, ...]:
    """One row per setting, for `--help`, the README's table and its test."""
    return tuple(
        SettingRow(
            item.metadata["env"],
            ""
            if item.default is None
            else f"{item.default:g}"
            if isinstance(item.default, float)
            else str(item.default),
            item.metadata["meaning"],
        )
        for item in fields(Settings)
    )


def _read(environ: Mapping[str, str], name: str, *, secret: bool) -> str | None:
    value = environ.get(name, "").strip()
    path = environ.get(f"{name}_FILE", "").strip() if secret else ""
    if value and path:
        raise ValueError(f"and {name}_FILE are both set; keep one")
    if path:
        value = Path(path).read_text(encoding="utf-8").strip()
    return value or None


def _problem(name: str, error: ValueError | OSError, *, secret: bool) -> str:
    if isinstance(error, OSError):
        return f"{name}_FILE cannot be read ({error.strerror})"
    if str(error).startswith(("must", "and")):
        return f"{name} {error}"
    return f"{name} is not a number" if not secret else f"{name} cannot be read"
