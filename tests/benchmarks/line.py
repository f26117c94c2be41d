"""The line in front of YouTube with the limits as they are set by default, as people see it."""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.world import Server, show, video_link, world
from youtube_analysis import AnalysisRequest, Queued, ServiceFactory, Settings
from youtube_analysis.upstream import bound_tenant
from youtube_analysis.workflow import VideoRead

LINKS, LATE, LONGEST = 30, 5.0, 70.0
MOMENTS = (1.0, 6.0, 15.0, 30.0, 44.0)
SIMULATES = (
    f"One server posts {LINKS} links at once, and another a single one {LATE:.0f} s later. YouTube "
    f"answers each of its three requests a video after 300 ms; 10 requests at once and 50 a "
    f"minute are allowed. Looked at for {LONGEST:.0f} s. A number is what the person sees: the "
    "place in the line."
)


@dataclass(slots=True)
class Person:
    asked: float
    places: list[tuple[float, int]] = field(default_factory=list)
    read: float | None = None

    def at(self, moment: float) -> str:
        if self.read is not None and self.read <= moment:
            return "read"
        places = [place for when, place in self.places if when <= moment]
        return str(places[-1]) if places else "…"


async def ask(factory: ServiceFactory, number: int, tenant: str, began: float) -> Person:
    person = Person(time.perf_counter() - began)
    with bound_tenant(tenant):
        opened = factory.get_video_analysis_workflow().open(AnalysisRequest(video_link(number), ()))
        async with opened as events:
            try:
                async with asyncio.timeout_at(asyncio.get_running_loop().time() + LONGEST):
                    async for event in events:
                        now = time.perf_counter() - began
                        if isinstance(event, Queued):
                            person.places.append((now, event.position))
                        if isinstance(event, VideoRead):
                            person.read = now
            except TimeoutError:
                pass  # still in the line
    return person


async def watched(youtube: Server, model: Server) -> tuple[list[Person], Person]:
    settings = Settings(youtube_url=youtube.url, openai_base_url=model.url)
    async with ServiceFactory(settings) as factory:
        began = time.perf_counter()
        many = [asyncio.create_task(ask(factory, number, "many", began)) for number in range(LINKS)]
        await asyncio.sleep(LATE)
        single = await ask(factory, LINKS, "single", began)
        return [await one for one in many], single


def main() -> None:
    options = {"youtube_latency": 0.3, "first_token": 0.1, "rate": 0.0}
    with world(**options, videos=LINKS + 1) as (youtube, model):
        many, single = asyncio.run(watched(youtube, model))
        arrived = youtube.served().arrived
    most = max(sum(begin <= at < begin + 60 for at in arrived) for begin in arrived)
    rows = [
        (f"after {moment:.0f} s, the 1st, 11th, 21st, 30th and the other server's",
         ", ".join(one.at(moment) for one in (many[0], many[10], many[20], many[-1], single)), "")
        for moment in MOMENTS
    ]  # fmt: skip
    waited = "not read" if single.read is None else f"{single.read - single.asked:.1f} s"
    before = [one for one in many if (one.read or LONGEST) < (single.read or 0.0)]
    rows += [
        ("the other server's single link was read after", waited, ""),
        ("read before it, of 30", f"{len(before)}", ""),
        ("most requests that YouTube saw in any minute", f"{most}", "≤ 50"),
    ]
    show("The line with the default limits", SIMULATES, rows)


if __name__ == "__main__":
    main()
