"""What the offline model makes of talks, for tests."""

from pathlib import Path

from youtube_analysis.captions import parse_captions
from youtube_analysis.llm.offline import OfflineModel
from youtube_analysis.llm.port import Completion, Prompt
from youtube_analysis.models.analysis import AnalysisType
from youtube_analysis.models.video import (
    CaptionTrack,
    Source,
    VideoData,
    VideoInfo,
    measure_coverage,
)
from youtube_analysis.passages.transcript import Transcript, split_into_passages

ROOT = Path(__file__).parents[1]
OWN = (
    ROOT / "bot/vidthread/sample/talk.en.vtt",
    ROOT / "tests/questions/talks/werkstatt.de.vtt",
)
Analyses = dict[AnalysisType, Completion]


def read(path: Path) -> Transcript:
    parsed = parse_captions(path.name, path.read_bytes())
    coverage = measure_coverage(parsed.segments, None, timed=parsed.timed)
    info = VideoInfo("file-000000000000", path.name.split(".")[0], duration=coverage.total)
    track = CaptionTrack(parsed.language or "", "")
    return split_into_passages(VideoData(info, parsed.segments, track, Source.FILE, coverage))


async def analyses(reading: Transcript) -> Analyses:
    made, model = Analyses(), OfflineModel()
    for kind in AnalysisType:
        (made[kind],) = [part async for part in model.stream(Prompt(reading, task=kind))]
    return made
