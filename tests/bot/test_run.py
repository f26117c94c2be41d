"""`vidthread run` as a program: its start, its log, its end."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest


@contextmanager
def running(
    folder: Path, *command: str, settings: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    environ = {
        "DATABASE_URL": f"sqlite:///{folder / 'data' / 'run.db'}",
        "WEB_PORT": "0",
        "LOG_FORMAT": "json",
    }
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "vidthread", *command],
        cwd=folder,
        env=os.environ | environ | (settings or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def fetch(url: object) -> bytes:
    with urlopen(f"{url}") as answer:  # noqa: S310 - loopback
        return bytes(answer.read())


def ready(process: subprocess.Popen[str]) -> dict[str, object]:
    """The event that says so; every line before it has the parts of one."""
    assert process.stderr
    for line in process.stderr:
        event = json.loads(line)
        assert {"event", "level", "timestamp"} <= set(event)
        if event["event"] == "ready":
            return dict(event)
    raise AssertionError("not ready")


@pytest.mark.parametrize("command", [("run",), ()], ids=["run", "default"])
@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_it_serves_until_a_signal(
    tmp_path: Path, command: tuple[str, ...], sent: signal.Signals, status: int
) -> None:
    with running(tmp_path, *command) as process:
        told = ready(process)
        assert told["platforms"] == ["playground"]
        assert b"ready" in fetch(f"{told['url']}/readyz")
        assert b"<!doctype html>" in fetch(told["url"])[:200].lower()
        process.send_signal(sent)
        out, err = process.communicate(timeout=20)
    assert process.returncode == status
    assert out == ""
    assert "Traceback" not in err
    assert "Warning" not in err


def test_the_sample_is_there_once_however_often_it_starts(tmp_path: Path) -> None:
    for _ in range(2):
        with running(tmp_path, "run") as process:
            told = ready(process)
            threads = json.loads(fetch(f"{told['url']}/api/threads"))["threads"]
            process.terminate()
            process.communicate(timeout=20)
        assert len(threads) == 1


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"WEB_PORT": "many"}, "WEB_PORT must be"),
        ({"WEB_PORT": "-1", "OPENAI_CONTEXT": "x"}, "OPENAI_CONTEXT must be"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        ({"DATABASE_URL": "sqlite:////proc/nowhere/x.db"}, "database"),
        ({"WEB_HOST": "203.0.113.7"}, "Can't listen on 203.0.113.7"),
    ],
)
def test_what_keeps_it_from_starting_is_a_sentence(
    tmp_path: Path, settings: dict[str, str], told: str
) -> None:
    with running(tmp_path, "run", settings=settings) as process:
        out, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert out == ""
    assert told in err
    assert "Traceback" not in err
