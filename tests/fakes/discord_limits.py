"""Rate limits: buckets per channel, the one over everything, and what is told of them in headers.

A bucket's window begins with its first request. The numbers are those that people observed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2s

_MESSAGES = "/channels/{channel_id}/messages"
_WEBHOOKS = "/webhooks/{webhook_id}/{webhook_token}"


@dataclass(frozen=True, slots=True)
class Rate:
    requests: int
    seconds: float


OBSERVED = {
    ("POST", _MESSAGES): Rate(5, 5),
    ("PATCH", _MESSAGES + "/{message_id}"): Rate(5, 5),
    ("DELETE", _MESSAGES + "/{message_id}"): Rate(5, 1),
    ("GET", _MESSAGES): Rate(5, 5),
    ("POST", _MESSAGES + "/{message_id}/threads"): Rate(50, 300),
    ("POST", "/channels/{channel_id}/threads"): Rate(50, 300),
    ("POST", "/channels/{channel_id}/typing"): Rate(5, 5),
    ("POST", _WEBHOOKS): Rate(5, 2),
    ("PATCH", _WEBHOOKS + "/messages/@original"): Rate(5, 2),
    ("PATCH", _WEBHOOKS + "/messages/{message_id}"): Rate(5, 2),
}
RENAME = Rate(2, 600)
"""Of one channel; it is told by nothing but its 429."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`retry_after` is None where a request may pass."""

    headers: dict[str, str]
    retry_after: float | None = None
    scope: str = "user"


@dataclass(slots=True)
class _Window:
    began: float
    used: int = 0


@dataclass
class RateLimits:
    """`off` lets everything pass and tells nothing. Rates may be replaced at any time."""

    off: bool = False
    rates: dict[tuple[str, str], Rate] = field(default_factory=lambda: dict(OBSERVED))
    everything: Rate = Rate(50, 1)
    rename: Rate = RENAME
    hits: list[str] = field(default_factory=list)
    _windows: dict[str, _Window] = field(default_factory=dict)

    def take(
        self, method: str, template: str, major: str, now: float, *, renames: bool = False
    ) -> Verdict:
        if self.off:
            return Verdict({})
        # Interactions are not counted among everything.
        if not template.startswith(("/interactions", "/webhooks")):
            late = self._count("everything", self.everything, now)
            if late is not None:
                return self._hit(Verdict({"X-RateLimit-Global": "true"}, late, "global"), "global")
        if renames:
            late = self._count(f"rename {major}", self.rename, now)
            if late is not None:
                return self._hit(Verdict({}, late), f"rename {major}")
        rate = self.rates.get((method, template))
        return self._bucket(method, template, major, rate, now) if rate else Verdict({})

    def _bucket(self, method: str, template: str, major: str, rate: Rate, now: float) -> Verdict:
        key = f"{method} {template} {major}"
        late = self._count(key, rate, now)
        window = self._windows[key]
        reset = window.began + rate.seconds
        headers = {
            "X-RateLimit-Limit": str(rate.requests),
            "X-RateLimit-Remaining": str(max(0, rate.requests - window.used)),
            "X-RateLimit-Reset": f"{reset:.3f}",
            "X-RateLimit-Reset-After": f"{reset - now:.3f}",
            "X-RateLimit-Bucket": blake2s(
                f"{method} {template}".encode(), digest_size=16
            ).hexdigest(),
        }
        verdict = Verdict(headers, late)
        return verdict if late is None else self._hit(verdict, key)

    def _count(self, key: str, rate: Rate, now: float) -> float | None:
        """How long this is too early, if it is."""
        window = self._windows.get(key)
        if window is None or now >= window.began + rate.seconds:
            window = self._windows[key] = _Window(now)
        if window.used >= rate.requests:
            return window.began + rate.seconds - now
        window.used += 1
        return None

    def _hit(self, verdict: Verdict, what: str) -> Verdict:
        self.hits.append(what)
        return verdict


def major(parameters: Mapping[str, str]) -> str:
    """By what requests to one path are counted apart."""
    names = ("channel_id", "guild_id", "webhook_id", "webhook_token")
    return "/".join(parameters[name] for name in names if name in parameters)
