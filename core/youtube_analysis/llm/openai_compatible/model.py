"""OpenAICompatibleModel: a language model that speaks OpenAI's chat completions."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager

import tenacity

from youtube_analysis.config import Settings
from youtube_analysis.errors import (
    ModelBusy,
    ModelError,
    ModelSilent,
    ModelUnreachable,
    TalkTooLong,
)
from youtube_analysis.llm.memo import TalkMemo
from youtube_analysis.llm.port import Part, Prompt, Restarted, TextDelta
from youtube_analysis.llm.prompts.messages import (
    VERSION,
    Conversation,
    TokenCounts,
    converse,
    talk_text,
)
from youtube_analysis.llm.prompts.verification import VERDICTS, read_verdicts, verification
from youtube_analysis.logging import get_logger
from youtube_analysis.metrics import Metrics
from youtube_analysis.models.analysis import AnalysisType, Claim, Queued, TokenUsage
from youtube_analysis.passages.transcript import Transcript
from youtube_analysis.upstream import CircuitBreaker, FairQueue, ServerHealth

from .forms import Form, PlainText, SummaryText
from .refusals import CapabilityProbe
from .reply import AnswerParser, ReplyReader
from .wire import Patience, Wire

_log = get_logger(__name__)

_FIRST_WAIT, _LONGEST_WAIT = 0.4, 20.0
# What is kept of the context for the answer, in tokens: a long blog post is 1,500.
_FOR_ANSWER = 4_000
# How long a verifier may take: nobody waits for it, but its marks should not come unexpected.
_VERIFY_TIMEOUT = 30.0
# How long a server that is down is left in peace: asking the offline model costs little.
_REST = 5.0
# Over all answers together: the more of them grow at once, the more of each is read in one go.
_READS_A_SECOND = 400


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
        rest: float = _REST,
    ) -> None:
        self._settings = settings
        self._sleep = sleep
        self._rng = rng
        self.metrics = metrics or Metrics()
        self._queue = FairQueue(settings.openai_concurrent, "model", self.metrics)
        refused = self.metrics.upstream_refused.labels("model").inc
        away, silent = (ModelBusy, ModelUnreachable), (ModelSilent,)
        self._health = ServerHealth(
            "no answer of the model",
            CircuitBreaker(away, others=silent, rest=rest, on_refusal=refused),
            # Each has been waited for already, so two are enough.
            CircuitBreaker(silent, others=away, most=2, rest=rest, on_refusal=refused),
        )
        down = self.metrics.upstream_down.labels("model")
        down.set_function(lambda: self._health.is_down)
        self._lacks: set[str] = set()  # capabilities
        self._wire = Wire(
            settings.openai_base_url,
            settings.openai_api_key,
            reuse=reuse,
            now=now,
            on_request=self.metrics.model_requests.inc,
        )
        self._talks = TalkMemo(talk_text)
        self._count_tokens = TokenCounts()
        self.metrics.model_clients.labels(self.name).set_function(lambda: self._wire.is_open)

    @property
    def name(self) -> str:
        return self._settings.openai_model

    def prepare(self) -> None:
        """Opens the client."""
        self._wire.prepare()

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Part]:
        """Raises TalkTooLong before anything is sent, another ModelError when all else failed."""
        conversation = await self._converse(prompt)
        is_summary = prompt.task is AnalysisType.SUMMARY
        reply: ReplyReader | None = None
        with self._queue.slot() as slot:
            async for position in slot.positions():
                yield Queued(position)
            with self._health.attempt():
                await self._wire.open()  # what takes long here is not the server
                patience = self._patience()
                async for attempt in self._retrying(patience):
                    with attempt:
                        if reply and reply.begun:
                            yield Restarted()
                        form = SummaryText() if is_summary else PlainText()
                        asked = self._asked(prompt.reading, conversation, patience, form)
                        async with asked as reply:
                            while parts := await reply.next(self._queue.served / _READS_A_SECOND):
                                for number, part in enumerate(parts):
                                    if number:
                                        await asyncio.sleep(0)  # let other tasks run
                                    yield part

    async def verify(self, reading: Transcript, claims: Sequence[Claim]) -> Mapping[str, bool]:
        """One request with as many of the claims as its budget of tokens allows; tried once, for
        the verdict of the rules is there already. Raises ModelError."""
        asked, conversation = verification(reading, claims)
        if not asked:
            return {}
        await self._wire.open()
        # No failure of it counts against the answers.
        patience = Patience(_VERIFY_TIMEOUT, _VERIFY_TIMEOUT, _VERIFY_TIMEOUT)
        text = ""
        async with self._asked(reading, conversation, patience, PlainText(VERDICTS)) as reply:
            while parts := await reply.next():
                text += "".join(part.text for part in parts if isinstance(part, TextDelta))
        return read_verdicts(text, asked)

    async def check(self) -> None:
        """Lists the server's models. Raises ModelError unless it answers."""
        seconds = self._settings.openai_idle_timeout
        await self._wire.request("/models", seconds, dict)

    async def close(self) -> None:
        """May be called twice; a later request opens a new client."""
        await self._wire.close()

    async def _converse(self, prompt: Prompt) -> Conversation:
        talk = await self._talks.get(prompt.reading)
        budget = self._settings.openai_context - _FOR_ANSWER
        conversation = converse(prompt, talk, budget, self._count_tokens)
        if conversation.tokens > budget:
            raise TalkTooLong(conversation.tokens + _FOR_ANSWER, self._settings.openai_context)
        return conversation

    def _patience(self) -> Patience:
        settings = self._settings
        return Patience(
            settings.first_token_timeout,
            settings.openai_idle_timeout,
            settings.openai_total_timeout,
        )

    def _retrying(self, patience: Patience) -> tenacity.AsyncRetrying:
        attempts = self._health.attempts

        def is_hopeless(state: tenacity.RetryCallState) -> bool:
            longest = min(_LONGEST_WAIT, patience.remaining)
            return state.attempt_number >= attempts or state.upcoming_sleep > longest

        return tenacity.AsyncRetrying(
            sleep=self._sleep,
            retry=tenacity.retry_if_exception(_may_pass),
            wait=self._wait,
            stop=is_hopeless,
            reraise=True,
        )

    def _wait(self, state: tenacity.RetryCallState) -> float:
        """Seconds that double, but as many as the server asks for."""
        error = state.outcome and state.outcome.exception()
        wanted = error.retry_after if isinstance(error, ModelError) else None
        backoff = _FIRST_WAIT * 2.0 ** (state.attempt_number - 1) * (0.75 + 0.5 * self._rng())
        return max(backoff, wanted or 0.0)

    @asynccontextmanager
    async def _asked(
        self,
        reading: Transcript,
        conversation: Conversation,
        patience: Patience,
        form: Form,
    ) -> AsyncIterator[ReplyReader]:
        """One request from its first byte to its last. Raises ModelError."""
        messages = [{"role": m.role, "content": m.text} for m in conversation.messages]
        body = {"model": self.name, "messages": messages, "stream": True}
        probe = CapabilityProbe(self._lacks, form.schema, f"vidthread-{reading.fingerprint}")
        parser = AnswerParser(self.name, form)
        try:
            stream = await self._wire.stream(body, probe, patience.longest())
            async with aclosing(stream):
                yield ReplyReader(stream, parser, patience)
        except ModelError as error:
            self.metrics.model_failures.inc()
            _log.info("model failed", error=error.code, reason=error.message)
            raise
        self._count(parser.usage)

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


def _may_pass(error: BaseException) -> bool:
    """A silent server stays so: it has been waited for already."""
    return isinstance(error, ModelError) and error.retryable and not isinstance(error, ModelSilent)
