"""What an event asks for, as far as only its thread tells."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from msgspec.structs import asdict
from msgspec.structs import replace as replace_struct

from vidthread.commands import Analyze, Ask, Command, Help, Make, Retry, Unclear
from vidthread.sentences import say
from vidthread.store import Ledger
from vidthread.surface import Incoming
from vidthread.thread_key import ThreadKey
from vidthread.words import find_link, pasted_text, understand
from youtube_analysis.concurrency import lane_for, offload
from youtube_analysis.errors import InvalidRequest
from youtube_analysis.service_factory import ServiceFactory

from .turn import Turn

# Presses of “Try again” that are followed back to what was wanted.
_MOST_RETRIES = 20


class CannotRetry(InvalidRequest):
    code = "cannot_retry"

    def __init__(self) -> None:
        super().__init__(say("error.cannot_retry"))


class Meaning:
    def __init__(self, factory: ServiceFactory, ledger: Ledger) -> None:
        self._sessions = factory.get_session_repository()
        self._ledger = ledger

    async def of(self, turn: Turn) -> Incoming:
        """The event with the command that it comes to. Raises InvalidRequest."""
        heard = await self._asked_by_file(turn, await self._remembered(turn))
        if not turn.key.thread:
            return heard
        return replace(heard, command=await self._with_earlier_link(turn, heard))

    async def _remembered(self, turn: Turn) -> Incoming:
        """With what was wanted with the reply that is to be tried again, file included; one that
        was itself interrupted leads to the one before."""
        if not isinstance(turn.command, Retry):
            return turn.incoming
        wanted: Incoming | None = turn.incoming
        for _ in range(_MOST_RETRIES):
            if wanted is None or not isinstance(wanted.command, Retry):
                break
            wanted = await self._ledger.wanted(turn.key, wanted.command.reply)
        if wanted is None or isinstance(wanted.command, Retry):
            raise CannotRetry
        if isinstance(wanted.command, Analyze) and not (wanted.command.link or wanted.attachments):
            # What ended before its file was read has none yet.
            wanted = await turn.transport.complete(wanted)
        text, command, files = wanted.text, wanted.command, wanted.attachments
        private = turn.incoming.private or wanted.private
        return replace(
            turn.incoming, text=text, command=command, attachments=files, private=private
        )

    async def _asked_by_file(self, turn: Turn, heard: Incoming) -> Incoming:
        """A text file that is no captions is what was asked, about the video whose link stands
        beside it or about the one that people talk about here. It is the talk where there is
        neither, or where its author says what to make of it. Raises PasteTooLong."""
        command, files = heard.command, heard.attachments
        if not (heard.message and files and isinstance(command, Analyze)):
            return heard
        linked = understand(heard.text)
        led = linked if isinstance(linked, Analyze) and linked.link else None
        if led is None and (command.types or not await self._talks(turn)):
            return heard
        file, beside = files[0], command.question
        reading = partial(pasted_text, file.name, file.content, beside=beside)
        pasted = await offload(reading, lane=lane_for(len(file.content)))
        if not pasted:
            return heard
        question = f"{beside}\n\n{pasted}".strip()
        wanted = replace_struct(led, question=question) if led else Ask(question)
        return replace(heard, command=wanted, attachments=())

    async def _talks(self, turn: Turn) -> bool:
        """Whether there is a video in the thread, or a link that we did not hear."""
        if not turn.key.thread:
            return False
        session = await self._sessions.get(turn.key.session, messages=0)
        known = bool(session and session.videos)
        return known or bool(await turn.transport.earlier_link(turn.key))

    async def _with_earlier_link(self, turn: Turn, heard: Incoming) -> Command | None:
        """Where a thread has no video yet, what is asked there is about the one that people talk
        about in it; to call the bot without a word asks for that one, or what one wants to know of
        the one that it has. What is said to the bot alone goes on about the newest video that it
        was sent."""
        command = heard.command
        called = isinstance(command, Help) and not heard.text
        if not (called or isinstance(command, Ask | Make)):
            return command
        session = await self._sessions.get(turn.key.session, messages=0)
        known = bool(session and session.videos)
        if known or (heard.direct and await self._took_newest_video(turn.key)):
            return Unclear("unclear.write_question") if called else command
        link = await turn.transport.earlier_link(turn.key)
        match command:
            case Ask(question) if link:
                return Analyze(link, question=question)
            case Make() if link:
                return Analyze(link, **asdict(command))
        return Analyze(link) if link else command

    async def _took_newest_video(self, key: ThreadKey) -> bool:
        """Makes the thread one about the newest video of its channel; False where that one is not
        read yet, or there is none."""
        recent = await self._sessions.recent(key.place_prefix)
        newest = next((s for s in recent if s.videos or find_link(s.title)), None)
        if newest is None or not newest.videos:
            return False
        about = newest.videos[-1]
        video = await self._sessions.video(about.fingerprint)
        if video:
            await self._sessions.add_video(key.session, video, about.fingerprint, about.link)
        return video is not None
