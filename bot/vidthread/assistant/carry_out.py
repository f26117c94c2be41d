"""From what a person wants to the final reply."""

from __future__ import annotations

from dataclasses import replace

from vidthread.commands import (
    Analyze,
    Aside,
    Ask,
    Command,
    Coverage,
    Export,
    Forget,
    Help,
    Make,
    Retry,
    SetLanguage,
    SetQuiet,
    Stop,
    Unclear,
    understand,
)
from vidthread.presenter import View
from vidthread.replies import ANEW, told
from vidthread.store import Store
from vidthread.surface import Actions, Block, Notice, Reply
from youtube_analysis.errors import InvalidRequest
from youtube_analysis.models.analysis import CaptionsFile
from youtube_analysis.models.chat import MessageRole
from youtube_analysis.service_factory import ServiceFactory

from .analyses import Analyses
from .answers import answer
from .asides import answer_aside
from .requests import coverage, export, set_language, set_quiet
from .talks import forget_session, session_of
from .turn import Turn

_FORGOTTEN = (
    "Forgotten: the questions, answers and videos of this thread are deleted from my store."
)


class CannotRetry(InvalidRequest):
    code = "cannot_retry"

    def __init__(self) -> None:
        super().__init__("I do not remember what that was. Please ask again in words.")


async def carry_out(factory: ServiceFactory, store: Store, turn: Turn, view: View) -> Reply:
    """Raises VideoAnalysisError where nothing could be done at all."""
    again = isinstance(turn.command, Retry)
    if isinstance(turn.command, Retry) and turn.command.reply != "anew":
        turn.command = await _remembered(factory, turn, turn.command)
    if isinstance(turn.command, Forget):
        await forget_session(factory, turn.key)
        return _told(turn, Notice(_FORGOTTEN))
    turn.command = await _with_earlier_link(factory, turn)
    if made := await _written(factory, turn, view, again=again):
        return made
    if isinstance(turn.command, Aside):
        return _told(turn, Notice(await answer_aside(factory, store, turn.command, turn.incoming)))
    return _told(turn, await _short(factory, store, turn, turn.command))


async def _written(factory: ServiceFactory, turn: Turn, view: View, *, again: bool) -> Reply | None:
    """Analyses and answers, which grow; None for what is neither."""
    analyses, incoming = Analyses(factory), turn.incoming
    if incoming.attachments:
        file = CaptionsFile(incoming.attachments[0].name, incoming.attachments[0].content)
        return await analyses.open_video(turn, view, file, incoming.types, incoming.language)
    match turn.command:
        case Retry():
            return await analyses.anew(turn, view)
        case Analyze(link, types, language, anew):
            anew = anew or incoming.anew
            if not (anew or again) and await _is_open(factory, turn, link):
                return _told(turn, Notice("This thread is about that video."), Actions((ANEW,)))
            types, language = incoming.types or types, incoming.language or language
            return await analyses.open_video(turn, view, link, types, language, anew=anew)
        case Make(types, language, anew):
            return await analyses.make(turn, view, types, language, anew=anew)
        case Ask(question):
            return await answer(factory, turn, view, question)
    return None


async def _short(factory: ServiceFactory, store: Store, turn: Turn, command: Command) -> Block:
    match command:
        case SetLanguage(language):
            return await set_language(factory, turn, language)
        case SetQuiet(quiet):
            return await set_quiet(store, turn, quiet=quiet)
        case Coverage():
            return await coverage(factory, turn)
        case Export(form):
            return await export(factory, turn, form)
        case Unclear(reason):
            return Notice(reason)
        case Stop():
            return Notice("Nothing is being written here.")
    raise TypeError(f"no reply for {command!r}")


def _told(turn: Turn, *blocks: Block) -> Reply:
    return told(turn.reply, turn.incoming.message, *blocks)


async def _with_earlier_link(factory: ServiceFactory, turn: Turn) -> Command:
    """Where a thread has no video yet, what is asked there is about the one that people talk
    about in it; to call the bot without a word asks for that one."""
    command, incoming = turn.command, turn.incoming
    called = isinstance(command, Help) and not incoming.text and not incoming.action
    if incoming.attachments or not (called or isinstance(command, Ask | Make)):
        return command
    session = await factory.get_session_repository().get(turn.key.session, messages=0)
    known = bool(session and session.videos)
    link = "" if known else await turn.transport.earlier_link(turn.key)
    match command:
        case Ask(question) if link:
            return Analyze(link, question=question)
        case Make(types, language, anew) if link:
            return Analyze(link, types, language, anew)
    return Analyze(link) if link else command


async def _is_open(factory: ServiceFactory, turn: Turn, link: str) -> bool:
    session = await session_of(factory, turn.key)
    # After a crash in its middle, the video of this very turn may be known already.
    mine = any(message.reply == turn.reply for message in session.messages)
    known = session.videos[-1].link if session.videos else ""
    return bool(session.messages) and not mine and known == link


async def _remembered(factory: ServiceFactory, turn: Turn, command: Retry) -> Command:
    """What was wanted with the reply that is to be tried again."""
    session = await session_of(factory, turn.key)
    for message in session.messages:
        if message.reply == command.reply and message.role is MessageRole.USER:
            turn.incoming = replace(turn.incoming, text=message.text)
            return understand(message.text)
    raise CannotRetry
