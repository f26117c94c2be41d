"""The page's own sentences: each has one place, and each language has them all."""

from __future__ import annotations

import json
import re
from importlib import resources

import pytest

ROOM = resources.files("vidthread.playground")
CATALOGS = {
    path.name.removesuffix(".json"): json.loads(path.read_text(encoding="utf-8"))
    for path in ROOM.joinpath("sentences").iterdir()
}
FILES = {path.name: path.read_text(encoding="utf-8") for path in ROOM.joinpath("page").iterdir()}
_ID = re.compile(r"""(?:"|\{\{)([a-z]+\.[a-z_]+)(?:"|\}\})""")
_FORM = re.compile(r"\.(?:zero|one|two|few|many|other)$")


def whole(catalog: dict[str, str]) -> set[str]:
    """The ids, those of plural forms once."""
    return {_FORM.sub("", sentence) for sentence in catalog}


def test_what_the_page_says_is_in_the_catalog_and_nothing_else_is() -> None:
    rooms = {sentence.split(".")[0] for sentence in whole(CATALOGS["en"])}
    said = {one for text in FILES.values() for one in _ID.findall(text)}
    assert {one for one in said if one.split(".")[0] in rooms} == whole(CATALOGS["en"])


@pytest.mark.parametrize("language", sorted(CATALOGS))
def test_each_language_has_all_sentences_with_their_values(language: str) -> None:
    english, other = CATALOGS["en"], CATALOGS[language]
    assert whole(other) == whole(english)
    for sentence in filter(lambda one: not _FORM.search(one), english):
        assert values(other[sentence]) == values(english[sentence]), sentence
    assert all(other.values())


def values(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))
