"""Settings of the core, read from a mapping once. The only reader of the environment in core."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from math import nan
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from .errors import InvalidSettings

OPENAI_URL = "https://api.openai.com/v1"
_DIGITS = re.compile(r"-?[0-9]{1,18}")


def _setting(
    env: str, default: object, parse: Callable[[str], object], meaning: str, *, secret: bool = False
) -> Any:
    metadata = {"env": env, "parse": parse, "meaning": meaning, "secret": secret}
    return field(default=default, repr=not secret, metadata=metadata)


def _number(lowest: float, highest: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = nan
        if not lowest <= value <= highest:
            raise ValueError(f"must be a number between {lowest:.15g} and {highest:.15g}")
        return value

    return parse


def _whole(lowest: int, highest: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        value = int(text) if _DIGITS.fullmatch(text) else None
        if value is None or not lowest <= value <= highest:
            raise ValueError(f"must be a whole number between {lowest} and {highest}")
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
    if not _is_http_url(text):
        raise ValueError("must be an http or https address, without query or fragment")
    return text.rstrip("/")


def _is_http_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    plain = not (parts.query or parts.fragment or any(c.isspace() for c in text))
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and port != 0 and plain


@dataclass(frozen=True, slots=True)
class Settings:
    """Durations in seconds. `from_env` names every wrong key in one InvalidSettings."""

    youtube_url: str = _setting(
        "YOUTUBE_URL", "https://www.youtube.com", _http_url, "where YouTube is asked"
    )
    youtube_proxy: str | None = _setting(
        "YOUTUBE_PROXY", None, _http_url, "HTTP proxy for everything asked of YouTube", secret=True
    )
    openai_api_key: str | None = _setting(
        "OPENAI_API_KEY", None, str, "key of the language model's server", secret=True
    )
    openai_base_url: str = _setting(
        "OPENAI_BASE_URL",
        OPENAI_URL,
        _http_url,
        "where chat completions are asked; set alone, no key is sent",
    )
    openai_model: str = _setting("OPENAI_MODEL", "gpt-6-luna", str, "the model that is asked")
    openai_context: int = _setting(
        "OPENAI_CONTEXT",
        128_000,
        _whole(1_000, 100_000_000),
        "tokens that the model takes in; longer talks are analyzed offline",
    )
    openai_concurrent: int = _setting(
        "OPENAI_CONCURRENT", 200, _whole(1, 10_000), "answers streamed from the model at once"
    )
    openai_idle_timeout: float = _setting(
        "OPENAI_IDLE_TIMEOUT", 30.0, _number(0.05, 3600), "longest silence of the model"
    )
    openai_total_timeout: float = _setting(
        "OPENAI_TOTAL_TIMEOUT", 300.0, _number(0.05, 86_400), "longest that one answer may take"
    )
    openai_input_price: float = _setting(
        "OPENAI_INPUT_PRICE", 0.0, _number(0, 100_000), "cost of a million prompt tokens"
    )
    openai_cached_price: float = _setting(
        "OPENAI_CACHED_PRICE", 0.0, _number(0, 100_000), "cost of a million cached prompt tokens"
    )
    openai_output_price: float = _setting(
        "OPENAI_OUTPUT_PRICE", 0.0, _number(0, 100_000), "cost of a million tokens written"
    )
    cache_memory_mb: int = _setting(
        "CACHE_MEMORY_MB", 500, _whole(1, 1_000_000), "most that the cache keeps in memory"
    )
    cache_video_ttl: float = _setting(
        "CACHE_VIDEO_TTL", 86_400.0, _number(1, 31_536_000), "how long a read video is kept"
    )
    cache_analysis_ttl: float = _setting(
        "CACHE_ANALYSIS_TTL", 604_800.0, _number(1, 31_536_000), "how long an analysis is kept"
    )
    cache_refresh_at: float = _setting(
        "CACHE_REFRESH_AT", 0.8, _number(0.01, 1), "share of its time after which it is made anew"
    )
    cache_sweep_interval: float = _setting(
        "CACHE_SWEEP_INTERVAL", 300.0, _number(0.05, 86_400), "how often what expired is removed"
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
                problems.append(_problem(name, error))
        if problems:
            raise InvalidSettings(tuple(problems))
        return cls(**values)

    @property
    def has_model(self) -> bool:
        """Whether a language model is set; without one, analyses are made offline."""
        return bool(self.openai_api_key) or self.openai_base_url != OPENAI_URL

    def secrets(self) -> tuple[str, ...]:
        """Values that no log line may show, passwords within addresses included."""
        values = (getattr(self, item.name) for item in fields(self) if item.metadata["secret"])
        whole = [str(value) for value in values if value]
        passwords = [urlsplit(value).password or "" for value in whole]
        return tuple(filter(None, (*whole, *passwords, *map(unquote, passwords))))


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
            _shown(item.default),
            item.metadata["meaning"],
        )
        for item in fields(Settings)
    )


def _shown(default: object) -> str:
    if default is None:
        return ""
    return f"{default:.15g}" if isinstance(default, float) else str(default)


def _read(environ: Mapping[str, str], name: str, *, secret: bool) -> str | None:
    value = environ.get(name, "").strip()
    path = environ.get(f"{name}_FILE", "").strip() if secret else ""
    if not path:
        return value or None
    if value:
        raise ValueError(f"and {name}_FILE are both set; keep one")
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except ValueError:
        raise ValueError(f"cannot be read: {name}_FILE names no text file") from None
    if not text:
        raise ValueError(f"is missing: {name}_FILE names an empty file")
    return text


def _problem(name: str, error: ValueError | OSError) -> str:
    if isinstance(error, OSError):
        return f"{name}_FILE cannot be read ({error.strerror})"
    return f"{name} {error}"
