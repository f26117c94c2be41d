"""What every test gets: no network, no settings of the machine it runs on."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

import network_guard
from vidthread.config import setting_rows

ROOT = Path(__file__).parent.parent

network_guard.install()
# As on most machines: the extra is not there, and no model is fetched.
sys.modules["fastembed"] = None  # type: ignore[assignment] # how Python is told so

# A busy machine is slow; that is no finding.
settings.register_profile("vidthread", deadline=None, print_blob=True)
settings.load_profile("vidthread")


@pytest.fixture(autouse=True, scope="session")
def _clean_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Settings of the machine do not count, its data are not touched; programs that tests start
    are guarded as well."""
    with pytest.MonkeyPatch.context() as environment:
        for row in setting_rows():
            environment.delenv(row.name, raising=False)
            environment.delenv(f"{row.name}_FILE", raising=False)
        environment.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data")))
        path = os.pathsep.join(filter(None, (str(ROOT / "tests"), os.environ.get("PYTHONPATH"))))
        environment.setenv("PYTHONPATH", path)
        yield


@pytest.fixture(autouse=True)
def _no_network() -> Iterator[None]:
    """Fails a test that tried to leave this machine, even if the refusal was swallowed."""
    network_guard.refused.clear()
    yield
    refused = list(network_guard.refused)
    network_guard.refused.clear()
    assert not refused, f"tried to leave this machine: {', '.join(refused)}"


@pytest.fixture(autouse=True)
def _own_logging() -> Iterator[None]:
    """A test that runs the command line sets up logging for the whole process; this undoes it."""
    root = logging.getLogger()
    before = root.handlers[:], root.level, sys.excepthook
    yield
    root.handlers[:], root.level, sys.excepthook = before
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def recordings() -> Path:
    """Answers recorded from YouTube and real captions, which are not part of this repository."""
    folder = ROOT.parent / "shared" / "recordings"
    if not folder.is_dir():
        pytest.skip(f"no recordings: {folder} is missing")
    return folder
