"""A local Slack's addresses: the Web API, uploads and downloads, answers to commands."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from fakes.slack_delivery import Delivery
from fakes.slack_methods import METHODS
from fakes.slack_rules import check_arguments, check_blocks, needed_scopes, specification
from fakes.slack_shapes import APP_TOKEN, BOT_TOKEN, Asked, Fault, Refusal
from fakes.slack_state import RESPONSE_LIFE, RESPONSE_USES, Ephemeral, SlackState

_OWN_ANSWERS = {"apps.connections.open": "t1"}


class SlackWeb:
    def __init__(self, slack: SlackState, delivery: Delivery) -> None:
        self._slack = slack
        self._delivery = delivery

    def application(self) -> web.Application:
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_get("/link", self._delivery.serve)
        app.router.add_post("/upload/{id}", self._upload)
        app.router.add_get("/files/{id}/{name}", self._download)
        app.router.add_post("/respond/{id}", self._respond)
        return app

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method, slack = request.match_info["method"], self._slack
        body, as_json = await _read(request)
        for name in ("token", "team_id"):  # bolt names the team with every call
            body.pop(name, None)
        fault = slack.judge(method, body)
        if fault and not fault.carried_out:
            await asyncio.sleep(fault.late)
            self._note(method, body, fault.error or str(fault.status))
            return _failed(fault)
        try:
            told = self._answer(request, method, body, as_json=as_json)
        except Refusal as refusal:
            self._note(method, body, refusal.error)
            if not refusal.known:
                slack.refused.append(f"{method}: {refusal.error} {refusal.detail}".strip())
            if refusal.error == "ratelimited":
                return _failed(Fault("ratelimited", 429, refusal.told["retry_after"]))
            return web.json_response({"ok": False, "error": refusal.error, **refusal.told})
        self._note(method, body, "")
        if method in {"chat.postMessage", "chat.startStream"} and slack.on_accepted:
            await slack.on_accepted(slack.messages[told["channel"], told["ts"]])
        if fault and request.transport:
            request.transport.abort()
        headers = {"X-OAuth-Scopes": ",".join(sorted(slack.scopes))}
        return web.json_response({"ok": True, **told}, headers=headers)

    def _note(self, method: str, body: dict[str, Any], error: str) -> None:
        self._slack.requests.append(Asked(self._slack.now(), method, body, error))
        self._slack.wake()

    def _answer(
        self, request: web.Request, method: str, body: dict[str, Any], *, as_json: bool
    ) -> dict[str, Any]:
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if bearer != (APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN):
            raise Refusal("invalid_auth", known=True)
        self._limit(method, body)
        check_arguments(method, body, as_json=as_json)
        needed = needed_scopes(method, str(body.get("channel", "")))
        if needed and not needed & self._slack.scopes:
            given = ",".join(sorted(self._slack.scopes))
            raise Refusal("missing_scope", needed=",".join(sorted(needed)), provided=given)
        if method == "apps.connections.open":
            address = self._slack.url.replace("http://", "ws://")
            return {"url": f"{address}/link?ticket={self._slack.number('link')}"}
        if method not in METHODS:
            raise Refusal("unknown_method", method)
        return METHODS[method](self._slack, body)

    def _limit(self, method: str, body: dict[str, Any]) -> None:
        """By tier and method; messages by channel as well."""
        tier = specification().get(method, {}).get("rate_limits") or "t3"
        waits = self._slack.take_turn(method, "", _OWN_ANSWERS.get(method, tier))
        if method == "chat.postMessage" and not waits:
            waits = self._slack.take_turn(method, str(body.get("channel")), "t3")
        if waits:
            self._slack.limited.append(method)
            raise Refusal("ratelimited", known=True, retry_after=waits)

    async def _upload(self, request: web.Request) -> web.Response:
        identity = request.match_info["id"]
        if identity not in self._slack.files or "Authorization" in request.headers:
            self._slack.refused.append(f"upload of {identity}")
            return web.Response(status=400)
        self._slack.contents[identity] = await request.read()
        return web.Response(text=f"OK - {len(self._slack.contents[identity])}")

    async def _download(self, request: web.Request) -> web.Response:
        fault = self._slack.judge("files.download", {"file": request.match_info["id"]})
        if fault:
            return web.Response(status=fault.status)
        if request.headers.get("Authorization") != f"Bearer {BOT_TOKEN}":
            return web.Response(text="<html>Sign in</html>", content_type="text/html")
        return web.Response(body=self._slack.contents[request.match_info["id"]])

    async def _respond(self, request: web.Request) -> web.Response:
        """To a `response_url`."""
        ticket = self._slack.responses.get(request.match_info["id"])
        body = await request.json()
        used = ticket is None or ticket.uses >= RESPONSE_USES
        old = ticket is None or self._slack.now() - ticket.at > RESPONSE_LIFE
        if ticket is None or used or old or "Authorization" in request.headers:
            self._slack.refused.append("an answer to a response_url that is used up")
            return web.json_response({"ok": False, "error": "used_url"}, status=404)
        ticket.uses += 1
        told = Ephemeral(ticket.channel, ticket.user, body["text"], blocks=body.get("blocks") or [])
        check_blocks(told.blocks)
        self._slack.ephemeral.append(told)
        self._slack.wake()
        return web.json_response({"ok": True})


async def _read(request: web.Request) -> tuple[dict[str, Any], bool]:
    """The arguments, and whether they came as JSON."""
    if request.content_type == "application/json":
        return dict(await request.json()), True
    told: dict[str, Any] = {**request.query, **await request.post()}
    for name, value in told.items():
        if isinstance(value, str) and value[:1] in {"[", "{"}:
            told[name] = json.loads(value)
    return told, False


def _failed(fault: Fault) -> web.Response:
    headers = {"Retry-After": f"{max(1, round(fault.retry_after))}"} if fault.retry_after else {}
    body = {"ok": False, "error": fault.error or "internal_error"}
    return web.json_response(body, status=fault.status, headers=headers)
