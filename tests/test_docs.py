"""What the README says is so: its commands, its options, its settings, its example, its plan."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from benchmarks.run import BEGIN, END, ROWS
from vidthread.cli import app
from vidthread.config import setting_rows
from youtube_analysis.captions import SUFFIXES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")

SET_FIRST = (
    *("DISCORD_TOKEN", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"),
    *("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL"),
)


def _section(heading: str) -> str:
    found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert found, f"the README has no section {heading}"
    return found[1]


def _block(heading: str, language: str, place: int = 0) -> str:
    found = re.findall(rf"^```{language}\n(.*?)^```", _section(heading), re.MULTILINE | re.DOTALL)
    assert len(found) > place, f"the section {heading} has no such block of {language}"
    return str(found[place])


def test_the_two_commands_are_targets_of_make() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = re.findall(r"^make ([a-z]+)", _block("Try it", "sh"), re.MULTILINE)
    assert named == ["run", "test"]
    assert set(named) <= targets


def test_make_without_a_target_lists_every_target() -> None:
    make = shutil.which("make")
    if not make:
        pytest.skip("make is not installed")
    done = subprocess.run(
        [make, "--no-print-directory"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    listed = [line.split()[1] for line in done.stdout.splitlines()]
    assert listed == ["help", "install", "run", "test", "check", "bench", "clean"]


@pytest.mark.parametrize("platform", ["Discord", "Slack"])
def test_the_way_to_a_platform_is_short(platform: str) -> None:
    section = _section(f"Add it to {platform}")
    steps = re.findall(r"^\d\. (.*)", section, re.MULTILINE)
    assert len(steps) <= 8
    assert "Run `make run`." in steps
    tokens = [name for name in SET_FIRST if name.startswith(platform.upper())]
    assert all(f"`{token}=…`" in section for token in tokens)


def _usage(name: str, command: click.Command) -> str:
    arguments = [str(p.metavar) for p in command.params if isinstance(p, click.Argument)]
    options = [_option(p) for p in command.params if isinstance(p, click.Option)]
    return " ".join(["vidthread", name, *arguments, *filter(None, options)])


def _option(option: click.Option) -> str:
    name = max(option.opts, key=len)
    if name == "--help":
        return ""
    if option.is_flag:
        return f"[{name}]"
    if isinstance(option.type, click.Choice):
        return f"[{name} {'|'.join(option.type.choices)}]"
    return f"[{name} {option.metavar}]"


def test_the_options_are_those_of_the_command_line() -> None:
    expected = [_usage(name, command) for name, command in app.commands.items()]
    assert _block("Command line", "text").splitlines() == expected


def test_the_table_of_settings() -> None:
    known = {
        f"| `{row.name}` | {f'`{row.default}`' if row.default else ''} | {row.meaning} |"
        for row in setting_rows()
    }
    rows = [line for line in _section("Settings").splitlines() if line.startswith("| `")]
    assert [row for row in rows if row not in known] == []
    assert len(rows) >= len(SET_FIRST)


def test_the_example_of_an_environment_file() -> None:
    """What people set first, then everything else, each with what it means."""
    text = (ROOT / "deploy" / "env.example").read_text(encoding="utf-8")
    found = re.findall(r"^# (.+)\n#([A-Z_]+)=(.*)$", text, re.MULTILINE)
    rows = {row.name: (row.meaning, row.name, row.default) for row in setting_rows()}
    assert found == [rows[name] for name in dict.fromkeys((*SET_FIRST, *rows))]
    assert all(line.startswith("#") for line in text.splitlines() if line)


def test_the_example_of_the_library_runs_word_for_word(tmp_path: Path) -> None:
    subtitles = "1\n00:00:01,000 --> 00:00:09,000\nThe crane was built by two brothers in 1850.\n"
    (tmp_path / "talk.srt").write_text(subtitles, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", _block("Library", "python", 1)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "two brothers" in done.stdout


def test_the_answers_in_the_terminal_are_those_that_are_given(tmp_path: Path) -> None:
    shown = README.partition("<!-- transcript -->")[2].partition("<!-- /transcript -->")[0]
    command, _, answers = shown.partition("chat sample\n")
    asked = re.findall(r'"([^"]+)"', command)
    done = subprocess.run(
        [sys.executable, "-m", "vidthread", "chat", "sample"],
        input="\n".join(asked),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    assert done.stdout.split() == answers.replace("```", "").split()


def _planned() -> Iterator[str]:
    """Paths in the floor plan: two spaces of indentation a level."""
    folders: list[str] = []
    for line in _block("Floor plan", "text").splitlines():
        level = (len(line) - len(line.lstrip())) // 2
        folders[level:] = [line.split()[0]]
        yield "".join(folders)


def test_captions_files_end_alike_everywhere() -> None:
    page = ROOT / "bot/vidthread/playground/page/attempts.js"
    assert f'CAPTIONS = "{",".join(SUFFIXES)}";' in page.read_text(encoding="utf-8")
    assert f"`{' '.join(SUFFIXES)}`" in README


def test_the_table_of_figures_has_every_row() -> None:
    table = _section("Figures").partition(BEGIN)[2].partition(END)[0]
    rows = [line.split(" | ")[0].removeprefix("| ") for line in table.splitlines()]
    assert [row for row in rows if row in ROWS] == list(ROWS)
    assert table.count("| ") > len(ROWS)


def test_the_floor_plan_names_what_is_there() -> None:
    assert [path for path in _planned() if not (ROOT / path).exists()] == []
    assert [p for p in _planned() if (ROOT / p).is_dir() != p.endswith("/")] == []


def test_the_floor_plan_names_every_room() -> None:
    rooms = {"core/", "core/youtube_analysis/", "bot/", "bot/vidthread/"}
    expected = {path for folder in ("", *rooms) for path in _entries(folder)}
    assert expected - set(_planned()) == set()


def _entries(folder: str) -> Iterator[str]:
    """What is in a folder, without what every package has and what tools leave behind."""
    ordinary = {"__init__.py", "py.typed", "__pycache__", "build", "dist"}
    for path in (ROOT / folder).iterdir():
        hidden = path.name.startswith(".") and path.name not in {".ci", ".github"}
        if path.name not in ordinary and not hidden and path.suffix != ".egg-info":
            yield f"{folder}{path.name}{'/' if path.is_dir() else ''}"


def test_links_to_files_lead_somewhere() -> None:
    for page in (ROOT / "README.md", ROOT / ".github" / "CONTRIBUTING.md"):
        targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text(encoding="utf-8"))
        assert [target for target in targets if not (page.parent / target).exists()] == []


def test_the_walk_through_the_house_names_files_that_are_there() -> None:
    text = (ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:core|bot|tests)/\S+\.py)", text)
    assert len(named) > 20
    assert [path for path in named if not (ROOT / path).exists()] == []
