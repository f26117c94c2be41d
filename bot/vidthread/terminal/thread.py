"""The terminal as a platform with one thread, which is forgotten when it ends."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from vidthread.assistant import Assistant
from vidthread.commands import Help
from vidthread.presenter import Presenter
from vidthread.sentences import say, spoken
from vidthread.store import Store
from vidthread.surface import (
    Answer,
    Block,
    Incoming,
    Limits,
    Page,
    Payload,
    Reply,
    Surface,
    ThreadGone,
)
from vidthread.thread_key import ThreadKey
from vidthread.transport import Transport
from vidthread.words import understand
from youtube_analysis.config import Settings
from youtube_analysis.metrics import Metrics
from youtube_analysis.models.analysis import AnalysisRequest
from youtube_analysis.passages.transcript import Transcript
from youtube_analysis.service_factory import ServiceFactory
from youtube_analysis.services.content import citation_dict, claim_dict

from .meter import Meter
from .screen import Terminal, markdown_of

_KEY = ThreadKey("terminal", "", "", "chat")
_PERSON = "you"


class TerminalSurface:
    """What is final is printed once; until then a person watches it grow."""

    key = _KEY
    limits = Limits(characters=10**9, measure=lambda _: 0, prints=True)
    pace = 0.12

    def __init__(self, terminal: Terminal, *, as_json: bool) -> None:
        self._terminal = terminal
        self._as_json = as_json
        self._printed: set[str] = set()
        self.question = ""

    def render(self, page: Page) -> Payload:
        text = markdown_of(page.blocks)
        answers = [block for block in page.blocks if isinstance(block, Answer)]
        return {"text": text, "live": page.live, "answer": answers[0] if answers else None}

    def opening(self, reply: Reply) -> None:
        """No opening message: threads here hang under nothing."""

    async def post(self, payload: Payload, nonce: str) -> str:
        await self.edit(nonce, payload)
        return nonce

    async def edit(self, place: str, payload: Payload) -> None:
        text = str(payload["text"])
        if payload["live"]:
            self._terminal.grow(lambda: text)
        elif place not in self._printed:
            self._printed.add(place)
            self._terminal.settle()
            self.print(text, payload["answer"])

    async def remove(self, place: str) -> None:
        """What is printed stays printed."""

    async def find(self, nonce: str) -> str | None:
        return nonce if nonce in self._printed else None

    async def entitle(self, title: str) -> None:
        self._terminal.say(title)

    def say(self, text: str) -> None:
        self._terminal.say(text)

    def print(self, text: str, answer: object = None) -> None:
        if not self._as_json:
            self._terminal.markdown(text)
            return
        shown = answer if isinstance(answer, Answer) else Answer(text, live=False, answered=False)
        self._terminal.json(
            {
                "question": self.question,
                "answer": text,
                "answered": shown.answered,
                "engine": shown.engine,
                "citations": list(map(citation_dict, shown.citations)),
                "claims": list(map(claim_dict, shown.claims)),
            }
        )


class TerminalThread(Transport):
    """Open it, say what a person says, close it. Belongs to one event loop."""

    platform = _KEY.platform

    def __init__(self, settings: Settings, terminal: Terminal, *, as_json: bool) -> None:
        self._settings = settings
        self._surface = TerminalSurface(terminal, as_json=as_json)
        self._opened = AsyncExitStack()
        self._assistant: Assistant | None = None
        self._metrics = Metrics()
        self._said = 0

    async def start(self, request: AnalysisRequest, *, patient: bool = False) -> Transcript:
        """Reads the video that the thread is about; who is `patient` waits until its passages can
        be ranked by meaning. Raises VideoAnalysisError."""
        folder = self._opened.enter_context(TemporaryDirectory(prefix="vidthread-"))
        address = f"sqlite:///{Path(folder) / 'chat.db'}"
        settings = replace(self._settings, database_url=address)
        factory = ServiceFactory(settings, metrics=self._metrics)
        await self._opened.enter_async_context(factory)
        reading = await factory.get_video_analysis_workflow().read(request)
        store = Store(factory.get_database())
        await store.open()
        if patient:
            await factory.get_meaning().wait(reading)
        sessions, link = factory.get_session_repository(), request.link
        await sessions.add_video(
            _KEY.session, reading.video, reading.fingerprint, link if isinstance(link, str) else ""
        )
        await sessions.set_language(_KEY.session, request.language)
        where = (_KEY.platform, _KEY.workspace)
        await store.workspaces.change(*where, model=request.model)
        await store.workspaces.change_style(*where, _KEY.channel, request.style)
        self._assistant = Assistant(factory, store, Presenter(store.outbox))
        self._opened.push_async_callback(self._assistant.close)
        return reading

    async def say(self, text: str) -> None:
        """Returns when the reply is printed. What is cancelled is not printed any more."""
        if self._assistant is None:
            raise RuntimeError("start the thread first")
        self._said += 1
        self._surface.question = text
        if isinstance(understand(text), Help):
            self._surface.print(say("help.terminal"))
            return
        meter = Meter(self._metrics)
        incoming = Incoming(str(self._said), _KEY, _PERSON, text=text, locale=spoken())
        await self._assistant.hear(incoming, self)
        await self._assistant.idle(_KEY)
        self._surface.say(meter.line())

    async def close(self) -> None:
        await self._opened.aclose()

    def surface_for(self, key: ThreadKey, ticket: str = "") -> Surface:
        return self._surface

    async def open(self, incoming: Incoming, title: str) -> Surface:
        return self._surface

    async def refer(self, incoming: Incoming, thread: ThreadKey) -> None:
        raise ThreadGone("there is but one thread in a terminal")

    async def refuse(self, incoming: Incoming, told: tuple[Block, ...]) -> None:
        self._surface.say(markdown_of(told))

    async def forget(self, key: ThreadKey, reply: str) -> None:
        """What is printed stays printed."""
