"""Every benchmark, one after another; `--readme` writes what they found into the README.

`python tests/benchmarks/run.py [--readme]`. Each is a script of its own and bounded in time.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.world import RECORD, ROOT

FOLDER = Path(__file__).parent
PICTURE = ROOT / ".github" / "load.svg"
SCRIPTS = (
    *("analysis", "claims", "lag", "cache", "prefix", "first_text", "cost", "start"),
    *("retrieval", "lies", "line", "load", "flat", "store", "answers", "kills"),
    *("discord_evening", "slack_evening", "slack_replay", "journey", "windows"),
)
LONGEST = 600.0  # seconds, on a busy machine
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"
# Rows of the README's table, by the names that the scripts give them.
ROWS = (
    "cold over its critical path",
    "share of the bound",
    "repeat over cold",
    "500 equal requests: answered whole",
    "500 equal requests: model called",
    "concurrent beside sequential I/O",
    "pooled connections beside new ones",
    "repeats beside first requests",
    "run_analysis_v2 beside run_analysis",
    "event loop late, p99",
    "get beside SimpleMemoryCache(timeout=None)",
    "set beside SimpleMemoryCache(timeout=None)",
    "get beside SimpleMemoryCache()",
    "set beside SimpleMemoryCache()",
    "bytes counted over bytes held, full",
    "most that was ever counted over the limit",
    "a follow-up beside the call before",
    "first text after a token at 0.3 s, discord",
    "first text after a token at 0.3 s, slack",
    "first text after a token at 0.3 s, playground",
    "resident beside few threads",
    "CPU of a question behind fifty",
    "CPU of a cold hour-long video, three types",
    "start to ready, playground",
    "start to ready, a model and both platforms",
    "resident idle, playground",
    "resident idle, both platforms",
)
Row = tuple[str, str, str]


def run(script: str, record: Path) -> bool:
    """Whether it ended well."""
    picture = [str(PICTURE)] if script == "load" and "--readme" in sys.argv else []
    command = [sys.executable, str(FOLDER / f"{script}.py"), *picture]
    environ = os.environ | {RECORD: str(record)}
    began = time.monotonic()
    try:
        done = subprocess.run(command, env=environ, check=False, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        sys.stderr.write(f"{script} did not end within {LONGEST:.0f} s\n")
        return False
    sys.stderr.write(f"{script}: {time.monotonic() - began:.0f} s\n")
    return done.returncode == 0


def found(record: Path) -> dict[str, Row]:
    """The first row of each name."""
    rows: dict[str, Row] = {}
    for line in record.read_text("utf-8").splitlines():
        for what, measured, wanted in json.loads(line)["rows"]:
            rows.setdefault(what, (what, measured, wanted))
    return rows


def table(rows: dict[str, Row]) -> str:
    """As the README has it; what was not measured is told."""
    now = datetime.now(UTC).strftime("%-d %B %Y")
    machine = f"{os.cpu_count()} × {platform.machine()}, Python {platform.python_version()}"
    lines = [f"Measured on {now} on {machine}, {platform.system()}, by `make bench`.", ""]
    lines += ["| What | Measured | Wanted |", "| --- | --- | --- |"]
    missing = ("not measured", "")
    for name in ROWS:
        measured, wanted = rows[name][1:] if name in rows else missing
        lines.append(f"| {name} | {measured} | {wanted} |")
    return "\n".join(lines)


def write(rows: dict[str, Row]) -> None:
    readme = ROOT / "README.md"
    text = readme.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    readme.write_text(f"{before}{BEGIN}\n{table(rows)}\n{END}{after}", "utf-8")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        record = Path(folder) / "rows"
        record.touch()
        failed = [script for script in SCRIPTS if not run(script, record)]
        if "--readme" in sys.argv:
            write(found(record))
    if failed:
        sys.stderr.write(f"Failed: {', '.join(failed)}\n")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
