"""OpenAICompatibleModel: a language model that speaks OpenAI's chat completions."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Mapping,
    Sequence,
)
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from functools import partial
from math import inf
from typing import Any

from youtube_analysis.concurrency import offload, running
from youtube_analysis.config import Settings
from youtube_analysis.errors import (
    ModelBusy,
    ModelDeclined,
    ModelError,
    ModelSilent,
    ModelUnreachable,
    VideoAnalysisError,
    WindowTooSmall,
)
from youtube_analysis.llm.port import Part, Prompt, Restarted
from youtube_analysis.llm.prompts.canary import CANARY, abilities, canary
from youtube_analysis.llm.prompts.messages import (
    VERSION,
    Conversation,
    Form,
    JsonSchema,
    PlainText,
    TokenCounts,
    converse,
    prompt_budget,
    talk_text,
)
from youtube_analysis.llm.prompts.notes import NotesText, extract_text
from youtube_analysis.llm.prompts.summary import SummaryText
from youtube_analysis.llm.prompts.verification import VERDICTS, read_verdicts, verification
from youtube_analysis.logging import get_logger
from youtube_analysis.metrics import Metrics
from youtube_analysis.models.analysis import AnalysisType, Claim, Queued, TokenUsage
from youtube_analysis.passages.transcript import Transcript
from youtube_analysis.shared_runs import TalkMemo, lane_of
from youtube_analysis.upstream import CircuitBreaker, FairQueue

from .chunks import ThoughtFilter
from .reply import Parts, Patience, Reply
from .server import ChatRequest, Server
from .wire import Wire, retrying

_log = get_logger(__name__)

# How long a verifier may take: nobody waits for it, but its marks should not come unexpected.
_VERIFY_TIMEOUT = 30.0
# Seconds until it is told that the model is still reading.
_READING = 5.0
# A capability that shows in answers alone: to mark where thoughts begin.
_MARKS_THOUGHTS = "marks_thoughts"
# How long a server that is down is left in peace: asking the offline model costs little.
_REST = 5.0
# How many in a row are an outage. What is silent has been waited for already, so two are enough.
_OUTAGES: dict[type[VideoAnalysisError], float] = {
    ModelDeclined: 0,  # said of one request, not of the server; so is the next
    WindowTooSmall: 0,
    ModelSilent: 2,
    ModelBusy: 5,
    ModelUnreachable: 5,
    ModelError: inf,
}
# Over all answers together: the more of them grow at once, the more of each is read in one go.
_READS_A_SECOND = 400


class OpenAICompatibleModel:
    """Belongs to one event loop. Streams at most OPENAI_CONCURRENT answers at once, over
    connections that are used again, unless `reuse` is False.

    What may pass is tried again, unless the server is known to be down. Where an answer breaks
    after some of it was given, it is begun anew (`Restarted`). `name` is one of MODELS, if any.
    """

    translates = True

    def __init__(
        self,
        settings: Settings,
        metrics: Metrics | None = None,
        name: str = "",
        *,
        reuse: bool = True,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        rng: Callable[[], float] = random.random,
        now: Callable[[], float] = time.time,
        rest: float = _REST,
        reading: float = _READING,
    ) -> None:
        self._settings = settings
        self.name = name or settings.openai_model
        self.version = f"{VERSION} {settings.openai_model}" if name else VERSION
        self._sleep = sleep
        self._rng = rng
        self._reading = reading
        self.metrics = metrics or Metrics()
        upstream = f"model {name}" if name else "model"
        self._queue = FairQueue(settings.openai_concurrent, upstream, self.metrics)
        self._health = CircuitBreaker(
            "no answer of the model",
            _OUTAGES,
            rest=rest,
            on_refusal=self.metrics.upstream_refused.labels(upstream).inc,
        )
        self._server = Server(settings.openai_context, now)
        self._wire = Wire(
            settings.openai_base_url,
            settings.openai_api_key,
            reuse=reuse,
            now=now,
            on_request=self.metrics.model_requests.inc,
        )
        self._talks = TalkMemo(talk_text)
        self._count_tokens = TokenCounts()
        self._report(upstream)

    def _report(self, upstream: str) -> None:
        """Figures that are asked for when somebody reads them."""
        down = self.metrics.upstream_down.labels(upstream)
        down.set_function(lambda: self._health.is_open)
        self.metrics.model_clients.labels(self.name).set_function(lambda: self._wire.is_open)

    @property
    def window(self) -> int:
        """The tokens that the server takes in, answer included: OPENAI_CONTEXT, or less where it
        was found to read less."""
        return self._server.window

    def prepare(self) -> None:
        """Opens the client."""
        self._wire.prepare()

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Part]:
        """Raises WindowTooSmall, a ModelError like any other when all else failed."""
        conversation = await self._converse(prompt)
        form = _form_of(prompt)
        reply: Reply | None = None
        with self._queue.slot() as slot:
            async for position in slot.positions():
                yield Queued(position)
            with self._health.attempt():
                await self._wire.open()  # what takes long here is not the server
                patience, tries = self._patience(), self._health.attempts
                async for attempt in retrying(tries, patience.remaining, self._sleep, self._rng):
                    with attempt:
                        if reply and reply.begun:
                            yield Restarted()
                        asked = self._asked(
                            prompt.reading.fingerprint, conversation, patience, form
                        )
                        async with (
                            AsyncExitStack() as stack,
                            running(_begun(stack, asked)) as (first,),
                        ):
                            if not (await asyncio.wait([first], timeout=self._reading))[0]:
                                yield Queued(0)
                            reply, parts = await first
                            while parts:
                                for number, part in enumerate(parts):
                                    if number:
                                        await asyncio.sleep(0)  # let other tasks run
                                    yield part
                                parts = await reply.next(self._queue.served / _READS_A_SECOND)

    async def verify(self, reading: Transcript, claims: Sequence[Claim]) -> Mapping[str, bool]:
        """One request with as many of the claims as its budget of tokens allows; tried once, for
        the verdict of the rules is there already. Raises ModelError."""
        asked, conversation = verification(reading, claims)
        if not asked:
            return {}
        # No failure of it counts against the answers.
        patience = Patience(_VERIFY_TIMEOUT, _VERIFY_TIMEOUT, _VERIFY_TIMEOUT)
        reply = await self._whole(reading.fingerprint, conversation, patience, VERDICTS)
        return read_verdicts(reply.text, asked)

    async def check(self) -> str:
        """Asks twice for a word that stands in front of some 12,000 tokens, or of three quarters of
        a smaller window. Raises ModelError."""
        sent = canary(self.window)
        first, again = [
            await self._whole("check", sent, self._patience(), CANARY) for _ in range(2)
        ]
        return abilities(sent, first.text, (first.usage, again.usage), self._server.lacks)

    async def close(self) -> None:
        """May be called twice; a later request opens a new client."""
        await self._wire.close()

    async def _converse(self, prompt: Prompt) -> Conversation:
        reading, extract, window = prompt.reading, prompt.extract, self.window
        if extract is None:
            talk = await self._talks.get(reading)
        else:
            talk = await offload(extract_text, reading, extract, lane=lane_of(reading))
        budget = prompt_budget(window)
        conversation = converse(prompt, talk, budget, self._count_tokens)
        if conversation.tokens > budget:
            raise WindowTooSmall(window)
        return conversation

    def _patience(self) -> Patience:
        settings = self._settings
        total = settings.openai_total_timeout
        return Patience(settings.first_token_timeout, settings.openai_idle_timeout, total)

    async def _whole(
        self, talk: str, conversation: Conversation, patience: Patience, schema: JsonSchema
    ) -> Reply:
        """An answer that nobody sees grow."""
        await self._wire.open()
        form = partial(PlainText, schema)
        async with self._asked(talk, conversation, patience, form) as reply:
            while await reply.next():
                pass
        return reply

    @asynccontextmanager
    async def _asked(
        self,
        talk: str,
        conversation: Conversation,
        patience: Patience,
        form: Callable[[], Form],
    ) -> AsyncIterator[Reply]:
        """One request from its first byte to its last. Raises ModelError."""
        server = self._server
        request = ChatRequest(server, conversation, form().schema, self._options(talk))
        thoughts = ThoughtFilter(mid_thought=_MARKS_THOUGHTS in server.lacks)
        try:
            asked = self._settings.openai_model
            async with self._wire.stream(asked, request, patience.longest()) as pull:
                reply = Reply(
                    self.name, pull, patience, form=form, thoughts=thoughts, sent=conversation
                )
                yield reply
        except ModelError as error:
            self.metrics.model_failures.inc()
            _log.info("model failed", error=error.code, reason=error.message)
            if isinstance(error, WindowTooSmall):
                server.learn_refusal(conversation.tokens, error.limit)
            raise
        if reply.unmarked:
            server.learn_lacks(_MARKS_THOUGHTS)
        if read := conversation.read_of(reply.usage):
            server.learn_cut(conversation.tokens, read)
        self._count(reply.usage)

    def _options(self, talk: str) -> dict[str, Any]:
        """What servers may do without; requests about one `talk` share a prefix."""
        settings = self._settings
        wanted = {
            "prompt_cache_key": f"vidthread-{talk}",
            "temperature": settings.openai_temperature,
            "max_tokens": settings.openai_max_tokens,
        }
        return {name: value for name, value in wanted.items() if value is not None}

    def _count(self, usage: TokenUsage) -> None:
        metrics, prices = self.metrics, self._settings
        metrics.model_tokens.labels("prompt", self.name).inc(usage.prompt)
        metrics.model_tokens.labels("completion", self.name).inc(usage.completion)
        metrics.model_tokens.labels("cached", self.name).inc(usage.cached)
        metrics.model_cost.inc(
            (
                (usage.prompt - usage.cached) * prices.openai_input_price
                + usage.cached * prices.openai_cached_price
                + usage.completion * prices.openai_output_price
            )
            / 1_000_000
        )


def _form_of(prompt: Prompt) -> Callable[[], Form]:
    if prompt.notes:
        return NotesText
    return SummaryText if prompt.task is AnalysisType.SUMMARY else PlainText


async def _begun(
    stack: AsyncExitStack, asked: AbstractAsyncContextManager[Reply]
) -> tuple[Reply, Parts]:
    """An answer with the first that comes of it."""
    reply = await stack.enter_async_context(asked)
    return reply, await reply.next()
