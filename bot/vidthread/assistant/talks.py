"""What a thread is about: its session and the reading of its video."""

from __future__ import annotations

from vidthread.thread_key import ThreadKey
from youtube_analysis.errors import InvalidRequest
from youtube_analysis.models.chat import ChatMessage, ChatSession, MessageRole
from youtube_analysis.passages.reading import Reading
from youtube_analysis.service_factory import ServiceFactory


class NoVideo(InvalidRequest):
    code = "no_video"

    def __init__(self) -> None:
        super().__init__(
            "There is no video in this thread yet. Send a link to one on YouTube, or drop a "
            "captions file (.srt, .vtt, .txt …)."
        )


async def current_reading(factory: ServiceFactory, session: ChatSession) -> Reading:
    """The video that a thread talks about: the one opened last. Raises NoVideo.

    It comes from what was kept when it was read, so that a thread goes on after a restart
    whatever YouTube says.
    """
    if not session.videos:
        raise NoVideo
    fingerprint = session.videos[-1].fingerprint
    video = await factory.get_session_repository().video(fingerprint)
    if video is None:
        raise NoVideo
    return await factory.get_transcript_service().recall(video, fingerprint)


def turns_about(session: ChatSession, reading: Reading) -> tuple[ChatMessage, ...]:
    """What was said in the thread about this video, oldest first; refusals teach nothing."""
    return tuple(
        message
        for message in session.messages
        if message.fingerprint == reading.fingerprint and message.text
    )


async def session_of(factory: ServiceFactory, key: ThreadKey) -> ChatSession:
    return await factory.get_session_repository().open(key.session)


async def forget_session(factory: ServiceFactory, key: ThreadKey) -> None:
    """Of captions that were handed in, what is cached goes with it; videos of YouTube's are no
    thread's own."""
    session = await factory.get_session_repository().get(key.session, messages=0)
    await factory.get_session_repository().forget(key.session)
    for video in session.videos if session else ():
        if not video.link:
            await factory.get_cache_repository().forget(video.fingerprint)


def said(turn_reply: str, text: str, reading: Reading) -> ChatMessage:
    """What a person wrote, for the log of the thread."""
    return ChatMessage(MessageRole.USER, text, reply=turn_reply, fingerprint=reading.fingerprint)
