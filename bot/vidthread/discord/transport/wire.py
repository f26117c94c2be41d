"""Discord's HTTP API, as far as we use it, through its client, which knows its rate limits.

Bodies are JSON as Discord documents it; what Discord refuses is raised as a SurfaceError.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import discord
from discord.http import HTTPClient, Route

from vidthread.discord.refusals import (
    TOO_MANY_THREADS,
    WRONG_CHANNEL,
    BlockedByAutoMod,
    CannotReply,
    Refused,
    ThreadAsleep,
    ThreadExists,
    TooLarge,
    TooOld,
)
from vidthread.surface import PageGone, RateLimited, SurfaceError, SurfaceUnreachable

JSON = dict[str, Any]
# Discord's codes; the sentence of each is in its list of JSON error codes.
_UNKNOWN_MESSAGE, _OF_SOMEONE_ELSE, _LOCKED = 10008, 50005, 160005
_TRANSLATED: dict[int, type[SurfaceError]] = {
    _UNKNOWN_MESSAGE: PageGone,
    _OF_SOMEONE_ELSE: PageGone,
    30046: TooOld,
    40005: TooLarge,
    50083: ThreadAsleep,
    160002: CannotReply,
    160004: ThreadExists,
    200000: BlockedByAutoMod,
    200001: BlockedByAutoMod,
}
_REFUSALS = frozenset({_LOCKED, TOO_MANY_THREADS, WRONG_CHANNEL})
_FORBIDDING, _TOO_LARGE = frozenset({401, 403, 404}), 413
# Cloudflare, not Discord, is tired of us, and says for how long to nobody.
_BANNED_FOR = 60.0
_TRIES, _FIRST_WAIT = 3, 0.2
# Threads may be refused for minutes. The client has a limit of its own for that, which refuses
# whatever is counted in minutes, also where nothing is used up yet.
_LONGEST_WAIT = 20.0
_PRIVATE = 12
_CONNECTION_BROKEN = (aiohttp.ClientError, OSError, TimeoutError)


class Wire:
    def __init__(self, http: HTTPClient, application_id: int) -> None:
        self._http = http
        self._application = application_id

    # --- messages ---

    async def post(self, channel: str, body: Mapping[str, Any]) -> JSON:
        """With a nonce, so that a second try adds nothing."""
        path = "/channels/{channel_id}/messages"
        try:
            return await self._told("POST", path, body, channel_id=channel)
        except CannotReply:
            alone = {name: body[name] for name in body if name != "message_reference"}
            return await self._told("POST", path, alone, channel_id=channel)

    async def edit(self, channel: str, message: str, body: Mapping[str, Any]) -> JSON:
        path = "/channels/{channel_id}/messages/{message_id}"
        return await self._told("PATCH", path, body, channel_id=channel, message_id=message)

    async def delete(self, channel: str, message: str) -> None:
        path = "/channels/{channel_id}/messages/{message_id}"
        await self._ask("DELETE", path, None, channel_id=channel, message_id=message)

    async def history(self, channel: str, limit: int = 100) -> list[JSON]:
        """The newest first."""
        path = f"/channels/{{channel_id}}/messages?limit={limit}"
        found: list[JSON] = await self._ask("GET", path, None, channel_id=channel)
        return found

    # --- threads ---

    async def start_thread(self, channel: str, message: str, name: str) -> JSON:
        """Raises ThreadExists, RateLimited."""
        path = "/channels/{channel_id}/messages/{message_id}/threads"
        body = {"name": name, "auto_archive_duration": 4320}
        async with _soon():
            return await self._told("POST", path, body, channel_id=channel, message_id=message)
        raise RateLimited(_LONGEST_WAIT)

    async def start_private_thread(self, channel: str, name: str) -> JSON:
        """Raises RateLimited."""
        body = {
            "name": name, "type": _PRIVATE, "auto_archive_duration": 4320, "invitable": True,
        }  # fmt: skip
        path = "/channels/{channel_id}/threads"
        async with _soon():
            return await self._told("POST", path, body, channel_id=channel)
        raise RateLimited(_LONGEST_WAIT)

    async def add_member(self, thread: str, user: str) -> None:
        path = "/channels/{channel_id}/thread-members/{user_id}"
        await self._ask("PUT", path, None, channel_id=thread, user_id=user)

    async def active_threads(self, guild: str) -> list[JSON]:
        told = await self._ask("GET", "/guilds/{guild_id}/threads/active", None, guild_id=guild)
        threads: list[JSON] = told["threads"]
        return threads

    async def direct_channel(self, user: str) -> str:
        told = await self._ask("POST", "/users/@me/channels", {"recipient_id": user})
        return str(told["id"])

    async def rename(self, thread: str, name: str) -> None:
        await self._ask("PATCH", "/channels/{channel_id}", {"name": name}, channel_id=thread)

    async def wake(self, thread: str) -> None:
        """Out of the archive."""
        body = {"archived": False}
        await self._ask("PATCH", "/channels/{channel_id}", body, channel_id=thread)

    async def channel(self, channel: str) -> JSON:
        return await self._told("GET", "/channels/{channel_id}", None, channel_id=channel)

    # --- interactions, while their token lives ---

    async def edit_original(self, token: str, body: Mapping[str, Any]) -> JSON:
        path = "/webhooks/{webhook_id}/{webhook_token}/messages/@original"
        return await self._told("PATCH", path, body, **self._webhook(token))

    def _webhook(self, token: str) -> dict[str, Any]:
        return {"webhook_id": self._application, "webhook_token": token}

    async def download(self, url: str) -> bytes:
        """A file that somebody attached; the bot's token does not go there."""
        try:
            return await self._http.get_from_cdn(url)
        except discord.HTTPException as error:
            raise PageGone from error
        except _CONNECTION_BROKEN as error:
            raise SurfaceUnreachable from error

    async def _told(
        self, method: str, path: str, body: Mapping[str, Any] | None, **parameters: Any
    ) -> JSON:
        told: JSON = await self._ask(method, path, body, **parameters)
        return told

    async def _ask(
        self, method: str, path: str, body: Mapping[str, Any] | None, **parameters: Any
    ) -> Any:
        """Asks again where the connection broke and the client itself does not, unless a second
        try would open another thread."""
        tries = 1 if (body or {}).get("type") == _PRIVATE else _TRIES
        for left in reversed(range(tries)):
            try:
                return await self._asked(Route(method, path, **parameters), body)
            except _CONNECTION_BROKEN as error:
                if not left:
                    raise SurfaceUnreachable from error
            await asyncio.sleep(_FIRST_WAIT * (tries - left))
        raise SurfaceUnreachable

    async def _asked(self, route: Route, body: Mapping[str, Any] | None) -> Any:
        try:
            return await self._http.request(route, **_content(body))
        except discord.HTTPException as refusal:
            raise translated(refusal) from refusal


@asynccontextmanager
async def _soon() -> AsyncIterator[None]:
    """Ends where the client waits for longer than anybody would."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_LONGEST_WAIT):
            yield


def translated(refusal: discord.HTTPException) -> SurfaceError:
    code, told = refusal.code, f"{refusal.status} {refusal.code}: {refusal.text[:200]}"
    if refusal.status == 429:
        return RateLimited(_BANNED_FOR)
    if refusal.status >= 500:
        return SurfaceUnreachable(told)
    if code in _TRANSLATED:
        return _TRANSLATED[code](told)
    if refusal.status == _TOO_LARGE:
        return TooLarge(told)
    if refusal.status in _FORBIDDING or code in _REFUSALS:
        return Refused(code, told)
    return SurfaceError(told)


def _content(body: Mapping[str, Any] | None) -> dict[str, Any]:
    if body is None:
        return {}
    told = {name: value for name, value in body.items() if name != "files"}
    files = body.get("files") or ()
    if not files:
        return {"json": told}
    told["attachments"] = [{"id": n, "filename": name} for n, (name, _) in enumerate(files)]
    form = [{"name": "payload_json", "value": json.dumps(told)}]
    form += [
        {
            "name": f"files[{number}]",
            "value": content.encode(),
            "filename": name,
            "content_type": "application/octet-stream",
        }
        for number, (name, content) in enumerate(files)
    ]
    return {"form": form}
