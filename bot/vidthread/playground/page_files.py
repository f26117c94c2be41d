"""The page as files. Its sentences come from the catalogs, in the language that the browser
prefers, and are put in where the page is asked for."""

from __future__ import annotations

import json
import re
from functools import cache
from html import escape
from importlib import resources

from aiohttp import web

from vidthread.sentences import is_right_to_left, say, say_all, spoken
from vidthread.web import failed
from youtube_analysis.concurrency import BLOCKING, offload

_FILES = resources.files(__package__).joinpath("page")
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


async def _page(_: web.Request) -> web.Response:
    return await _in_language("index.html")


async def _missing(request: web.Request) -> web.Response:
    if "text/html" in request.headers.get("Accept", ""):
        return await _in_language("missing.html", status=404)
    return failed(404, "not_found", say("error.not_found.page"))


async def _file(request: web.Request) -> web.Response:
    path = _FILES.joinpath(request.match_info["name"])
    if not path.is_file():
        return failed(404, "not_found", say("error.not_found.page"))
    content = await offload(path.read_bytes, lane=BLOCKING)
    kind = _TYPES[f".{path.name.rpartition('.')[2]}"]
    headers = {"Cache-Control": "no-cache"}
    return web.Response(body=content, content_type=kind, charset="utf-8", headers=headers)


async def _in_language(name: str, status: int = 200) -> web.Response:
    page = await offload(_filled, name, spoken(), lane=BLOCKING)
    headers = {"Cache-Control": "no-cache", "Vary": "Accept, Accept-Language"}
    return web.Response(text=page, status=status, content_type="text/html", headers=headers)


@cache
def _filled(name: str, locale: str) -> str:
    sentences = say_all(locale, "page")
    # Inside of a script element, no text may look like its end.
    told = json.dumps(sentences, ensure_ascii=False).replace("<", "\\u003c")
    values = {name: escape(sentence) for name, sentence in sentences.items()}
    direction = "rtl" if is_right_to_left(locale) else "ltr"
    values |= {"language": locale.replace("_", "-"), "direction": direction, "sentences": told}
    template = _FILES.joinpath(name).read_text(encoding="utf-8")
    return _PLACE.sub(lambda place: values[place[1]], template)
