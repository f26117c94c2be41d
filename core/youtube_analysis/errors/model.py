"""The language model would not, or could not, answer.

Each message is the first sentence of what a reader is told; what was done instead follows it.
"""

from __future__ import annotations

from .base import VideoAnalysisError


class ModelError(VideoAnalysisError):
    code = "model"


class ModelUnreachable(ModelError):
    code = "model_unreachable"
    retryable = True

    def __init__(self) -> None:
        super().__init__("The language model cannot be reached.")


class ModelBusy(ModelError):
    """Too many requests, or an error of the server's own."""

    code = "model_busy"
    retryable = True

    def __init__(self, retry_after: float | None = None) -> None:
        super().__init__("The language model is overloaded.", retry_after=retry_after)


class ModelSilent(ModelError):
    """No first token within OPENAI_FIRST_TOKEN_TIMEOUT, then nothing for OPENAI_IDLE_TIMEOUT, or
    no end within OPENAI_TOTAL_TIMEOUT."""

    code = "model_silent"
    retryable = True

    def __init__(self) -> None:
        super().__init__("The language model takes too long to answer.")


class ModelBroke(ModelError):
    """An answer that is none, or only a part of one: `what` says which."""

    code = "model_broke"
    retryable = True

    def __init__(self, what: str) -> None:
        super().__init__(f"The language model’s answer broke off or made no sense ({what}).")


class ModelOutOfQuota(ModelError):
    code = "model_quota"

    def __init__(self) -> None:
        super().__init__(
            "The language model’s quota is used up; the admin can raise it with its provider."
        )


class ModelMisconfigured(ModelError):
    code = "model_misconfigured"

    def __init__(self, what: str) -> None:
        super().__init__(
            f"The language model refuses our requests ({what}); the admin can check "
            "OPENAI_API_KEY, OPENAI_BASE_URL and OPENAI_MODEL."
        )


class ModelDeclined(ModelError):
    code = "model_declined"

    def __init__(self) -> None:
        super().__init__("The language model declined to answer this.")


class TalkTooLong(ModelError):
    """`tokens` is an estimate that errs upwards, `limit` what the admin set."""

    code = "talk_too_long"

    def __init__(self, tokens: int, limit: int) -> None:
        told = (
            f"about {tokens:,} tokens, and it takes {limit:,} (OPENAI_CONTEXT)"
            if tokens > limit
            else "its server says so; the admin can lower OPENAI_CONTEXT to what it takes"
        )
        super().__init__(f"This talk is too long for the language model: {told}.")
