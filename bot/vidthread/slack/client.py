"""Slack's Web API: every call through here, once, with its errors as ours."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from vidthread.surface import (
    PageGone,
    RateLimited,
    SurfaceError,
    SurfaceUnreachable,
    ThreadGone,
)
from youtube_analysis.captions import LARGEST_FILE
from youtube_analysis.environment import splits

_FILE_HOSTS = frozenset({"files.slack.com", "files.slack-gov.com"})
_ANSWER_HOSTS = frozenset({"hooks.slack.com", "hooks.slack-gov.com"})
_MESSAGES_AT_ONCE = 200
_DEFAULT_WAIT = 30.0
_EVENT_TYPE = "vidthread_page"


class NotStreaming(SurfaceError):
    """Slack has closed this stream."""


class StillStreaming(SurfaceError):
    """A message cannot be updated while it is a stream."""


class TokenRefused(SurfaceUnreachable):
    """The token was revoked, or never was one: what was asked is kept for one that is not."""


class Refusal(SurfaceError):
    """`error` is Slack's own word for it."""

    def __init__(self, error: str, detail: str = "") -> None:
        super().__init__(f"{error} {detail}".strip())
        self.error = error


class PlaceRefused(Refusal, ThreadGone):
    """Nothing can be shown at this place."""


class CallRefused(Refusal):
    """For a reason that is none of the others'."""


# Slack's own words, by what they come to. The documentation of each method explains them.
_KINDS: dict[type[SurfaceError], str] = {
    PageGone: "message_not_found cant_update_message edit_window_closed",
    PlaceRefused: (
        "channel_not_found not_in_channel is_archived thread_not_found cannot_reply_to_message "
        "restricted_action restricted_action_read_only_channel restricted_action_thread_locked "
        "restricted_action_non_threadable_channel restricted_action_thread_only_channel "
        "messages_tab_disabled ekm_access_denied no_permission user_not_in_channel"
    ),
    TokenRefused: "account_inactive invalid_auth not_authed token_expired token_revoked",
    SurfaceUnreachable: (
        "internal_error fatal_error service_unavailable request_timeout team_added_to_org "
        "messaging_processing_failed update_failed"
    ),
    NotStreaming: "message_not_in_streaming_state stopped_by_user",
    StillStreaming: "streaming_state_conflict",
}
_TRANSLATED = {error: kind for kind, errors in _KINDS.items() for error in errors.split()}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are in a workspace. `scopes` are our token's, None where Slack does not tell."""

    team: str
    user: str
    bot: str
    scopes: frozenset[str] | None = None


class SlackClient:
    """One for a workspace. Nothing is tried twice here: whether a message stands there is for
    the caller to find out. `token_refused` is set once Slack takes our token no more."""

    def __init__(self, token: str, address: str, session: aiohttp.ClientSession) -> None:
        # Without retries: a post that is repeated by its transport stands there twice.
        self.web = AsyncWebClient(
            token=token, base_url=address.rstrip("/") + "/", session=session, retry_handlers=[]
        )
        self.token_refused = asyncio.Event()
        self._session = session
        self._origin = _origin(self.web.base_url)

    async def identify(self) -> Identity:
        with _errors_of("auth.test"):
            told = await self.web.auth_test()
        listed = told.headers.get("X-OAuth-Scopes")
        scopes = None if listed is None else frozenset(listed.replace(",", " ").split())
        return Identity(
            str(told["team_id"]), str(told["user_id"]), str(told.get("bot_id") or ""), scopes
        )

    async def open_connection(self, app_token: str) -> str:
        """The address of a socket."""
        with _errors_of("apps.connections.open"):
            told = await self.web.apps_connections_open(app_token=app_token)
        return str(told["url"])

    async def call(self, method: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Of those that change something, which take JSON."""
        with self._bot_errors_of(method):
            told = await self.web.api_call(method, json={**arguments})
        return dict(told.data) if isinstance(told.data, dict) else {}

    async def thread_messages(self, channel: str, thread: str) -> list[dict[str, Any]]:
        """All that stands in a thread, its root first."""
        with self._bot_errors_of("conversations.replies"):
            pages = await self.web.conversations_replies(
                channel=channel, ts=thread, limit=_MESSAGES_AT_ONCE, include_all_metadata=True
            )
            return [message async for page in pages for message in page.get("messages", ())]

    async def recent_messages(self, channel: str, *, since: float = 0.0) -> list[dict[str, Any]]:
        """The newest that stand in a channel, outside of threads; the newest first."""
        with self._bot_errors_of("conversations.history"):
            told = await self.web.conversations_history(
                channel=channel,
                oldest=f"{since:.0f}",
                limit=_MESSAGES_AT_ONCE,
                include_all_metadata=True,
            )
        return list(told.get("messages", ()))

    async def permalink(self, channel: str, message: str) -> str:
        with self._bot_errors_of("chat.getPermalink"):
            told = await self.web.chat_getPermalink(channel=channel, message_ts=message)
        return str(told["permalink"])

    async def person(self, user: str) -> dict[str, Any]:
        """With the `locale`, such as `de-DE`, and whether it `is_admin` or `is_owner`."""
        with self._bot_errors_of("users.info"):
            told = await self.web.users_info(user=user, include_locale=True)
        return dict(told.get("user") or {})

    async def upload(
        self, channel: str, thread: str, files: Mapping[str, str], blocks: list[dict[str, Any]]
    ) -> str:
        """Shares files in a thread, with blocks above them; the id of the first."""
        uploads = [{"filename": name, "content": content} for name, content in files.items()]
        with self._bot_errors_of("upload"):
            told = await self.web.files_upload_v2(
                channel=channel, thread_ts=thread, file_uploads=uploads, blocks=json.dumps(blocks)
            )
        return str(told["files"][0]["id"])

    async def download(self, address: str) -> bytes | None:
        """A file that somebody shared, or so much of it that it is seen to be too large; None where
        it is none of Slack's, or cannot be had. The token goes to Slack's own hosts alone, and
        follows no redirection."""
        if not self._is_trusted(address, _FILE_HOSTS):
            return None
        headers = {"Authorization": f"Bearer {self.web.token}"}
        with _errors_of("download"):
            async with self._session.get(address, headers=headers, allow_redirects=False) as answer:
                if answer.status >= 500:
                    raise SurfaceUnreachable(f"download: {answer.status}")
                if answer.status != 200 or answer.content_type == "text/html":
                    return None
                content = b""
                while len(content) <= LARGEST_FILE and (more := await answer.content.readany()):
                    content += more
                return content

    async def respond(self, address: str, told: Mapping[str, Any]) -> bool:
        """Tells whoever called a command, and nobody else; False where that is not possible any
        more."""
        if not self._is_trusted(address, _ANSWER_HOSTS):
            return False
        body = {"response_type": "ephemeral", **told}
        with _errors_of("respond"):
            async with self._session.post(address, json=body, allow_redirects=False) as answer:
                return answer.status == 200

    def _is_trusted(self, address: str, hosts: frozenset[str]) -> bool:
        if not splits(address):
            return False
        parts = urlsplit(address)
        secure = parts.scheme == "https" and parts.hostname in hosts and not parts.port
        return secure or _origin(address) == self._origin

    @contextmanager
    def _bot_errors_of(self, method: str) -> Iterator[None]:
        try:
            with _errors_of(method):
                yield
        except TokenRefused:
            self.token_refused.set()
            raise


def new_message(
    channel: str, thread: str, shown: Mapping[str, Any], nonce: str = ""
) -> dict[str, Any]:
    """For chat.postMessage; the message is found again by its nonce."""
    sent = {"channel": channel, **shown, "unfurl_links": False, "unfurl_media": False}
    if thread:
        sent["thread_ts"] = thread
    if nonce:
        sent["metadata"] = {"event_type": _EVENT_TYPE, "event_payload": {"nonce": nonce}}
    return sent


def open_session() -> aiohttp.ClientSession:
    """The one of all calls."""
    timeout = aiohttp.ClientTimeout(total=30, sock_connect=10)
    connector = aiohttp.TCPConnector(limit=50, keepalive_timeout=60, ttl_dns_cache=300)
    return aiohttp.ClientSession(timeout=timeout, connector=connector)


@contextmanager
def _errors_of(method: str) -> Iterator[None]:
    """Where the wire is touched: whatever goes wrong there is a SurfaceError from here on."""
    try:
        yield
    except SlackApiError as error:
        raise _translated(error) from error
    except (aiohttp.ClientError, SlackClientError, TimeoutError, OSError) as error:
        raise SurfaceUnreachable(f"{method}: {error!r}") from error


def _translated(error: SlackApiError) -> SurfaceError:
    response = error.response
    told = response.data if isinstance(getattr(response, "data", None), dict) else {}
    name, status = str(told.get("error", "")), int(getattr(response, "status_code", 0) or 0)
    if name in {"ratelimited", "rate_limited"} or status == 429:
        return RateLimited(_seconds(response.headers.get("Retry-After")))
    if status >= 500 or not name:
        return SurfaceUnreachable(f"{name or 'no answer'} ({status})")
    if name in _TRANSLATED:
        return _TRANSLATED[name](name)
    return CallRefused(name, str(told.get("needed") or told.get("response_metadata") or ""))


def _seconds(text: str | None) -> float:
    try:
        return max(1.0, float(text or _DEFAULT_WAIT))
    except ValueError:
        return _DEFAULT_WAIT


def _origin(address: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname, parts.port
