"""From an event to the thread in which it is answered."""

from __future__ import annotations

from dataclasses import dataclass

from vidthread.commands import Analyze, Command
from vidthread.presenter import Presenter
from vidthread.store import Store
from vidthread.surface import CannotOpen, Incoming, Surface, ThreadGone, Transport
from vidthread.thread_key import ThreadKey
from youtube_analysis.models.link import parse_link
from youtube_analysis.service_factory import ServiceFactory

_ELSEWHERE = "The admins here chose where I work: {channels}. Ask there."


@dataclass(frozen=True, slots=True)
class Led:
    """The thread that an event led to, and whether it was there before for the same video."""

    key: ThreadKey
    existing: bool


class Entrance:
    def __init__(self, factory: ServiceFactory, store: Store, presenter: Presenter) -> None:
        self._factory = factory
        self._store = store
        self._presenter = presenter

    async def lead(
        self,
        row: int,
        key: ThreadKey,
        incoming: Incoming,
        command: Command,
        transport: Transport,
    ) -> Surface | Led:
        """The thread to answer in; Led where another one has the answer already, and whoever
        asked was told so. Raises SurfaceError, VideoAnalysisError."""
        sessions = self._factory.get_session_repository()
        if not key.thread or await sessions.get(key.session, messages=0) is None:
            await self._check_channel(incoming)
        if key.thread:
            return transport.surface_for(key)
        existing = await self._existing(incoming, command)
        if existing and await self._referred(incoming, existing, transport):
            return Led(existing, existing=True)
        surface = await self._presenter.insist(lambda: transport.open(incoming))
        await self._store.ledger.bind(row, surface.key)
        title = incoming.attachments[0].name if incoming.attachments else incoming.text
        await sessions.open(surface.key.session, title[:100])
        return surface

    async def _check_channel(self, incoming: Incoming) -> None:
        key = incoming.key
        settings = await self._store.workspaces.get(key.platform, key.workspace)
        if not settings.allows(key.channel):
            named = ", ".join(f"<#{channel}>" for channel in settings.channels)
            raise CannotOpen(_ELSEWHERE.format(channels=named))

    async def _referred(
        self, incoming: Incoming, existing: ThreadKey, transport: Transport
    ) -> bool:
        """False where that thread was deleted meanwhile: then nothing is kept of it."""
        try:
            await self._presenter.insist(lambda: transport.refer(incoming, existing))
        except ThreadGone:
            await self._factory.get_session_repository().forget(existing.session)
            await self._store.forget(existing)
            return False
        return True

    async def _existing(self, incoming: Incoming, command: Command) -> ThreadKey | None:
        """The thread that this place has for the same video already."""
        if not isinstance(command, Analyze) or incoming.anew or command.anew or incoming.private:
            return None
        sessions, video = self._factory.get_session_repository(), parse_link(command.link)
        found = await sessions.find(incoming.key.place_prefix, video.video_id)
        return ThreadKey.of_session(found) if found else None
