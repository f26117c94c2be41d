"""The talk that comes with Vidthread, so that it can be tried without a network."""

from __future__ import annotations

from importlib import resources

from youtube_analysis.models.analysis import CaptionsFile

__all__ = ["sample_talk"]

# Heard once in the life of a database.
SAMPLE = "sample"
_FILE = "talk.en.vtt"


def sample_talk() -> CaptionsFile:
    content = resources.files(__name__).joinpath(_FILE).read_bytes()
    return CaptionsFile("How to run an incident review that people want to come to.en.vtt", content)
