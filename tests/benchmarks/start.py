"""From the command to the line “ready”, and what an idle server takes."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.house import house
from benchmarks.world import median, show

RUNS, IDLE = 5, 3.0
SIMULATES = (
    f"`vidthread run` with the playground alone and a database that is there, {RUNS} times; "
    f"resident after {IDLE:.0f} s without a visitor. Files are in the system's cache."
)


def measured() -> tuple[list[float], float]:
    seconds, resident = [], 0.0
    with tempfile.TemporaryDirectory() as folder:
        for run in range(1 + RUNS):
            began = time.perf_counter()
            with house(folder, {}) as served:
                if run:
                    seconds.append(time.perf_counter() - began)
                if run == RUNS:
                    time.sleep(IDLE)
                    resident = served.resident()
    return seconds, resident


def main() -> None:
    seconds, resident = measured()
    rows = [
        ("start to ready, playground", f"{median(seconds):.2f} s", "≤ 1.5 s"),
        ("resident idle, playground", f"{resident:.0f} MB", "≤ 120 MB"),
    ]
    show("Start", SIMULATES, rows)


if __name__ == "__main__":
    main()
