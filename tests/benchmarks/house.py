"""The server of a benchmark: `vidthread run` as a process of its own, which tells how it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.world import ROOT, Server


@dataclass(frozen=True, slots=True)
class Served:
    """A running `vidthread run`."""

    url: str
    process: subprocess.Popen[str]

    def figures(self) -> Counter[str]:
        """What it counts, by the names of its metrics, summed over their labels."""
        with urlopen(f"{self.url}/metrics") as answer:  # noqa: S310 - loopback
            families = text_string_to_metric_families(answer.read().decode())
        total: Counter[str] = Counter()
        for family in families:
            for sample in family.samples:
                total[sample.name] += sample.value  # type: ignore[assignment] # they are floats
        return total

    def files(self) -> int:
        """How many file descriptors it holds; 0 where the system does not tell."""
        try:
            return len(os.listdir(f"/proc/{self.process.pid}/fd"))  # noqa: PTH208 - names alone
        except OSError:
            return 0

    def resident(self) -> float:
        """Megabytes."""
        statm = Path(f"/proc/{self.process.pid}/statm").read_text("ascii")
        return int(statm.split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

    def cpu(self) -> float:
        """Seconds of computing so far."""
        return cpu(self.process.pid)


def cpu(process: int) -> float:
    """Seconds that a process has computed so far, by its id."""
    stat = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def house(folder: str, settings: Mapping[str, str], root: Path = ROOT) -> Iterator[Served]:
    """Of the sources under `root`."""
    environ = {
        "DATABASE_URL": f"sqlite:///{folder}/bench.db",
        "WEB_PORT": "0",
        "LOG_FORMAT": "json",
        "PLAYGROUND": "on",
        "PYTHONPATH": os.pathsep.join(str(root / name) for name in ("core", "bot")),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "vidthread", "run"],
        cwd=folder,
        env=os.environ | environ | dict(settings),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield Served(_ready(process), process)
    finally:
        process.kill()
        process.wait()


def upstreams(youtube: Server, model: Server) -> dict[str, str]:
    return {"YOUTUBE_URL": youtube.url, "OPENAI_BASE_URL": model.url, "OPENAI_MODEL": "local"}


def _ready(process: subprocess.Popen[str]) -> str:
    assert process.stderr
    for line in process.stderr:
        event = json.loads(line)
        if event["event"] == "ready":
            _drain(process)
            return str(event["url"])
    raise RuntimeError("the house did not start")


def _drain(process: subprocess.Popen[str]) -> None:
    """Reads what it still logs, so that it never waits for a reader."""

    def read() -> None:
        assert process.stderr
        for _ in process.stderr:
            pass

    threading.Thread(target=read, daemon=True).start()
