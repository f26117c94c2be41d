"""Settings of the core, read from a mapping once. The only reader of the environment in core."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from platformdirs import user_cache_path, user_data_path

from .environment import (
    WINDOW,
    ListedModel,
    SettingRow,
    api_url,
    http_url,
    listed_models,
    number,
    one_of,
    problem_of,
    read_fields,
    read_text,
    rows_of,
    secrets_of,
    setting,
    splits,
    whole,
)
from .errors import InvalidSettings

OPENAI_URL = "https://api.openai.com/v1"
# Seconds until a first token.
_PUBLIC_HOST, _OWN_MACHINE = 120.0, 900.0
_OWN_NAMES = (".local", ".localhost", ".internal", ".lan", ".home.arpa", ".ts.net")
_DATABASES = {
    "sqlite": "sqlite",
    "sqlite+aiosqlite": "sqlite",  # as addresses of older installations say
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "postgresql+asyncpg": "postgresql+psycopg",  # as above
}


def _database_url(text: str) -> str:
    scheme, _, rest = text.partition("://")
    driver = _DATABASES.get(scheme.casefold(), "")
    place = rest.partition("?")[0]
    # A database in memory would be forgotten with each of its connections.
    is_file = place.startswith("/") and place not in {"/", "/:memory:"}
    if not (is_file if driver.startswith("sqlite") else driver and place and splits(text)):
        raise ValueError("must be sqlite:///<path> or postgresql://<user>:<password>@<host>/<name>")
    return f"{driver}://{rest}"


def _is_private(url: str) -> bool:
    """Whether an address is of this machine or a private network, as far as its text tells."""
    host = urlsplit(url).hostname or ""
    try:
        address = ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(_OWN_NAMES)
    return not address.is_global


@dataclass(frozen=True, slots=True)
class Settings:
    """Durations in seconds. `from_env` names every wrong key in one InvalidSettings."""

    youtube_url: str = setting("https://www.youtube.com", http_url, "where YouTube is asked")
    youtube_proxy: str | None = setting(
        None, http_url, "HTTP proxy for everything asked of YouTube", secret=True
    )
    openai_api_key: str | None = setting(
        None, str, "key of the language model's server", secret=True
    )
    openai_base_url: str = setting(
        OPENAI_URL,
        api_url,
        "where chat completions are asked, Azure's with ?api-version=…; set alone, no key is sent",
    )
    openai_model: str = setting("gpt-6-luna", str, "the model that is asked")
    openai_context: int = setting(
        128_000,
        WINDOW,
        "tokens that the model takes in, answer included; longer talks are read in parts",
    )
    openai_concurrent: int = setting(
        200, whole(1, 10_000), "answers streamed from the model at once"
    )
    openai_first_token_timeout: float | None = setting(
        None,
        number(0.05, 86_400),
        "longest silence before the model begins; else 120, and 900 at loopback and private "
        "addresses",
    )
    openai_idle_timeout: float = setting(
        30.0, number(0.05, 3600), "longest silence within an answer"
    )
    openai_total_timeout: float = setting(
        300.0, number(0.05, 86_400), "longest that an answer may take from its first token"
    )
    openai_temperature: float | None = setting(
        None, number(0, 2), "how freely the model words; else its server's own"
    )
    openai_max_tokens: int | None = setting(
        None, whole(16, 1_000_000), "longest answer in tokens; else no limit"
    )
    openai_input_price: float = setting(0.0, number(0, 100_000), "cost of a million prompt tokens")
    openai_cached_price: float = setting(
        0.0, number(0, 100_000), "cost of a million cached prompt tokens"
    )
    openai_output_price: float = setting(
        0.0, number(0, 100_000), "cost of a million tokens written"
    )
    openai_verify: str = setting(
        "auto",
        one_of("off", "auto", "on"),
        "whether the model checks claims that rules cannot settle; auto does at hosts that are not "
        "loopback or private",
    )
    models: tuple[ListedModel, ...] = setting(
        (),
        listed_models,
        "further models to choose from, with ; between them: name = model @ address, "
        "KEY_VARIABLE, context; the last two where they are needed",
    )
    openai_embedding_model: str | None = setting(
        None, str, "a server's model whose embeddings add meaning to the ranking of passages"
    )
    openai_embedding_base_url: str | None = setting(
        None, api_url, "where embeddings are asked; else where chat completions are"
    )
    semantic: str = setting(
        "auto",
        one_of("auto", "off"),
        "off ranks passages by their words alone, auto by meaning too where embeddings are set or "
        "the extra vidthread[semantic] is installed",
    )
    database_url: str = setting(
        "",
        _database_url,
        "where threads are kept, SQLite or PostgreSQL; a file in the user's data folder by itself",
        secret=True,
    )
    cache_memory_mb: int = setting(500, whole(1, 1_000_000), "most that the cache keeps in memory")
    cache_video_ttl: float = setting(
        86_400.0, number(1, 31_536_000), "how long a read video is kept"
    )
    cache_analysis_ttl: float = setting(
        604_800.0, number(1, 31_536_000), "how long an analysis is kept"
    )
    cache_failure_ttl: float = setting(
        30.0, number(0.05, 86_400), "how long a video that cannot be read is not asked for again"
    )
    cache_refresh_at: float = setting(
        0.8, number(0.01, 1), "share of its time after which it is made anew"
    )
    cache_sweep_interval: float = setting(
        300.0, number(0.05, 86_400), "how often what expired is removed"
    )
    http_max_connections: int = setting(50, whole(1, 1000), "open connections in all")
    http_max_per_host: int = setting(20, whole(1, 1000), "open connections to one host")
    http_connect_timeout: float = setting(10.0, number(0.01, 600), "longest wait for a connection")
    http_total_timeout: float = setting(30.0, number(0.01, 3600), "longest a request may take")
    http_keepalive: float = setting(
        60.0, number(0.1, 3600), "how long an idle connection stays open"
    )
    http_dns_ttl: int = setting(300, whole(0, 86_400), "how long a host's address is remembered")
    rate_concurrent: int = setting(10, whole(1, 10_000), "requests to YouTube under way at once")
    rate_per_minute: int = setting(
        50, whole(1, 1_000_000), "requests to YouTube started in any 60 seconds"
    )
    log_level: str | None = setting(
        None,
        one_of("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
        "least severe event that is logged; else INFO while serving, WARNING otherwise",
    )
    log_format: str = setting("console", one_of("console", "json"), "how log lines look")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Reads `environ` (the process's by default); `<NAME>_FILE` names a file with the value."""
        settings, problems = cls.read(os.environ if environ is None else environ)
        if problems:
            raise InvalidSettings(tuple(problems))
        return settings

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> tuple[Settings, list[str]]:
        """The settings as far as they are right, and what is wrong with others."""
        values, problems = read_fields(cls, environ)
        settings = cls(**values)
        models = list[ListedModel]()
        for model in settings.models:
            if settings.has_model and model.name.casefold() == settings.openai_model.casefold():
                problems.append(f"MODELS names {model.name}, as OPENAI_MODEL does")
            variable, key = model.key_variable, None
            try:
                key = read_text(environ, variable, secret=True) if variable else None
                if variable and not key:
                    problems.append(f"MODELS names {variable}, which is not set")
            except (ValueError, OSError) as error:
                problems.append(problem_of(variable, error))
            models.append(replace(model, api_key=key))
        return replace(settings, models=tuple(models)), problems

    def of_model(self, model: ListedModel) -> Settings:
        """Those with which one of `models` is asked; prices are told of OPENAI_MODEL alone."""
        return replace(
            self,
            openai_model=model.model,
            openai_base_url=model.base_url,
            openai_api_key=model.api_key,
            openai_context=model.context or self.openai_context,
            openai_input_price=0.0,
            openai_cached_price=0.0,
            openai_output_price=0.0,
        )

    @property
    def has_model(self) -> bool:
        """Whether a language model is set; without one, analyses are made offline."""
        return bool(self.openai_api_key) or self.openai_base_url != OPENAI_URL

    @property
    def first_token_timeout(self) -> float:
        """How long the model may read before it begins: minutes on somebody's own machine."""
        patience = _OWN_MACHINE if _is_private(self.openai_base_url) else _PUBLIC_HOST
        return self.openai_first_token_timeout or patience

    @property
    def verifies(self) -> bool:
        """Whether a model checks claims: where it is somebody's own machine, that would cost its
        next answer."""
        if self.openai_verify == "auto":
            return not _is_private(self.openai_base_url)
        return self.openai_verify == "on"

    @property
    def database(self) -> str:
        """Where threads are kept: DATABASE_URL, or a file in the user's data folder."""
        folder = user_data_path("vidthread", appauthor=False)
        return self.database_url or f"sqlite:///{folder / 'vidthread.db'}"

    @property
    def models_folder(self) -> Path:
        """Where models are kept that run on this machine."""
        return user_cache_path("vidthread", appauthor=False) / "models"

    def secrets(self) -> tuple[str, ...]:
        """Values that no log line may show, passwords within addresses included."""
        keys = (model.api_key for model in self.models if model.api_key)
        return (*secrets_of(self), *keys)


def setting_rows() -> tuple[SettingRow, ...]:
    return rows_of(Settings)
