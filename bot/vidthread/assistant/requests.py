"""What can be asked of a thread besides analyses and answers: one short reply each."""

from __future__ import annotations

from datetime import UTC, datetime

from vidthread.store import Store
from vidthread.surface import Block, File, Notice
from youtube_analysis.models.analysis import AnalysisResult, AnalysisType
from youtube_analysis.models.chat import ChatSession
from youtube_analysis.service_factory import ServiceFactory
from youtube_analysis.services.content import ContentFormat, coverage_sentence

from .talks import current_reading, session_of
from .turn import Turn

_MEDIA_TYPES = {
    ContentFormat.MARKDOWN: "text/markdown",
    ContentFormat.JSON: "application/json",
    ContentFormat.HTML: "text/html",
}


async def set_language(factory: ServiceFactory, turn: Turn, language: str | None) -> Block:
    await session_of(factory, turn.key)
    await factory.get_session_repository().set_language(turn.key.session, language)
    if language is None:
        return Notice("From now on I answer in the language of the question or the video.")
    if not factory.get_video_analysis_workflow().translates:
        return Notice(
            f"From now on analyses are made from captions in “{language}” where YouTube has them. "
            "Without a language model, answers stay in the words of the speaker."
        )
    return Notice(f"From now on I answer in “{language}”.")


async def set_quiet(store: Store, turn: Turn, *, quiet: bool) -> Block:
    await store.threads.set_quiet(turn.key, quiet)
    if quiet:
        return Notice("I answer only what is addressed to me. Write *quiet off* to change that.")
    return Notice("I answer every question in this thread that is not addressed to someone else.")


async def coverage(factory: ServiceFactory, turn: Turn) -> Block:
    """Raises NoVideo."""
    session = await session_of(factory, turn.key)
    video = (await current_reading(factory, session)).video
    lines = [coverage_sentence(video), *(f"Missing: {what}." for what in video.missing)]
    return Notice("\n\n".join(lines))


async def export(factory: ServiceFactory, turn: Turn, form: ContentFormat) -> Block:
    """The analyses and answers of the thread as one file. Raises NoVideo."""
    sessions = factory.get_session_repository()
    key = turn.key.session
    session = await sessions.get(key, messages=None) or ChatSession(key)
    reading = await current_reading(factory, session)
    about = [m for m in session.messages if m.fingerprint == reading.fingerprint]
    # Of a type that was made twice, the newest.
    sections = {m.section.type: m.section for m in about if m.section}
    answers = tuple(m.answer for m in about if m.answer)
    result = AnalysisResult(
        video=reading.video,
        outputs=tuple(sections[kind] for kind in AnalysisType if kind in sections),
        failures=(),
        seconds=sum(section.seconds for section in sections.values()),
        created_at=max((m.at for m in about), default=datetime.now(UTC)),
    )
    content = factory.get_content_service().render(result, form, answers)
    name = f"{reading.video.info.video_id}.{form.value}"
    return File(name, content, _MEDIA_TYPES[form])
