"""Slack's Web API: every call through here, once, with its errors as ours."""

from __future__ import annotations

from collections.abc import Mapping
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
from youtube_analysis.environment import splits

from .pacing import Pacer

_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
_NOWHERE = frozenset(
    "channel_not_found not_in_channel is_archived thread_not_found cannot_reply_to_message "
    "restricted_action restricted_action_read_only_channel restricted_action_thread_locked "
    "restricted_action_non_threadable_channel restricted_action_thread_only_channel "
    "messages_tab_disabled account_inactive token_revoked token_expired invalid_auth "
    "not_authed ekm_access_denied no_permission user_not_in_channel".split()
)
_LATER = frozenset(
    "internal_error fatal_error service_unavailable request_timeout team_added_to_org "
    "messaging_processing_failed update_failed".split()
)
_READS_FORMS = frozenset(
    {"chat.getPermalink", "conversations.history", "conversations.replies", "users.info"}
)
_FILE_HOSTS = frozenset({"files.slack.com", "files.slack-gov.com"})
_ANSWER_HOSTS = frozenset({"hooks.slack.com", "hooks.slack-gov.com"})
LARGEST_FILE = 32 * 2**20
_DEFAULT_WAIT = 30.0


class NotStreaming(SurfaceError):
    """Slack has closed this stream."""


class StillStreaming(SurfaceError):
    """A message cannot be updated while it is a stream."""


class Refused(SurfaceError):
    """`error` is Slack's own word for it."""

    def __init__(self, error: str, detail: str = "") -> None:
        super().__init__(f"{error} {detail}".strip())
        self.error = error


class NotThere(ThreadGone):
    """`error` is Slack's own word for why nothing can be shown at this place."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are in a workspace."""

    team: str
    user: str
    bot: str


class SlackClient:
    """One for a workspace. Nothing is tried twice here: whether a message stands there is for
    the caller to find out."""

    def __init__(self, web: AsyncWebClient, session: aiohttp.ClientSession, pacer: Pacer) -> None:
        self.web = web
        self.pacer = pacer
        self._session = session
        self._origin = _origin(web.base_url)

    async def identify(self) -> Identity:
        told = await self.call("auth.test", {})
        return Identity(str(told["team_id"]), str(told["user_id"]), str(told.get("bot_id") or ""))

    async def granted_scopes(self) -> frozenset[str]:
        """Those of our token."""
        try:
            answer = await self.web.auth_test()
        except SlackApiError as error:
            raise _translated(error) from error
        except (aiohttp.ClientError, SlackClientError, TimeoutError, OSError) as error:
            raise SurfaceUnreachable(f"auth.test: {error!r}") from error
        told = str(answer.headers.get("X-OAuth-Scopes") or "")
        return frozenset(filter(None, (scope.strip() for scope in told.split(","))))

    async def open_connection(self, app_token: str) -> str:
        """The address of a socket."""
        try:
            told = await self.web.apps_connections_open(app_token=app_token)
        except SlackApiError as error:
            raise _translated(error) from error
        except (aiohttp.ClientError, SlackClientError, TimeoutError, OSError) as error:
            raise SurfaceUnreachable(f"apps.connections.open: {error!r}") from error
        return str(told["url"])

    async def call(
        self, method: str, arguments: Mapping[str, Any], *, must: bool = True
    ) -> dict[str, Any]:
        """`must` is False where a later call will make this one needless."""
        place = str(arguments["channel"]) if method == "chat.postMessage" else ""
        await self.pacer.turn(method, place, must=must)
        sent = {"params": arguments} if method in _READS_FORMS else {"json": arguments}
        try:
            answer = await self.web.api_call(method, **sent)  # type: ignore[arg-type] # by name
        except SlackApiError as error:
            raise _translated(error) from error
        except (aiohttp.ClientError, SlackClientError, TimeoutError, OSError) as error:
            raise SurfaceUnreachable(f"{method}: {error!r}") from error
        return dict(answer.data) if isinstance(answer.data, dict) else {}

    async def upload(self, channel: str, thread: str, name: str, content: str) -> None:
        """Shares a file in a thread."""
        try:
            await self.web.files_upload_v2(
                channel=channel, thread_ts=thread, filename=name, title=name, content=content
            )
        except SlackApiError as error:
            raise _translated(error) from error
        except (aiohttp.ClientError, SlackClientError, TimeoutError, OSError) as error:
            raise SurfaceUnreachable(f"upload: {error!r}") from error

    async def download(self, address: str) -> bytes | None:
        """A file that somebody shared; None where it is none of Slack's, or cannot be had. The
        token goes to Slack's own hosts alone, and follows no redirection."""
        if not self._is_trusted(address, _FILE_HOSTS):
            return None
        headers = {"Authorization": f"Bearer {self.web.token}"}
        try:
            async with self._session.get(address, headers=headers, allow_redirects=False) as answer:
                if answer.status != 200 or answer.content_type == "text/html":
                    return None
                content = await answer.content.read(LARGEST_FILE + 1)
                while chunk := await answer.content.read(LARGEST_FILE + 1):
                    content += chunk
                    if len(content) > LARGEST_FILE:
                        return None
                return content
        except (aiohttp.ClientError, TimeoutError) as error:
            raise SurfaceUnreachable(f"download: {error!r}") from error

    async def respond(self, address: str, text: str) -> bool:
        """Tells whoever called a command, and nobody else; False where that is not possible any
        more."""
        if not self._is_trusted(address, _ANSWER_HOSTS):
            return False
        body = {"response_type": "ephemeral", "text": text}
        try:
            async with self._session.post(address, json=body, allow_redirects=False) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    def _is_trusted(self, address: str, hosts: frozenset[str]) -> bool:
        if not splits(address):
            return False
        parts = urlsplit(address)
        secure = parts.scheme == "https" and parts.hostname in hosts and not parts.port
        return secure or _origin(address) == self._origin


def session() -> aiohttp.ClientSession:
    """The one of all calls."""
    timeout = aiohttp.ClientTimeout(total=30, sock_connect=10)
    connector = aiohttp.TCPConnector(limit=50, keepalive_timeout=60, ttl_dns_cache=300)
    return aiohttp.ClientSession(timeout=timeout, connector=connector)


def web_client(token: str, address: str, http: aiohttp.ClientSession) -> AsyncWebClient:
    """Without retries: a post that is repeated by its transport stands there twice."""
    base = address.rstrip("/") + "/"
    return AsyncWebClient(token=token, base_url=base, session=http, retry_handlers=[])


def _translated(error: SlackApiError) -> SurfaceError:
    response = error.response
    told = response.data if isinstance(getattr(response, "data", None), dict) else {}
    name, status = str(told.get("error", "")), int(getattr(response, "status_code", 0) or 0)
    if name in {"ratelimited", "rate_limited"} or status == 429:
        return RateLimited(_seconds(response.headers.get("Retry-After")))
    if name in _GONE:
        return PageGone(name)
    if name in _NOWHERE:
        return NotThere(name)
    if name in {"message_not_in_streaming_state", "stopped_by_user"}:
        return NotStreaming(name)
    if name == "streaming_state_conflict":
        return StillStreaming(name)
    if name in _LATER or status >= 500 or not name:
        return SurfaceUnreachable(f"{name or 'no answer'} ({status})")
    return Refused(name, str(told.get("needed") or told.get("response_metadata") or ""))


def _seconds(text: str | None) -> float:
    try:
        return max(1.0, float(text or _DEFAULT_WAIT))
    except ValueError:
        return _DEFAULT_WAIT


def _origin(address: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname, parts.port
