"""Vidthread runs where nothing is but its wheel and what that needs."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import click
import pytest

from vidthread.cli import app

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def place(wheel: Path) -> Path:
    """An environment outside the checkout: the wheel, and what it needs from this one, of which
    the link to the checkout does not count."""
    folder = wheel.parent / "environment"
    for command in (
        [sys.executable, "-m", "venv", "--without-pip", str(folder)],
        [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install",
         "--quiet", "--no-index", "--no-deps", str(wheel)],
    ):  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    (packages,) = folder.glob("lib/python*/site-packages")
    here = Path(click.__file__).parents[1]
    (packages / "needed.pth").write_text(f"{here}\n", encoding="utf-8")
    return folder


def _run(place: Path, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": str(place / "bin"), "HOME": str(place), **settings}
    return subprocess.run(
        [str(place / "bin" / command[0]), *command[1:]],
        cwd=place,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    packages = (ROOT / "core" / "youtube_analysis", ROOT / "bot" / "vidthread")
    files = {
        str(path.relative_to(package.parent))
        for package in packages
        for path in package.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert {Path(name).suffix for name in files} >= {".py", ".js", ".css", ".html", ".vtt"}
    assert files <= names


def test_the_wheel_runs_outside_the_checkout(place: Path) -> None:
    where = _run(place, "python", "-c", "import vidthread; print(vidthread.__file__)")
    assert where.stdout.startswith(str(place))
    helped = _run(place, "vidthread", "--help")
    assert helped.returncode == 0
    assert all(command in helped.stdout for command in app.commands)


def test_the_wheel_analyzes_its_sample_offline(place: Path) -> None:
    done = _run(place, "vidthread", "analyze", "sample")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("How to run an incident review")
    assert "Key Moments" in done.stdout


def test_the_links_of_its_page_lead_somewhere_without_the_checkout(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as files:
        (name,) = (name for name in files.namelist() if name.endswith("/METADATA"))
        told = files.read(name).decode()
    links = re.findall(r"\]\(([^)]*)\)", told)
    assert links
    assert [link for link in links if not link.startswith("https://")] == []
    assert "<img" not in told


def test_the_doctor_of_the_wheel_finds_its_data(place: Path) -> None:
    """Its tables, its sample; and tells that nothing else is there."""
    nowhere = "http://127.0.0.1:9"
    done = _run(
        place,
        "vidthread",
        "doctor",
        YOUTUBE_URL=nowhere,
        DISCORD_API_URL=nowhere,
        DISCORD_TOKEN="made up",
        DATABASE_URL=f"sqlite:///{place / 'd.db'}",
    )
    assert done.returncode == 1, done.stderr
    marks = dict(re.findall(r"^. (\w+): (.*)$", done.stdout, re.MULTILINE))
    assert "tables up to date" in marks["database"]
    assert "passages in the sample talk" in marks["model"]
    assert "can't reach Discord" in marks["discord"]
    assert "Traceback" not in done.stderr
