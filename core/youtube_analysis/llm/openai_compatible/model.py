"""OpenAICompatibleModel: a language model that speaks OpenAI's chat completions."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing

import openai

from youtube_analysis.breaker import CircuitBreaker
from youtube_analysis.concurrency import BLOCKING, close_with_loop, offload, spawn
from youtube_analysis.config import Settings
from youtube_analysis.errors import (
    ModelBroke,
    ModelBusy,
    ModelError,
    ModelSilent,
    ModelUnreachable,
    TalkTooLong,
)
from youtube_analysis.fair_queue import FairQueue
from youtube_analysis.llm.per_talk import PerTalk
from youtube_analysis.llm.port import Completion, Part, Prompt, Restarted, TextDelta
from youtube_analysis.llm.prompts import Conversation, converse, talk_text, verification
from youtube_analysis.llm.prompts.messages import VERSION
from youtube_analysis.logging import get_logger
from youtube_analysis.metrics import Metrics
from youtube_analysis.models.analysis import AnalysisType, Claim, TokenUsage
from youtube_analysis.models.progress import Queued
from youtube_analysis.passages.reading import Reading

from .answer import AnswerReader
from .client import connect
from .failures import Translation
from .features import Features, JsonSchema, Negotiation
from .reception import AFTER_END, PROBE, Availability, Reception
from .summary import SCHEMA
from .verdicts import VERDICTS, read_verdicts, read_whole

_log = get_logger(__name__)

_FIRST_WAIT, _LONGEST_WAIT = 0.4, 20.0
# What is kept of the context for the answer, in tokens: a long blog post is 1,500.
_FOR_ANSWER = 4_000
# How long a verifier may take: nobody waits for it, but its marks should not come unexpected.
_VERIFY_TIMEOUT = 30.0
# How long a server that is down is left in peace: asking the offline model costs little.
_REST = 5.0
# Over all answers together: the more of them grow at once, the more of each is read in one go.
_READS_A_SECOND, _READ_AT_ONCE = 400, 2


class OpenAICompatibleModel:
    """Belongs to one event loop. Streams at most OPENAI_CONCURRENT answers at once, over
    connections that are used again, unless `reuse` is False.

    What may pass is tried again, unless the server is known to be down. Where an answer breaks
    after some of it was given, it is begun anew (`Restarted`).
    """

    translates = True
    version = VERSION

    def __init__(
        self,
        settings: Settings,
        metrics: Metrics | None = None,
        *,
        reuse: bool = True,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        rng: Callable[[], float] = random.random,
        now: Callable[[], float] = time.time,
        probe: float = PROBE,
    ) -> None:
        self._settings = settings
        self._reuse = reuse
        self._sleep = sleep
        self._rng = rng
        self._now = now
        self.metrics = metrics or Metrics()
        self._queue = FairQueue(settings.openai_concurrent, "model", self.metrics)
        self._features = Features()
        self._breaker = CircuitBreaker(
            (ModelBusy, ModelSilent, ModelUnreachable),
            rest=_REST,
            on_refusal=self.metrics.upstream_refused.labels("model").inc,
        )
        down = self.metrics.upstream_down.labels("model")
        down.set_function(lambda: self._breaker.is_open)
        self._server = Availability(settings.openai_idle_timeout, probe, self._breaker)
        self._talks = PerTalk(talk_text)
        self._client: openai.AsyncOpenAI | None = None
        self._opening = asyncio.Lock()
        self._turns = asyncio.Semaphore(_READ_AT_ONCE)
        self._held: object = None
        self._preparing: asyncio.Task[openai.AsyncOpenAI] | None = None
        self.metrics.model_clients.labels(self.name).set_function(lambda: self._client is not None)

    @property
    def name(self) -> str:
        return self._settings.openai_model

    def prepare(self) -> None:
        """Opens the client."""
        if self._client is None and (self._preparing is None or self._preparing.done()):
            self._preparing = spawn(self._opened(), "open the model's client")

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Part]:
        """Raises TalkTooLong before anything is sent, another ModelError when all else failed."""
        conversation = await self._converse(prompt)
        with self._queue.slot() as slot:
            async for position in slot.positions():
                yield Queued(position)
            with self._breaker.attempt():
                await self._ready()
                async with aclosing(self._attempts(prompt, conversation)) as parts:
                    async for part in parts:
                        yield part

    async def verify(self, reading: Reading, claims: Sequence[Claim]) -> Mapping[str, bool]:
        """One request with as many of the claims as its budget of tokens allows; tried once, for
        the verdict of the rules is there already. Raises ModelError."""
        asked, conversation = verification(reading, claims)
        if not asked:
            return {}
        await self._ready()
        # No failure of it counts against the answers.
        with Translation(now=self._now).of(begun=True):
            async with asyncio.timeout(_VERIFY_TIMEOUT):
                text, usage = await read_whole(self._chunks(reading, conversation, VERDICTS))
        self._count(usage)
        return read_verdicts(text, asked)

    async def check(self) -> None:
        """Lists the server's models. Raises ModelError unless it answers."""
        with Translation(now=self._now).of(begun=False):
            async with asyncio.timeout(self._settings.openai_idle_timeout):
                listed = await (await self._opened()).get("/models", cast_to=object)
            if not isinstance(listed, dict):
                raise ModelBroke("no list of models")

    async def close(self) -> None:
        """May be called twice; a later request opens a new client."""
        if self._preparing:
            await asyncio.wait([self._preparing])
        client, self._client = self._client, None
        if client:
            await client.close()

    async def _ready(self) -> None:
        """Opens the client, outside of every time-out: what takes long here is not the server."""
        try:
            await self._opened()
        except OSError as error:  # certificates that cannot be read
            raise ModelUnreachable from error

    async def _converse(self, prompt: Prompt) -> Conversation:
        talk = await self._talks.get(prompt.reading)
        budget = self._settings.openai_context - _FOR_ANSWER
        conversation = converse(prompt, talk, budget)
        if conversation.tokens > budget:
            raise TalkTooLong(conversation.tokens + _FOR_ANSWER, self._settings.openai_context)
        return conversation

    async def _attempts(
        self, prompt: Prompt, conversation: Conversation
    ) -> AsyncGenerator[TextDelta | Restarted | Completion]:
        deadline = asyncio.get_running_loop().time() + self._settings.openai_total_timeout
        last = self._server.attempts
        for attempt in range(1, last + 1):
            reader = AnswerReader(self.name, as_json=prompt.task is AnalysisType.SUMMARY)
            chunks = self._chunks(prompt.reading, conversation, SCHEMA if reader.as_json else None)
            try:
                async with aclosing(self._attempt(chunks, reader, deadline)) as parts:
                    async for part in parts:
                        yield part
            except ModelError as error:
                self.metrics.model_failures.inc()
                wait = self._wait(error, attempt, deadline)
                _log.info("model failed", error=error.code, attempt=attempt, wait=wait)
                if attempt == last or wait is None:
                    self._server.failed(error)
                    raise
            else:
                self._server.answered()
                return
            await self._sleep(wait)
            if reader.begun:
                yield Restarted()

    async def _attempt(
        self, answer: AsyncGenerator[object], reader: AnswerReader, deadline: float
    ) -> AsyncGenerator[TextDelta | Restarted | Completion]:
        """One answer from its request to its end. Raises ModelError."""
        patience = self._server.patience
        async with self._server.receive(answer, deadline) as reception:
            while chunks := await _next(reception, reader, patience, deadline):
                if delta := reader.read(chunks):
                    yield delta
                    # The first words wait for nothing.
                    await reception.gather(self._queue.served / _READS_A_SECOND, self._turns)
        for part in reader.finish():
            yield part
        self._count(reader.usage)

    async def _chunks(
        self, reading: Reading, conversation: Conversation, schema: JsonSchema | None
    ) -> AsyncGenerator[object]:
        """An answer as JSON that nobody has checked. Raises ModelError."""
        failures = Translation(conversation.tokens, self._settings.openai_context, self._now)
        with failures.of(begun=False):
            answer = await self._request(reading, conversation, schema)
        with failures.of(begun=True):
            async with answer:
                async for chunk in answer:
                    yield chunk

    async def _request(
        self, reading: Reading, conversation: Conversation, schema: JsonSchema | None
    ) -> openai.AsyncStream[object]:
        """Asks, with as many features as the server takes."""
        messages = [{"role": m.role, "content": m.text} for m in conversation.messages]
        asked = {"model": self.name, "messages": messages, "stream": True}
        negotiation = Negotiation(self._features, schema, f"vidthread-{reading.fingerprint}")
        client = await self._opened()
        while True:
            self.metrics.model_requests.inc()
            try:
                answer = await client.post(
                    "/chat/completions",
                    body=asked | negotiation.options,
                    cast_to=object,
                    stream=True,
                    stream_cls=openai.AsyncStream[object],
                )
            except openai.APIStatusError as error:
                if not negotiation.again(error):
                    raise
                _log.info("model refuses features", told=error.message, left=negotiation.left)
                continue
            negotiation.accepted()
            return answer

    def _wait(self, error: ModelError, attempt: int, deadline: float) -> float | None:
        """Seconds until another try, None where that is of no use: a silent server stays so."""
        if not error.retryable or isinstance(error, ModelSilent):
            return None
        backoff = _FIRST_WAIT * 2 ** (attempt - 1) * (0.75 + 0.5 * self._rng())
        wait = max(backoff, error.retry_after or 0.0)
        remaining = deadline - asyncio.get_running_loop().time()
        return wait if wait <= min(_LONGEST_WAIT, remaining) else None

    def _count(self, usage: TokenUsage) -> None:
        metrics, prices = self.metrics, self._settings
        metrics.prompt_tokens.inc(usage.prompt)
        metrics.completion_tokens.inc(usage.completion)
        metrics.cached_tokens.inc(usage.cached)
        metrics.model_cost.inc(
            (
                (usage.prompt - usage.cached) * prices.openai_input_price
                + usage.cached * prices.openai_cached_price
                + usage.completion * prices.openai_output_price
            )
            / 1_000_000
        )

    async def _opened(self) -> openai.AsyncOpenAI:
        """The client; made beside the event loop, since it reads certificates from disk."""
        async with self._opening:
            if self._client is None:
                self._client = await offload(self._connect, lane=BLOCKING)
                self._held = close_with_loop(self.close)
        return self._client

    def _connect(self) -> openai.AsyncOpenAI:
        settings = self._settings
        client = connect(settings.openai_base_url, settings.openai_api_key, reuse=self._reuse)
        # Imported by the client when it is first touched; here nobody waits for that.
        _ = client.chat.completions
        return client


async def _next(
    reception: Reception, reader: AnswerReader, patience: float, deadline: float
) -> list[object]:
    """The next chunks, none at the end. Once the answer is whole, what else goes wrong is its end
    as well."""
    remaining = deadline - asyncio.get_running_loop().time()
    try:
        return await reception.next(min(AFTER_END if reader.ended else patience, remaining))
    except ModelError:
        if not reader.ended:
            raise
        return []
