"""youtube-transcript-api asks through a requests session; this one sends each through ours."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import requests

from youtube_analysis.http import HttpAnswer, HttpSession


class BridgedSession:
    """The part of requests.Session that the library uses, for one call from a worker thread.

    `page` and `player` are the two answers that tell the video's info, as they came.
    """

    def __init__(self, http: HttpSession, on_answer: Callable[[], None]) -> None:
        self.headers: dict[str, str] = dict(requests.utils.default_headers())
        self.headers["Accept-Encoding"] = "gzip, deflate"
        self.cookies = _Cookies()
        self.proxies: dict[str, str] = {}
        self.page = ""
        self.player: dict[str, Any] = {}
        self.last: HttpAnswer | None = None
        self._http = http
        self._on_answer = on_answer
        self._loop = asyncio.get_running_loop()
        self._under_way: Future[HttpAnswer] | None = None
        self._cancelled = False

    def get(self, url: str) -> BridgedResponse:
        response = self._send("GET", url)
        if "/watch" in url:
            self.page = response.text
        return response

    def post(self, url: str, json: object) -> BridgedResponse:
        response = self._send("POST", url, json)
        player = _object(response)
        if player is not None:
            self.player = player
        return response

    def mount(self, prefix: str, adapter: object) -> None:
        """Retries and pools are the session's own; the library's adapters are not needed."""

    def cancel(self) -> None:
        """Ends the worker's wait at once; it raises CancelledError there."""
        self._cancelled = True
        if self._under_way:
            self._under_way.cancel()

    def _send(self, method: str, url: str, body: object = None) -> BridgedResponse:
        request = self._http.send(
            method, url, headers=self.headers, json=body, cookies=self.cookies.values
        )
        self._under_way = asyncio.run_coroutine_threadsafe(request, self._loop)
        if self._cancelled:
            self._under_way.cancel()
        self.last = self._under_way.result()
        self._loop.call_soon_threadsafe(self._on_answer)
        return BridgedResponse(self.last)


class BridgedResponse:
    """The part of requests.Response that the library uses."""

    def __init__(self, answer: HttpAnswer) -> None:
        self._answer = answer
        self.status_code = answer.status
        self.text = answer.text

    def json(self) -> Any:
        return json.loads(self.text)

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise requests.HTTPError(f"status {self.status_code}")


class _Cookies:
    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def set(self, name: str, value: str, domain: str) -> None:  # noqa: ARG002 - requests' own shape
        """The session asks one site only, so the domain says nothing new."""
        # A value out of YouTube's page must not end the header or start another cookie.
        self.values[name] = "".join(c for c in value if c.isprintable() and c not in ';,"\\ ')


def _object(response: BridgedResponse) -> dict[str, Any] | None:
    try:
        parsed = response.json()
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None
