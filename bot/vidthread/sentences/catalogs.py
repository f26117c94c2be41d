"""The gettext catalogs in `locales`, each read when its first sentence is said: whoever says
nothing waits for nothing."""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations
from importlib import resources

ENGLISH = "en"
FOLDER = resources.files(__package__).joinpath("locales")
_spoken: ContextVar[str] = ContextVar("spoken", default=ENGLISH)


def speak(*wanted: str) -> None:
    """From here on in this task, in the first of these locales that there is a catalog of; in
    English where there is none."""
    found = next(filter(None, map(_available, wanted)), ENGLISH)
    _spoken.set(found)


def spoken() -> str:
    """The locale of whoever is served, such as `pt_BR`."""
    return _spoken.get()


def say(identity: str, /, **values: object) -> str:
    """The sentence with this id. What is none of our ids, as in what was kept by a version
    before, is the sentence itself."""
    return _filled(_catalog(spoken()).gettext(identity), values)


def say_in(locale: str, identity: str) -> str:
    """A sentence without values in this locale, whoever is served."""
    return _catalog(_available(locale) or ENGLISH).gettext(identity)


def say_count(identity: str, n: int, /, **values: object) -> str:
    """The sentence in the plural form of `n`, which it may show."""
    return _filled(_catalog(spoken()).ngettext(identity, identity, n), {"n": n, **values})


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


@cache
def locales() -> tuple[str, ...]:
    """Those that there are catalogs of."""
    files = (file.name for file in FOLDER.iterdir())
    return tuple(sorted(name.removesuffix(".po") for name in files if name.endswith(".po")))


@cache
def _available(wanted: str) -> str:
    """`de-AT` and `de_DE.UTF-8` -> `de`; empty for a language that there is no catalog of."""
    name = wanted.partition(".")[0].replace("-", "_").casefold()
    language = name.partition("_")[0]
    known = {locale.casefold(): locale for locale in locales()}
    alike = (locale for key, locale in known.items() if key.partition("_")[0] == language)
    return known.get(name) or known.get(language) or next(alike, "")


@cache
def _catalog(locale: str) -> GNUTranslations:
    """With the English one behind it, for what nobody has translated yet."""
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - see the top
    from babel.messages.pofile import read_po  # noqa: PLC0415 - as above

    compiled = io.BytesIO()
    with FOLDER.joinpath(f"{locale}.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=locale))
    compiled.seek(0)
    catalog = GNUTranslations(compiled)
    if locale != ENGLISH:
        catalog.add_fallback(_catalog(ENGLISH))
    return catalog


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
