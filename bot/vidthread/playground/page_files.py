"""The page as files. Its sentences stand in one catalog for each language, by id; the server puts
them in where the page is asked for, in the language that the browser prefers."""

from __future__ import annotations

import json
import re
from functools import cache
from html import escape
from importlib import resources

from aiohttp import web

from vidthread.web import failed
from youtube_analysis.concurrency import BLOCKING, offload

_FILES = resources.files(__package__).joinpath("page")
_CATALOGS = resources.files(__package__).joinpath("sentences")
# With the direction in which they are written; what comes first is spoken where nothing fits.
_LANGUAGES = {"en": "ltr", "ar": "rtl"}
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_PLACE = re.compile(r"\{\{([a-z._]+)\}\}")
_PATH = "/static/{name:[a-z-]+\\.(?:js|css|svg)}"


def page_routes() -> list[web.RouteDef]:
    """Last of all: what no other route answers is a page that is not there."""
    return [
        web.get("/", _page),
        web.get("/t/{id}", _page),
        web.get(_PATH, _file),
        web.get("/{nothing:.*}", _missing),
    ]


async def _page(request: web.Request) -> web.Response:
    return await _in_language(request, "index.html")


async def _missing(request: web.Request) -> web.Response:
    if "text/html" in request.headers.get("Accept", ""):
        return await _in_language(request, "missing.html", status=404)
    return failed(404, "not_found", "There is no such page.")


async def _file(request: web.Request) -> web.Response:
    path = _FILES.joinpath(request.match_info["name"])
    if not path.is_file():
        return failed(404, "not_found", "There is no such page.")
    content = await offload(path.read_bytes, lane=BLOCKING)
    kind = _TYPES[f".{path.name.rpartition('.')[2]}"]
    headers = {"Cache-Control": "no-cache"}
    return web.Response(body=content, content_type=kind, charset="utf-8", headers=headers)


async def _in_language(request: web.Request, name: str, status: int = 200) -> web.Response:
    language = _preferred(request.headers.get("Accept-Language", ""))
    page = await offload(_filled, name, language, lane=BLOCKING)
    headers = {"Cache-Control": "no-cache", "Vary": "Accept, Accept-Language"}
    return web.Response(text=page, status=status, content_type="text/html", headers=headers)


def _preferred(accepted: str) -> str:
    """Browsers name the languages that a person reads in their order."""
    named = (part.partition(";")[0].strip().lower() for part in accepted.split(","))
    known = (tag.partition("-")[0] for tag in named)
    return next((tag for tag in known if tag in _LANGUAGES), next(iter(_LANGUAGES)))


@cache
def _filled(name: str, language: str) -> str:
    catalog = _CATALOGS.joinpath(f"{language}.json").read_text(encoding="utf-8")
    sentences = json.loads(catalog)
    # Inside of a script element, no text may look like its end.
    told = json.dumps(sentences, ensure_ascii=False).replace("<", "\\u003c")
    values = {name: escape(sentence) for name, sentence in sentences.items()}
    values |= {"language": language, "direction": _LANGUAGES[language], "sentences": told}
    template = _FILES.joinpath(name).read_text(encoding="utf-8")
    return _PLACE.sub(lambda place: values[place[1]], template)
