"""How the sentences of a lying model are judged, kind by kind."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.world import show
from claims_set import TALKS
from lies import Seen, judged

SIMULATES = (
    "A model writes true and false sentences about three talks, ten an answer, through the chat "
    "service. Shares of them that were marked as found nowhere or cited elsewhere, by kind: by "
    "rules alone, on the half that they were tuned on and on the half held back; and held back "
    "with a verifier that always judges rightly."
)
LIES = (
    *("far number", "changed number", "changed name", "swapped name", "plain lie"),
    *("uncited lie", "cut quote", "negation"),
)
TRUE = ("verbatim", "verbatim uncited", "translated", "reworded")
WANTED = {
    **dict.fromkeys(LIES, "≥ .90"),
    "plain lie": "≥ .95",
    "uncited lie": "≥ .95",
    "negation": "≥ .50",
    "swapped name": "",
    "verbatim": "≤ .02",
    "verbatim uncited": "≤ .02",
    "translated": "≤ .05",
    "reworded": "≤ .45; verified ≤ .15",
}


async def measured(half: str, *, verify: bool) -> dict[str, Seen]:
    """Over all talks that are there."""
    total: dict[str, Seen] = {}
    for talk, path in TALKS.items():
        if not path.is_file():
            continue
        for kind, seen in (await judged(talk, half, verify=verify)).items():
            so_far = total.setdefault(kind, Seen())
            so_far.count += seen.count
            so_far.marked += seen.marked
            so_far.moved += seen.moved
    return total


async def main() -> None:
    tuned, held = [await measured(half, verify=False) for half in ("tune", "held")]
    verified = await measured("held", verify=True)
    rows = []
    for kind in (*LIES, *TRUE):
        shares = [found[kind].share for found in (tuned, held, verified)]
        told = "{:.2f} · {:.2f} · {:.2f}".format(*shares)
        counts = f"{kind}, {tuned[kind].count} + {held[kind].count}"
        rows.append((counts, told, WANTED[kind]))
    show("Lies, by kind: tuned · held back · verified", SIMULATES, rows)


if __name__ == "__main__":
    asyncio.run(main())
