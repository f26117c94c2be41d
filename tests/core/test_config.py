"""Settings come from a mapping; one message names everything that is wrong with it."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from youtube_analysis.config import Settings, setting_rows
from youtube_analysis.errors import InvalidSettings

_PROXY = "http://someone:p%40ss-phrase@proxy.example:3128"


def _problems(environ: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(InvalidSettings) as caught:
        Settings.from_env(environ)
    return caught.value.problems


def test_nothing_set_gives_the_defaults() -> None:
    assert Settings.from_env({}) == Settings()


def test_blank_values_count_as_not_set() -> None:
    assert Settings.from_env({"YOUTUBE_PROXY": " ", "RATE_PER_MINUTE": ""}) == Settings()


def test_values_are_read() -> None:
    settings = Settings.from_env(
        {
            "YOUTUBE_URL": "http://127.0.0.1:8123/",
            "HTTP_KEEPALIVE": " 2.5 ",
            "RATE_CONCURRENT": "3",
            "LOG_LEVEL": "debug",
            "LOG_FORMAT": "JSON",
        }
    )
    assert settings.youtube_url == "http://127.0.0.1:8123"
    assert settings.http_keepalive == 2.5
    assert settings.rate_concurrent == 3
    assert (settings.log_level, settings.log_format) == ("DEBUG", "json")


def test_the_process_is_read_when_no_mapping_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATE_PER_MINUTE", "7")
    assert Settings.from_env().rate_per_minute == 7


def test_every_default_is_a_value_that_its_setting_takes() -> None:
    shown = {row.name: row.default for row in setting_rows()}
    assert Settings.from_env(shown) == Settings()


def test_one_message_names_every_wrong_key() -> None:
    wrong = {
        "YOUTUBE_URL": "ftp://youtube",
        "HTTP_KEEPALIVE": "soon",
        "RATE_CONCURRENT": "0",
        "LOG_FORMAT": "xml",
    }
    with pytest.raises(InvalidSettings) as caught:
        Settings.from_env(wrong | {"RATE_PER_MINUTE": "10"})
    assert caught.value.message == (
        "These settings are wrong: "
        "YOUTUBE_URL must be an http or https address, without query or fragment; "
        "HTTP_KEEPALIVE must be a number between 0.1 and 3600; "
        "RATE_CONCURRENT must be a whole number between 1 and 10000; "
        "LOG_FORMAT must be one of console, json."
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTP_TOTAL_TIMEOUT", "nan"),
        ("HTTP_TOTAL_TIMEOUT", "inf"),
        ("HTTP_TOTAL_TIMEOUT", "-1"),
        ("HTTP_TOTAL_TIMEOUT", "1e999"),
        ("RATE_PER_MINUTE", "5.5"),
        ("RATE_PER_MINUTE", "1_000"),
        ("RATE_PER_MINUTE", "9" * 5000),
        ("RATE_PER_MINUTE", "٣"),
        ("YOUTUBE_URL", "https://"),
        ("YOUTUBE_URL", "https://[::1"),
        ("YOUTUBE_URL", "https://host:99999"),
        ("YOUTUBE_URL", "https://host:0"),
        ("YOUTUBE_URL", "https://host/?a=b"),
        ("YOUTUBE_URL", "https://ho st"),
        ("LOG_LEVEL", "LOUD"),
        ("OPENAI_CONTEXT", "4095"),
    ],
)
def test_a_wrong_value_is_refused(name: str, value: str) -> None:
    (problem,) = _problems({name: value})
    assert problem.startswith(f"{name} must be ")


@given(st.dictionaries(st.sampled_from([row.name for row in setting_rows()]), st.text()))
def test_any_text_gives_settings_or_names_only_keys_that_are_set(environ: dict[str, str]) -> None:
    wrong: set[str] = set()
    try:
        Settings.from_env(environ)
    except InvalidSettings as error:
        wrong = {problem.split()[0] for problem in error.problems}
    assert wrong <= set(environ)


class TestSecrets:
    def test_are_hidden_in_repr_and_told_to_the_log(self) -> None:
        settings = Settings.from_env({"YOUTUBE_PROXY": _PROXY})
        assert settings.youtube_proxy == _PROXY
        assert "proxy.example" not in repr(settings)
        assert settings.secrets() == (_PROXY, "p%40ss-phrase", "p@ss-phrase")
        assert Settings().secrets() == ()

    def test_may_stand_in_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "proxy"
        path.write_text(f"{_PROXY}\n")
        assert Settings.from_env({"YOUTUBE_PROXY_FILE": str(path)}).youtube_proxy == _PROXY

    def test_stand_in_one_place(self, tmp_path: Path) -> None:
        both = {"YOUTUBE_PROXY": _PROXY, "YOUTUBE_PROXY_FILE": str(tmp_path / "proxy")}
        assert _problems(both) == ("YOUTUBE_PROXY and YOUTUBE_PROXY_FILE are both set; keep one",)

    def test_a_file_that_is_missing_or_no_file(self, tmp_path: Path) -> None:
        for path in (tmp_path / "nowhere", tmp_path):
            (problem,) = _problems({"YOUTUBE_PROXY_FILE": str(path)})
            assert problem.startswith("YOUTUBE_PROXY_FILE cannot be read (")

    def test_a_file_that_is_empty_or_no_text(self, tmp_path: Path) -> None:
        empty, binary = tmp_path / "empty", tmp_path / "binary"
        empty.write_text("\n")
        binary.write_bytes(b"\xff\xfe\x00")
        assert _problems({"YOUTUBE_PROXY_FILE": str(empty)}) == (
            "YOUTUBE_PROXY is missing: YOUTUBE_PROXY_FILE names an empty file",
        )
        assert _problems({"YOUTUBE_PROXY_FILE": str(binary)}) == (
            "YOUTUBE_PROXY cannot be read: YOUTUBE_PROXY_FILE names no text file",
        )

    def test_a_wrong_one_is_not_repeated(self) -> None:
        (problem,) = _problems({"YOUTUBE_PROXY": "socks5://someone:hunter2@proxy"})
        assert "hunter2" not in problem

    def test_only_secrets_are_read_from_files(self, tmp_path: Path) -> None:
        path = tmp_path / "level"
        path.write_text("DEBUG")
        assert Settings.from_env({"LOG_LEVEL_FILE": str(path)}) == Settings()


@pytest.mark.parametrize(
    ("host", "seconds"),
    [
        *((host, 900) for host in ("localhost:1234", "127.0.0.1:8081", "[::1]", "[fd00::1]")),
        *((host, 900) for host in ("192.168.1.5", "10.0.0.2", "172.16.0.9", "100.64.1.2")),
        *((host, 900) for host in ("ollama:11434", "host.docker.internal", "gpu.local", "gpu.lan")),
        *((host, 900) for host in ("box.tail12.ts.net", "gpu.home.arpa")),
        *((host, 120) for host in ("api.openai.com", "1.2.3.4", "local.example", "[2a00::1]")),
    ],
)
def test_a_model_on_a_machine_of_ones_own_may_read_for_long(host: str, seconds: float) -> None:
    told = Settings(openai_base_url=f"http://{host}/v1")
    assert told.first_token_timeout == seconds
    assert told.verifies is (seconds == 120)
    assert replace(told, openai_first_token_timeout=7.0).first_token_timeout == 7


def test_each_setting_has_one_row_that_says_what_it_is_for() -> None:
    rows = setting_rows()
    assert [row.name for row in rows] == [item.name.upper() for item in fields(Settings)]
    assert len({row.name for row in rows}) == len(rows)
    assert all(row.meaning for row in rows)
