"""Discord's HTTP API through discord.py, which knows its rate limits; a refusal of Discord's is
raised as a SurfaceError."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import aiohttp
import discord

from vidthread.surface import (
    PageGone,
    RateLimited,
    SurfaceError,
    SurfaceUnreachable,
    ThreadGone,
)

from .layout import Layout
from .locales import Locales

Result = TypeVar("Result")
Channel = discord.abc.GuildChannel | discord.abc.PrivateChannel | discord.Thread
NOBODY = discord.AllowedMentions.none()
UNKNOWN_CHANNEL, WRONG_CHANNEL, TOO_MANY_THREADS = 10003, 50024, 160006
_LOCKED = 160005
_FORBIDDING, _TOO_LARGE = frozenset({401, 403, 404}), 413
# Without a code of Discord's own, a token that was revoked: the gateway ends too, and what is to be
# told waits for another.
_UNKNOWN_TOKEN = 401
# Cloudflare, not Discord, is tired of us, and does not say for how long.
_BANNED_FOR = 60.0
_TRIES, _FIRST_WAIT = 3, 0.2
_TYPING_LASTS = 8.0  # of the ten seconds that Discord shows it
_CONNECTION_BROKEN = (aiohttp.ClientError, OSError, TimeoutError)


class PlaceRefused(ThreadGone):
    """Discord does not let us: `code` is one of its own."""

    def __init__(self, code: int, told: str) -> None:
        super().__init__(told)
        self.code = code


class ThreadExists(SurfaceError):
    """The message has its one thread already."""


class ThreadAsleep(PageGone):
    """Nothing in an archived thread can be edited."""


class TooOld(PageGone):
    """Messages that are older than an hour can be edited only so often."""


class BlockedByAutoMod(SurfaceError):
    """A text that this server does not want to see."""


class TooLarge(SurfaceError):
    """A file that this server does not take."""


class CannotReply(SurfaceError):
    """We may write here, but not refer to what others wrote."""


# Discord's codes; the sentence of each is in its list of JSON error codes.
_TRANSLATED: dict[int, type[SurfaceError]] = {
    10008: PageGone,
    30046: TooOld,
    40005: TooLarge,
    50005: PageGone,
    50083: ThreadAsleep,
    160002: CannotReply,
    160004: ThreadExists,
    200000: BlockedByAutoMod,
    200001: BlockedByAutoMod,
}
_REFUSALS = frozenset({_LOCKED, TOO_MANY_THREADS, WRONG_CHANNEL})


class DiscordRest:
    """`client` is whichever is logged in now: it is another one after the gateway was rebuilt."""

    client: discord.AutoShardedClient

    def __init__(self) -> None:
        self.locales = Locales()

    @property
    def is_open(self) -> bool:
        return hasattr(self, "client") and not self.client.is_closed()

    async def ask(
        self, work: Callable[[discord.AutoShardedClient], Awaitable[Result]], tries: int = _TRIES
    ) -> Result:
        """Asks again where the connection broke, which discord.py does not."""
        for left in reversed(range(tries)):
            client = self.client
            try:
                return await work(client)
            except discord.HTTPException as refusal:
                raise _translated(refusal) from refusal
            except RuntimeError as error:
                # aiohttp's word for a session that was closed meanwhile.
                if not client.is_closed():
                    raise
                raise SurfaceUnreachable(str(error)) from error
            except _CONNECTION_BROKEN as error:
                if not left:
                    raise SurfaceUnreachable from error
            await asyncio.sleep(_FIRST_WAIT * (tries - left))
        raise SurfaceUnreachable

    async def post(self, channel: str, layout: Layout, nonce: str) -> discord.Message:
        """The message with this nonce, of at most 25 characters: Discord knows it for some
        minutes, and a second try adds nothing."""
        try:
            return await self.ask(lambda client: _send(client, channel, layout, nonce, layout.to))
        except CannotReply:
            return await self.ask(lambda client: _send(client, channel, layout, nonce))

    async def edit(self, channel: str, message: str, layout: Layout) -> None:
        async def edit(client: discord.Client) -> discord.Message:
            place = client.get_partial_messageable(int(channel))
            known = place.get_partial_message(int(message))
            return await known.edit(view=layout, allowed_mentions=NOBODY)

        await self.ask(edit)

    async def history(self, channel: str) -> list[discord.Message]:
        """The newest hundred, the newest first."""

        async def read(client: discord.Client) -> list[discord.Message]:
            place = client.get_partial_messageable(int(channel))
            return [message async for message in place.history(limit=100)]

        return await self.ask(read)

    async def channel(self, identity: str, *, fresh: bool = False) -> Channel:
        """From the client's memory, unless it is to be `fresh`: archived threads are not in it,
        and before the gateway is ready nothing is."""

        async def find(client: discord.Client) -> Channel:
            known = None if fresh else client.get_channel(int(identity))
            return known or await client.fetch_channel(int(identity))

        return await self.ask(find)

    async def download(self, file: discord.Attachment) -> bytes:
        return await self.ask(lambda _: file.read())

    async def edit_thread(self, identity: str, **changes: Any) -> None:
        thread = await self.channel(identity)
        if isinstance(thread, discord.Thread):
            await self.ask(lambda _: thread.edit(**changes))

    async def edit_original(self, token: str, layout: Layout) -> discord.WebhookMessage:
        """The answer to an interaction, while its token lives; after a restart too."""

        async def edit(client: discord.Client) -> discord.WebhookMessage:
            webhook = _interaction_webhook(client, token)
            # Discord's own name for that answer. discord.py has a method for it only on an
            # interaction that it heard itself.
            original: Any = "@original"
            return await webhook.edit_message(original, view=layout, allowed_mentions=NOBODY)

        return await self.ask(edit)

    async def replace_original(self, token: str, layout: Layout) -> None:
        """Takes the answer that everybody saw away, and tells one person alone. (The first message
        that follows what was deferred would take its place and be seen by everybody, too.)"""

        async def follow(client: discord.Client) -> None:
            webhook = _interaction_webhook(client, token)
            await _delete_original(webhook)
            await webhook.send(view=layout, ephemeral=True, allowed_mentions=NOBODY)

        await self.ask(follow)

    async def original(self, token: str) -> discord.WebhookMessage:
        """The first answer to an interaction."""
        return await self.ask(lambda client: _original(_interaction_webhook(client, token)))

    async def answer(self, token: str, layout: Layout) -> str:
        """The id of what was told: the first answer, where it says nothing yet, else another."""

        async def tell(client: discord.Client) -> discord.WebhookMessage:
            webhook = _interaction_webhook(client, token)
            first, files = await _original(webhook), _files(layout)
            if first.flags.loading:
                return await webhook.edit_message(
                    first.id, view=layout, attachments=files, allowed_mentions=NOBODY
                )
            return await webhook.send(
                view=layout, files=files, allowed_mentions=NOBODY, silent=True, wait=True
            )

        return str((await self.ask(tell, tries=1)).id)

    async def edit_answer(self, token: str, message: str, layout: Layout) -> None:
        async def edit(client: discord.Client) -> None:
            webhook = _interaction_webhook(client, token)
            await webhook.edit_message(int(message), view=layout, allowed_mentions=NOBODY)

        await self.ask(edit)

    async def delete_answer(self, token: str, message: str) -> None:
        async def delete(client: discord.Client) -> None:
            await _interaction_webhook(client, token).delete_message(int(message))

        await self.ask(delete)

    async def delete_original(self, token: str) -> None:
        await self.ask(lambda client: _delete_original(_interaction_webhook(client, token)))

    @asynccontextmanager
    async def typing(self, channel: str) -> AsyncIterator[None]:
        """Shows the typing sign; a failure to show it does not matter."""
        typing = asyncio.create_task(self._type(channel), name="type")
        try:
            yield
        finally:
            typing.cancel()
            await asyncio.wait([typing])

    async def _type(self, channel: str) -> None:
        async def type_once(client: discord.Client) -> None:
            await client.get_partial_messageable(int(channel)).typing()

        with suppress(SurfaceError):
            while True:
                await self.ask(type_once)
                await asyncio.sleep(_TYPING_LASTS)


async def _original(webhook: discord.Webhook) -> discord.WebhookMessage:
    original: Any = "@original"  # as in `edit_original`
    return await webhook.fetch_message(original)


async def _delete_original(webhook: discord.Webhook) -> None:
    original: Any = "@original"  # as in `edit_original`
    with suppress(discord.NotFound):
        await webhook.delete_message(original)


def _interaction_webhook(client: discord.Client, token: str) -> discord.Webhook:
    """discord.py makes one only of an interaction that it heard itself; of its public ways to make
    others none is an application's, and only those send to one person alone."""
    told: Any = {"id": client.application_id or 0, "type": 3, "token": token}
    return discord.Webhook.from_state(told, client._connection)  # noqa: SLF001 - see above


async def _send(
    client: discord.Client, channel: str, layout: Layout, nonce: str, to: str = ""
) -> discord.Message:
    place = client.get_partial_messageable(int(channel))
    told: dict[str, Any] = {}
    if to:
        answered = place.get_partial_message(int(to))
        told["reference"] = answered.to_reference(fail_if_not_exists=False)
    if layout.files:
        told["files"] = _files(layout)
    return await place.send(view=layout, nonce=nonce, silent=True, allowed_mentions=NOBODY, **told)


def _files(layout: Layout) -> list[discord.File]:
    return [discord.File(io.BytesIO(content.encode()), name) for name, content in layout.files]


def _translated(refusal: discord.HTTPException) -> SurfaceError:
    code, told = refusal.code, f"{refusal.status} {refusal.code}: {refusal.text[:200]}"
    if refusal.status == 429:
        return RateLimited(_BANNED_FOR)
    if refusal.status >= 500 or (refusal.status == _UNKNOWN_TOKEN and not code):
        return SurfaceUnreachable(told)
    if code in _TRANSLATED:
        return _TRANSLATED[code](told)
    if refusal.status == _TOO_LARGE:
        return TooLarge(told)
    if refusal.status in _FORBIDDING or code in _REFUSALS:
        return PlaceRefused(code, told)
    return SurfaceError(told)
