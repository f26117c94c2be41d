"""A client of the local Discord that does what it is told, and waits for nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import aiohttp

from fakes.discord_guilds import Channel
from fakes.discord_server import LocalDiscord


@dataclass(frozen=True)
class Asking:
    server: LocalDiscord
    session: aiohttp.ClientSession

    async def __call__(
        self, method: str, path: str, body: Any = None, token: str | None = None
    ) -> tuple[int, Any]:
        """The status, and the code of a refusal or what else was answered."""
        headers = {"Authorization": f"Bot {token or self.server.token}"}
        url = self.server.api + path
        async with self.session.request(method, url, json=body, headers=headers) as answer:
            told: Any = await answer.json() if answer.status != 204 else {}
            return answer.status, told.get("code", told) if answer.status >= 400 else told

    async def post(self, channel: Channel, **body: Any) -> tuple[int, Any]:
        return await self("POST", f"/channels/{channel.id}/messages", body)

    async def write(self, channel: Channel, text: str = "hello") -> str:
        """The id of a message of the bot's."""
        status, told = await self.post(channel, content=text)
        assert status == 200
        return str(told["id"])
