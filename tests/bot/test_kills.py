"""The bot is killed in the middle of its work: every thread is whole afterwards.

`tests/benchmarks/kills.py` does so at fifty points.
"""

import pytest

from benchmarks.kills import Point, killed_at


@pytest.mark.parametrize(
    "point",
    [Point("post", 2), Point("post", 9), Point("model", 6, 0.05), Point("edit", 5)],
    ids=lambda point: f"{point.kind}-{point.number}",
)
async def test_a_kill_loses_and_doubles_nothing(point: Point) -> None:
    struck, wrong = await killed_at(point)
    assert struck
    assert wrong == []
