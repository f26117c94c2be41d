"""Answers where we are no member: a person brought us along, and what we may write are answers to
what that person began, for fifteen minutes."""

from __future__ import annotations

from dataclasses import dataclass

from vidthread.surface import PageGone, Payload, Reply

from .thread_surface import DiscordSurface, layout_of, mark_of


@dataclass(frozen=True, slots=True)
class InteractionSurface(DiscordSurface):
    ticket: str = ""

    def opening(self, reply: Reply) -> None:
        """No opening message: threads here hang under nothing."""

    async def post(self, payload: Payload, nonce: str) -> str:
        """The first takes the place of what was said at once, the others follow it."""
        layout = layout_of(payload)
        layout.children[0].id = mark_of(nonce)
        return await self.rest.answer(self.ticket, layout)

    async def edit(self, place: str, payload: Payload) -> None:
        layout = layout_of(payload)
        self.shared_pace.note(place, grows=layout.grows)
        await self.rest.edit_answer(self.ticket, place, layout)

    async def remove(self, place: str) -> None:
        try:
            await self.rest.delete_answer(self.ticket, place)
        except PageGone:
            return

    async def find(self, nonce: str) -> str | None:
        """Follow-up messages cannot be looked up later."""
        first = await self.rest.original(self.ticket)
        if first.components and getattr(first.components[0], "id", None) == mark_of(nonce):
            return str(first.id)
        return None
