"""What the files in deploy/ name is there, and they keep the bot small and to itself."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from vidthread.cli import app
from vidthread.config import setting_rows

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
SETTINGS = {row.name: row.default for row in setting_rows()}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def _read(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def _seconds(text: str) -> float:
    return float(text.removesuffix("s"))


# --- the Dockerfile ---


def _stages() -> list[list[tuple[str, str]]]:
    """The instructions of each stage, with what follows them."""
    lines = [line for line in _read("Dockerfile").splitlines() if not line.strip().startswith("#")]
    stages: list[list[tuple[str, str]]] = []
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line:
            name, _, rest = line.partition(" ")
            if name == "FROM":
                stages.append([])
            stages[-1].append((name, rest.strip()))
    return stages


def _last(name: str) -> str:
    return [rest for instruction, rest in _stages()[-1] if instruction == name][-1]


def _environment() -> dict[str, str]:
    return dict(word.split("=", 1) for word in shlex.split(_last("ENV")))


def test_both_stages_begin_with_the_python_of_the_constraints() -> None:
    begun = {stage[0][1].split()[0] for stage in _stages()}
    assert len(begun) == 1
    (image,) = begun
    assert re.fullmatch(r"python:3\.11-slim-\w+", image)
    assert PROJECT["requires-python"] == ">=3.11"


def test_everything_that_is_installed_is_pinned() -> None:
    installs = [
        command
        for stage in _stages()
        for name, rest in stage
        if name == "RUN"
        for command in rest.split("&&")
        if "pip" in command and " install " in command
    ]
    assert len(installs) == 3
    pinned = ("-c constraints.txt", "--require-hashes", "--no-index --no-deps")
    assert all(any(words in command for words in pinned) for command in installs)


def test_the_hashes_are_of_the_versions_that_are_pinned() -> None:
    hashed = re.findall(
        r"^(\S+)==(\S+)((?: \\\n    --hash=sha256:[0-9a-f]{64})+)$",
        _read("requirements.txt"),
        re.MULTILINE,
    )
    named = {_normal(name): version for name, version, _ in hashed}
    assert named.items() <= _pinned().items()
    assert _needed() <= set(named)
    assert len(hashed) == _read("requirements.txt").count("==")


def _copied() -> Iterator[str]:
    for name, rest in _stages()[0]:
        if name == "COPY":
            yield from rest.split()[:-1]


def test_what_is_copied_is_there_and_not_ignored() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = {line[1:] for line in lines if line.startswith("!")}
    assert set(_copied()) == allowed
    assert "*" in lines
    assert [name for name in allowed if not (ROOT / name).exists()] == []
    # What the build of the wheel reads besides the packages.
    assert {PROJECT["readme"], *PROJECT["license-files"]} <= allowed
    assert not any(fnmatch(".env", name) for name in allowed)


def test_the_image_runs_without_privileges_and_tools() -> None:
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", _last("USER"))
    user, group = _last("USER").split(":")
    assert f"useradd --uid {user} --gid {group}" in _last("RUN")
    installed = re.findall(r"apt-get install (.*?)&&", _last("RUN"))
    assert [words.split() for words in installed] == [
        ["-y", "--no-install-recommends", "ca-certificates"]
    ]
    assert json.loads(_last("ENTRYPOINT")) == list(PROJECT["scripts"])
    assert json.loads(_last("CMD"))[0] in app.commands


def test_the_image_sets_only_what_there_is() -> None:
    environment = _environment()
    assert set(environment) - {"PATH", "PYTHONDONTWRITEBYTECODE"} <= set(SETTINGS)
    assert environment["PATH"].split(":")[0] == "/opt/vidthread/bin"
    assert environment["WEB_PORT"] == _last("EXPOSE") == SETTINGS["WEB_PORT"]
    assert environment["DATABASE_URL"].startswith(f"sqlite:///{_last('VOLUME')}/")
    assert f"-m 700 {_last('VOLUME')}" in _last("RUN")


def _healthy(port: int) -> bool:
    command = json.loads(_last("HEALTHCHECK").partition("CMD ")[2])
    done = subprocess.run(
        [sys.executable, *command[1:]],
        env=os.environ | {"WEB_PORT": str(port)},
        capture_output=True,
        check=False,
        timeout=30,
    )
    return command[0] == "python" and done.returncode == 0


def test_the_health_check_of_the_image(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    assert not _healthy(port)
    settings = {"WEB_PORT": "0", "LOG_FORMAT": "json", "DATABASE_URL": f"sqlite:///{tmp_path}/d.db"}
    with subprocess.Popen(
        [sys.executable, "-m", "vidthread", "run"],
        env=os.environ | settings,
        stderr=subprocess.PIPE,
        text=True,
    ) as bot:
        assert bot.stderr
        told = next(json.loads(line) for line in bot.stderr if '"ready"' in line)
        assert _healthy(int(told["url"].rpartition(":")[2]))
        bot.terminate()


# --- compose ---


def _compose() -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load(_read("compose.yaml"))
    return told


def test_compose_names_what_there_is() -> None:
    services = _compose()["services"]
    bot = services["bot"]
    assert (DEPLOY / bot["build"]["context"]).resolve() == ROOT
    assert (ROOT / bot["build"]["dockerfile"]).is_file()
    assert set(bot["environment"]) <= set(SETTINGS)
    volume, _, place = bot["volumes"][0].partition(":")
    assert place == _last("VOLUME")
    named = {v.partition(":")[0] for service in services.values() for v in service["volumes"]}
    assert named == set(_compose()["volumes"])
    assert volume in named
    assert set(bot["depends_on"]) <= set(services)


def test_compose_keeps_the_bot_small_and_to_itself() -> None:
    bot = _compose()["services"]["bot"]
    address, outside, inside = bot["ports"][0].rsplit(":", 2)
    assert (address, outside) == ("127.0.0.1", SETTINGS["WEB_PORT"])
    assert inside == bot["environment"]["WEB_PORT"] == _last("EXPOSE")
    assert bot["read_only"] is True
    assert bot["cap_drop"] == ["ALL"]
    assert bot["restart"] == "unless-stopped"
    assert _seconds(bot["stop_grace_period"]) > 2 * float(SETTINGS["DRAIN_TIMEOUT"])
    assert set(bot["logging"]["options"]) == {"max-size", "max-file"}


def test_postgres_is_there_only_when_it_is_wanted() -> None:
    services = _compose()["services"]
    assert services["postgres"]["profiles"] == ["postgres"]
    assert services["bot"]["depends_on"]["postgres"]["required"] is False
    assert services["bot"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    user = services["postgres"]["environment"]["POSTGRES_USER"]
    assert re.search(
        rf"^DATABASE_URL=postgresql://{user}:\S+@postgres/{user}\n", _page(), re.MULTILINE
    )
    assert "COMPOSE_PROFILES=postgres" in _page()


# --- the unit ---


def _unit() -> dict[str, list[str]]:
    """Directives of all sections; some stand several times."""
    told: dict[str, list[str]] = {}
    for line in _read("vidthread.service").splitlines():
        name, sign, value = line.partition("=")
        if sign and not line.startswith("#"):
            told.setdefault(name, []).append(value)
    return told


def _page() -> str:
    return _read("README.md")


def test_the_unit_names_what_the_page_puts_there() -> None:
    unit = _unit()
    program, command = unit["ExecStart"][0].split()
    assert program == f"/opt/vidthread/bin/{next(iter(PROJECT['scripts']))}"
    assert command in app.commands
    assert "python3 -m venv /opt/vidthread\n" in _page()
    (user,) = unit["User"]
    assert re.search(rf"^sudo useradd --system .* {user}$", _page(), re.MULTILINE)
    (settings,) = unit["EnvironmentFile"]
    assert f"-g {user} deploy/env.example {settings}\n" in _page()
    assert unit["WorkingDirectory"] == [str(Path(settings).parent)]
    (state,) = unit["StateDirectory"]
    assert f"echo DATABASE_URL=sqlite:////var/lib/{state}/" in _page()
    assert "deploy/vidthread.service /etc/systemd/system/vidthread.service\n" in _page()


def test_the_unit_is_hardened_and_starts_again() -> None:
    unit = _unit()
    assert unit["Restart"] == ["on-failure"]
    assert _seconds(*unit["TimeoutStopSec"]) > 2 * float(SETTINGS["DRAIN_TIMEOUT"])
    assert unit["NoNewPrivileges"] == ["yes"]
    assert unit["ProtectSystem"] == ["strict"]
    assert unit["CapabilityBoundingSet"] == [""]
    assert unit["SystemCallFilter"] == ["@system-service", "~@privileged @resources"]


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    verify = shutil.which("systemd-analyze")
    if not verify:
        pytest.skip("systemd-analyze is not installed")
    unit = tmp_path / "vidthread.service"
    unit.write_text(_read("vidthread.service").replace("/opt/vidthread/bin/vidthread", "/bin/true"))
    done = subprocess.run(
        [verify, "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_list_of_licenses_is_of_the_versions_that_are_pinned() -> None:
    rows = re.findall(r"^\| (\S+) \| (\d\S*) \| .+ \|$", _read("licenses.md"), re.MULTILINE)
    listed = {_normal(name): version for name, version in rows}
    assert listed.items() <= _pinned().items()
    assert _needed() <= set(listed)


def _pinned() -> dict[str, str]:
    pins = (line.split("==") for line in (ROOT / "constraints.txt").read_text("utf-8").split())
    return {_normal(name): version for name, version in pins}


def _needed() -> set[str]:
    return {_normal(re.split(r"[\[><]", line)[0]) for line in PROJECT["dependencies"]}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
