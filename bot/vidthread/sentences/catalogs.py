"""The gettext catalogs, each read when its first sentence is said: whoever says nothing waits for
nothing."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from functools import cached_property
from gettext import GNUTranslations
from importlib import resources
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

ENGLISH = "en"


class Catalogs:
    """Those of a folder, named after their locales: `pt_BR.po`."""

    def __init__(self, folder: Traversable) -> None:
        self._folder = folder
        self._read: dict[str, GNUTranslations] = {}

    @cached_property
    def locales(self) -> tuple[str, ...]:
        names = (file.name for file in self._folder.iterdir())
        return tuple(sorted(name.removesuffix(".po") for name in names if name.endswith(".po")))

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Of all sentences that are not counted."""
        named = (message.id for message in self._parsed(ENGLISH) if message.id)
        return tuple(name for name in named if isinstance(name, str))

    def available(self, wanted: str) -> str:
        """`de-AT` and `de_DE.UTF-8` -> `de`; empty for a language that there is no catalog of."""
        name = wanted.partition(".")[0].replace("-", "_").casefold()
        language = name.partition("_")[0]
        known = {locale.casefold(): locale for locale in self.locales}
        alike = (locale for key, locale in known.items() if key.partition("_")[0] == language)
        return known.get(name) or known.get(language) or next(alike, "")

    def catalog(self, locale: str) -> GNUTranslations:
        """With the English one behind it, for what nobody has translated yet."""
        if locale not in self._read:
            self._read[locale] = catalog = self._compiled(locale)
            if locale != ENGLISH:
                catalog.add_fallback(self.catalog(ENGLISH))
        return self._read[locale]

    def _compiled(self, locale: str) -> GNUTranslations:
        from babel.messages.mofile import write_mo  # noqa: PLC0415 - see the top

        compiled = io.BytesIO()
        write_mo(compiled, self._parsed(locale))
        compiled.seek(0)
        return GNUTranslations(compiled)

    def _parsed(self, locale: str) -> Catalog:
        from babel.messages.pofile import read_po  # noqa: PLC0415 - see the top

        with self._folder.joinpath(f"{locale}.po").open("rb") as file:
            return read_po(file, locale=locale)


CATALOGS = Catalogs(resources.files(__package__).joinpath("locales"))
_spoken: ContextVar[str] = ContextVar("spoken", default=ENGLISH)


def speak(*wanted: str) -> None:
    """From here on in this task, in the first of these locales that there is a catalog of; in
    English where there is none."""
    _spoken.set(next(filter(None, map(CATALOGS.available, wanted)), ENGLISH))


def spoken() -> str:
    """The locale of whoever is served, such as `pt_BR`."""
    return _spoken.get()


def say(identity: str, /, **values: object) -> str:
    """The sentence with this id. What is none of our ids, as in what was kept by a version
    before, is the sentence itself."""
    return _filled(CATALOGS.catalog(spoken()).gettext(identity), values)


def say_count(identity: str, n: int, /, **values: object) -> str:
    """The sentence in the plural form of `n`, which it may show."""
    counted = CATALOGS.catalog(spoken()).ngettext(identity, identity, n)
    return _filled(counted, {"n": n, **values})


def say_in(locale: str, identity: str) -> str:
    """A sentence without values in this locale, whoever is served."""
    return CATALOGS.catalog(CATALOGS.available(locale) or ENGLISH).gettext(identity)


def say_all(locale: str, room: str) -> dict[str, str]:
    """The sentences of a room, such as `page`, by what they are called in it."""
    begun = f"{room}."
    named = (identity for identity in CATALOGS.ids if identity.startswith(begun))
    return {identity.removeprefix(begun): say_in(locale, identity) for identity in named}


def is_right_to_left(locale: str) -> bool:
    from babel import Locale  # noqa: PLC0415 - see the top

    return Locale.parse(locale).text_direction == "rtl"


def say_list(parts: Sequence[str]) -> str:
    """`a, b, and c`, as the language lists things."""
    from babel.lists import format_list  # noqa: PLC0415 - see the top

    return format_list(parts, locale=spoken())


def say_place(platform: str) -> str:
    """What a platform calls all of its channels together, such as “server”."""
    return say(f"place.{platform}")


def language_name(code: str) -> str:
    """`pt-BR` -> “Portuguese (Brazil)”; a code that nobody knows names itself."""
    from babel import Locale, UnknownLocaleError  # noqa: PLC0415 - see the top

    try:
        named = Locale.parse(code, sep="-").get_display_name(spoken())
    except (UnknownLocaleError, ValueError):
        named = None
    return named or code


def _filled(sentence: str, values: Mapping[str, object]) -> str:
    """Values go in as they are: what people said is never a pattern. Braces mean nothing in a
    sentence without values."""
    if not values:
        return sentence
    return sentence.format_map({name: _shown(value) for name, value in values.items()})


def _shown(value: object) -> str:
    """Numbers as they are written in the language."""
    if not isinstance(value, int | float):
        return str(value)
    from babel.numbers import format_decimal  # noqa: PLC0415 - see the top

    return format_decimal(value, locale=spoken())
