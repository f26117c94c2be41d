"""A pseudo-locale: every sentence of the English catalog, marked and longer. What comes without the
marks was not taken from a catalog; what does not fit would not fit in German either."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from vidthread.sentences import catalogs

LOCALES = resources.files("vidthread.sentences").joinpath("locales")
OPEN, CLOSE = "⟦", "⟧"
_VALUE = re.compile(r"\{[a-z_]+\}")
# Names of commands on Discord: small letters, and no brackets.
NAMES = re.compile(r"slash\.[a-z]+")
_LONGER = 0.35


def read(locale: str) -> Catalog:
    with LOCALES.joinpath(f"{locale}.po").open("rb") as file:
        return read_po(file, locale=locale)


def sentences(catalog: Catalog) -> Iterator[Message]:
    return (message for message in catalog if message.id)


def texts(message: Message) -> tuple[str, ...]:
    """One, or one for each plural form."""
    told = message.string or ""
    return (told,) if isinstance(told, str) else tuple(told)


def values(text: str) -> set[str]:
    return set(_VALUE.findall(text))


def identity(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def marked(text: str) -> str:
    return f"{OPEN}{text}{'·' * round(_LONGER * len(_VALUE.sub('', text)))}{CLOSE}"


@contextmanager
def pseudo_locale(
    folder: Path, monkeypatch: pytest.MonkeyPatch, locale: str = "de"
) -> Iterator[None]:
    """While it lasts, this locale has the marked catalog, and English its own."""
    english, made = read("en"), Catalog(locale)
    for message in sentences(english):
        is_name = NAMES.fullmatch(identity(message))
        told = tuple(f"{text}x" if is_name else marked(text) for text in texts(message))
        made.add(message.id, told[0] if isinstance(message.id, str) else told)
    for name, catalog in (("en", english), (locale, made)):
        content = io.BytesIO()
        write_po(content, catalog)
        (folder / f"{name}.po").write_bytes(content.getvalue())
    with monkeypatch.context() as patched:
        patched.setattr(catalogs, "CATALOGS", catalogs.Catalogs(folder))
        yield
