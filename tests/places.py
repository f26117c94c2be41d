"""What every platform is to those who write there; the contract suite knows no more of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from fakes.model import LocalModel
from fakes.youtube import LocalYouTube
from vidthread.adapter import Adapter, House
from vidthread.config import BotSettings
from vidthread.run import open_house
from vidthread.thread_key import ThreadKey
from youtube_analysis import Settings

SENTENCES = 60


def link(number: int) -> str:
    return f"https://youtu.be/video{number:06}"


def cues(number: int) -> tuple[tuple[str, float, float], ...]:
    """A talk of five minutes, whose every sentence tells which talk it is of."""
    return tuple(
        (f"In talk {number} sentence {n} is about crane {n} of harbour {number}.", 5.0 * n, 5.0)
        for n in range(SENTENCES)
    )


@dataclass
class Shown:
    """A message of ours: all that was seen of it, the newest last."""

    key: str
    versions: list[str] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.versions[-1]


class World:
    """One platform, a local YouTube and a local model around one house."""

    limit = 10**9
    """The most characters of a message."""
    finds_links = False
    """Whether people can write a link into a thread before the bot is called there."""

    def __init__(self, folder: Path, youtube: LocalYouTube, model: LocalModel) -> None:
        self.youtube = youtube
        self.model = model
        self.settings = Settings(
            youtube_url=youtube.url,
            openai_base_url=model.url,
            openai_model="local",
            rate_per_minute=100_000,
            rate_concurrent=50,
            database_url=f"sqlite:///{folder / 'vidthread.db'}",
        )
        self.retain_days: int | None = None
        self.house: House
        self._open = AsyncExitStack()

    def adapter(self) -> Adapter:
        raise NotImplementedError

    def key(self, thread: str) -> ThreadKey:
        raise NotImplementedError

    def bot(self) -> BotSettings:
        return BotSettings(web_port=0)

    async def start(self) -> None:
        bot = replace(self.bot(), retain_days=self.retain_days)
        opening = open_house(self.settings, bot, [self.adapter()])
        self.house = await self._open.enter_async_context(opening)

    async def stop(self) -> None:
        await self._open.aclose()
        self._open = AsyncExitStack()

    async def end(self) -> None:
        """Closes the platform itself."""

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def open(self, text: str) -> str:
        """Sends a link outside of any thread; the thread that it led to."""
        raise NotImplementedError

    async def refused(self, text: str) -> str:
        """Sends a link outside of any thread that leads to none; what whoever did is told."""
        raise NotImplementedError

    async def say(self, thread: str, text: str) -> None:
        raise NotImplementedError

    async def forget(self, thread: str, what: str = "forget", sure: str = "thread") -> None:
        """Says so, and that it is meant."""
        button = f"v1:forget:{sure}"
        await self.say(thread, what)
        await self.until(lambda: any(button in m.buttons for m in self.shown(thread)))
        await self.press(thread, button)

    async def press(self, thread: str, action: str) -> None:
        raise NotImplementedError

    async def open_again(self, thread: str, text: str) -> None:
        """Sends the link of a thread outside of it; waits until whoever did is led there."""
        raise NotImplementedError

    def shown(self, thread: str) -> list[Shown]:
        """Our messages in a thread, in order."""
        raise NotImplementedError

    async def until(self, fulfilled: Callable[[], bool], seconds: float = 30.0) -> None:
        """Waits until this holds of what is shown."""
        raise NotImplementedError

    def text(self, thread: str) -> str:
        return "\n".join(message.text for message in self.shown(thread))

    async def idle(self, thread: str, contains: str = "", replies: int = 1) -> str:
        """Waits until the thread rests; what stands there then."""

        def rests() -> bool:
            return len(self.shown(thread)) >= replies and contains in self.text(thread)

        await self.until(rests)
        await self.house.assistant.idle(self.key(thread))
        await self.until(rests)
        return self.text(thread)
