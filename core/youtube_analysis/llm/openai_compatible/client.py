"""The official client, set up as every request of ours needs it."""

from __future__ import annotations

from http.cookiejar import CookieJar, DefaultCookiePolicy

import openai

_CONNECT_TIMEOUT = 10.0
# Servers of one's own ask for no key, the client does.
_NO_KEY = "none"


def connect(
    base_url: str, api_key: str | None, *, reuse: bool = True, retries: int = 0
) -> openai.AsyncOpenAI:
    """Reads certificates from disk: call it beside the event loop. `retries` are made of what may
    pass; without `reuse`, every request gets a connection of its own."""
    return openai.AsyncOpenAI(
        api_key=api_key or _NO_KEY,
        base_url=base_url,
        max_retries=retries,
        timeout=openai.Timeout(None, connect=_CONNECT_TIMEOUT),
        default_headers=None if reuse else {"Connection": "close"},
        # A cookie of the server's serves nothing, and one that is not ASCII ends all requests.
        http_client=openai.DefaultAioHttpClient(
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=()))
        ),
    )
