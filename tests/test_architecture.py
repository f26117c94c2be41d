"""The rules of the house hold, and the contracts that prove it would notice if they did not."""

from __future__ import annotations

import ast
import importlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib import metadata
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted(path for root in ("core", "bot") for path in (ROOT / root).rglob("*.py"))
LONGEST_FUNCTION = 40
LONGEST_FILE = 300

# Edges where whatever went wrong must become something else. Each names why.
CATCHES_EVERYTHING = {
    "bot/vidthread/adapter.py": "what ends one connection never ends the bot",
    "bot/vidthread/assistant/serving.py": "one thread's turn never ends another's",
    "bot/vidthread/discord/connection.py": "one event that cannot be parsed ends no other",
    "bot/vidthread/web.py": "a request that fails is told as a sentence",
    "core/youtube_analysis/analysis_v2.py": "a door of the library tells everything as a sentence",
    "core/youtube_analysis/concurrency.py": (
        "a thread's failure belongs to who waits for it; work that is kept is begun again"
    ),
    "core/youtube_analysis/llm/embedding.py": (
        "what runs models raises errors of its own that have no common home"
    ),
    "core/youtube_analysis/llm/openai_compatible/wire.py": (
        "the client raises errors of three libraries; what is of none is raised again"
    ),
}


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _lint_imports(tree: Path) -> subprocess.CompletedProcess[str]:
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    roots = os.pathsep.join(str(tree / root) for root in ("core", "bot"))
    return subprocess.run(
        [sys.executable, "-c", command, "--no-cache", "--config", str(tree / "pyproject.toml")],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": roots, "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_import_contracts_are_kept() -> None:
    done = _lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for root in ("core", "bot"):
        shutil.copytree(ROOT / root, tmp_path / root, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


VIOLATIONS = [
    ("core-layers", "core/youtube_analysis/models/video.py", "import youtube_analysis.config"),
    (
        "core-layers",
        "core/youtube_analysis/captions/parsing.py",
        "import youtube_analysis.repositories",
    ),
    ("core-layers", "core/youtube_analysis/llm/port.py", "import youtube_analysis.repositories"),
    ("core-layers", "core/youtube_analysis/cupboard.py", "import json"),
    ("bot-layers", "bot/vidthread/config.py", "import vidthread.playground"),
    ("bot-layers", "bot/vidthread/cupboard.py", "import json"),
    ("core-alone", "core/youtube_analysis/models/times.py", "import vidthread"),
    (
        "services-apart",
        "core/youtube_analysis/services/content.py",
        "from youtube_analysis.services import transcript",
    ),
    (
        "services-apart",
        "core/youtube_analysis/services/newcomer.py",
        "from youtube_analysis.services import content",
    ),
    ("aiohttp", "core/youtube_analysis/repositories/cache.py", "import aiohttp"),
    ("upstreams", "core/youtube_analysis/services/transcript.py", "import aiocache"),
    ("upstreams", "core/youtube_analysis/upstream.py", "import youtube_transcript_api"),
    ("screen", "core/youtube_analysis/services/content.py", "import rich"),
    ("screen", "bot/vidthread/config.py", "import click"),
    ("discord-client", "bot/vidthread/replies.py", "import discord"),
    ("slack-client", "bot/vidthread/slack/layout.py", "import slack_sdk"),
]


@pytest.mark.parametrize(("contract", "file", "line"), VIOLATIONS)
def test_a_contract_bites(copy: Path, contract: str, file: str, line: str) -> None:
    """One line in the wrong place breaks this contract, and no other."""
    path = copy / file
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f"{before}\n{line}\n", encoding="utf-8")
    done = _lint_imports(copy)
    assert done.returncode == 1, done.stdout + done.stderr
    broken = re.findall(r"^(.+) BROKEN", done.stdout, re.MULTILINE)
    assert broken == [_contract_names()[contract]], done.stdout


def _contract_names() -> dict[str, str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    return {contract["id"]: contract["name"] for contract in contracts}


def test_every_contract_is_seen_to_bite() -> None:
    assert {contract for contract, _, _ in VIOLATIONS} == set(_contract_names())


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_a_file_and_its_functions_are_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_FILE
    lengths = {f.name: (f.end_lineno or 0) - f.lineno + 1 for f in _functions(ast.parse(text))}
    assert {name: n for name, n in lengths.items() if n > LONGEST_FUNCTION} == {}


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_only_listed_edges_catch_everything(path: Path) -> None:
    handlers = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type)
    ]
    assert bool(handlers) == (_name(path) in CATCHES_EVERYTHING)


def _is_broad(kind: ast.expr | None) -> bool:
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(
        item is None or (isinstance(item, ast.Name) and item.id in {"Exception", "BaseException"})
        for item in kinds
    )


def _packages() -> list[str]:
    return [
        ".".join(path.parent.relative_to(ROOT).parts[1:])
        for path in SOURCES
        if path.name == "__init__.py"
    ]


@pytest.mark.parametrize(
    ("started", "left_out"),
    [
        ("vidthread.cli", "aiohttp sqlalchemy structlog rich openai"),
        (
            "vidthread.run vidthread.playground.adapter youtube_analysis.repositories.database",
            "alembic psycopg openai requests youtube_analysis.checking.times",
        ),
    ],
    ids=["help", "playground"],
)
def test_no_start_waits_for_what_it_does_not_use(started: str, left_out: str) -> None:
    code = f"import sys, {', '.join(started.split())}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(left_out.split()) & set(done.stdout.split())


def test_a_factory_with_a_model_is_made_without_its_client() -> None:
    """Which takes longer to import than all else: it is loaded when a bot is ready, or when a
    model is first asked."""
    code = (
        "import sys\n"
        "from youtube_analysis import ServiceFactory, Settings\n"
        "ServiceFactory(Settings(openai_api_key='key', openai_embedding_model='local'))\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"openai", "httpx2"} & set(done.stdout.split())


@pytest.mark.parametrize("package", _packages())
def test_a_front_door_lists_exactly_what_it_offers(package: str) -> None:
    """What a package's `__init__` imports or defines is its `__all__`, sorted."""
    module = importlib.import_module(package)
    source = ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8"))
    offered = sorted(name for name in _offered(source) if not name.startswith("_"))
    assert list(getattr(module, "__all__", [])) == offered
    assert all(hasattr(module, name) for name in offered)


def _offered(source: ast.Module) -> Iterator[str]:
    """Names imported from within the package, and those defined in it."""
    typed = [node.body for node in source.body if isinstance(node, ast.If)]
    for node in (*source.body, *chain.from_iterable(typed)):
        if isinstance(node, ast.ImportFrom) and _is_ours(node):
            yield from (name.asname or name.name for name in node.names)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name


def _is_ours(node: ast.ImportFrom) -> bool:
    """A relative import re-exports; one from another room is only used."""
    return node.level == 1


def test_what_is_installed_is_what_is_imported() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = settings["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["semantic"], *extras["postgresql"]]
    required = {_canonical(text) for text in wanted}
    distributions = metadata.packages_distributions()
    imported = {
        _canonical(distributions[root][0])
        for root in {name.split(".")[0] for path in SOURCES for name in _imported(path)}
        if root not in sys.stdlib_module_names and root not in {"youtube_analysis", "vidthread"}
    }
    assert imported == required


def _canonical(requirement: str) -> str:
    return re.split(r"[<>=!~ ;\[]", requirement)[0].lower().replace("_", "-")


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module)


def test_the_pinned_versions_name_no_addresses() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.!+]+", line)] == []
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*settings["dependencies"], *settings["optional-dependencies"]["dev"]]
    assert {_canonical(text) for text in wanted} <= {_canonical(line) for line in lines}


def test_the_wheel_holds_the_two_packages_and_their_data(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    sources = {_name(path).split("/", 1)[1] for path in SOURCES}
    assert sources <= names
    assert {"youtube_analysis/py.typed", "vidthread/py.typed"} <= names
    assert any(name.endswith(".vtt") for name in names)
    assert {name.split("/")[0] for name in names} == {
        "youtube_analysis",
        "vidthread",
        "vidthread-0.1.0.dist-info",
    }


def test_the_root_has_no_cupboards() -> None:
    banned = re.compile(r"^(utils?|helpers?|common|misc|managers?)$")
    assert [_name(path) for path in SOURCES if banned.match(path.stem)] == []


def test_the_environment_is_read_in_config_alone() -> None:
    reading = re.compile(r"\bos\.(?:environ|getenv)\b|from os import")
    readers = {_name(path) for path in SOURCES if reading.search(path.read_text(encoding="utf-8"))}
    assert readers == {"bot/vidthread/config.py", "core/youtube_analysis/config.py"}
