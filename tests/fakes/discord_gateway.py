"""Discord's gateway: sessions over websockets, numbered events, replay of what was missed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from aiohttp import WSCloseCode, WSMsgType, web

from fakes.discord_guilds import JSON, Guild
from fakes.discord_welcome import guild_created, ready

if TYPE_CHECKING:
    from fakes.discord_community import Community

ALWAYS = 0
GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1, 1 << 9, 1 << 12, 1 << 15
_DISPATCH, _HEARTBEAT, _IDENTIFY, _PRESENCE, _RESUME, _RECONNECT = 0, 1, 2, 3, 6, 7
_INVALID_SESSION, _HELLO, _HEARTBEAT_ACK = 9, 10, 11
_UNKNOWN_OPCODE, _UNREADABLE, _NOT_AUTHENTICATED, _BAD_TOKEN, _TWICE = 4001, 4002, 4003, 4004, 4005
_BAD_SHARD, _BAD_INTENTS, _FORBIDDEN_INTENTS = 4010, 4013, 4014
_ALL_INTENTS = (1 << 26) - 1
_LARGEST_PAYLOAD = 4096


@dataclass(eq=False, slots=True)
class Session:
    """`log` is all that was told, as it was sent; the number of an event is its place from 1 on.
    It outlives its connection."""

    intents: int
    shard: int
    shards: int
    id: str = field(default_factory=lambda: uuid4().hex)
    log: list[str] = field(default_factory=list)
    connection: Connection | None = None
    over: bool = False

    @property
    def reads_content(self) -> bool:
        return bool(self.intents & MESSAGE_CONTENT)

    def serves(self, guild: Guild | None) -> bool:
        """Direct messages come to the first shard."""
        return self.shard == ((int(guild.id) >> 22) % self.shards if guild else 0)

    def add(self, event: str, told: JSON) -> None:
        number = len(self.log) + 1
        self.log.append(json.dumps({"op": _DISPATCH, "t": event, "s": number, "d": told}))
        if self.connection:
            self.connection.more.set()


@dataclass(eq=False, slots=True)
class Connection:
    """`told` is the number of the last event that went out on it; `ours` says that we close it."""

    socket: web.WebSocketResponse
    transport: asyncio.Transport
    session: Session | None = None
    told: int = 0
    ours: bool = False
    more: asyncio.Event = field(default_factory=asyncio.Event)

    async def pump(self) -> None:
        """Sends what is in the session's log, as it grows."""
        assert self.session
        while not self.socket.closed:
            self.more.clear()
            while self.told < len(self.session.log):
                await self.socket.send_str(self.session.log[self.told])
                self.told += 1
            await self.more.wait()


class Gateway:
    """`heartbeat` is in seconds; `shards` is how many the bot is advised to use.

    `identified` are the payloads of IDENTIFY, `resumed` the ids of the sessions that were.
    """

    def __init__(self, community: Community) -> None:
        self._community = community
        self._connections: set[Connection] = set()
        self.sessions: list[Session] = []
        self.identified: list[JSON] = []
        self.resumed: list[str] = []
        self.closed_with: list[int] = []
        self.heartbeats = 0
        self.heartbeat = 41.25
        self.shards = 1

    @property
    def url(self) -> str:
        return self._community.url.replace("http", "ws", 1) + "/gateway/"

    # --- for tests ---

    @property
    def live(self) -> list[Session]:
        """Sessions that somebody listens to."""
        return [connection.session for connection in self._connections if connection.session]

    def drop(self) -> None:
        """Cuts every connection, as a broken network does."""
        for connection in self._connections:
            connection.transport.abort()

    def garble(self, event: str) -> None:
        """Tells an event in a shape that no client expects."""
        for session in self.live:
            session.add(event, {"id": ["?"]})

    async def blurt(self) -> None:
        """Sends what is no JSON."""
        for connection in list(self._connections):
            await connection.socket.send_str("{")

    async def ask_to_reconnect(self) -> None:
        await self._send_all({"op": _RECONNECT, "d": None})

    async def invalidate(self, *, resumable: bool = False) -> None:
        if not resumable:
            self.forget_sessions()
        await self._send_all({"op": _INVALID_SESSION, "d": resumable})

    def forget_sessions(self) -> None:
        """None of them can be resumed any more."""
        for session in self.sessions:
            session.over = True

    def again(self, event: str) -> None:
        """Delivers the last event of this kind once more, under a new number."""
        for session in self.sessions:
            told = [m for m in map(json.loads, session.log) if m["t"] == event]
            if told and not session.over:
                session.add(event, told[-1]["d"])

    async def close(self, code: int = WSCloseCode.GOING_AWAY) -> None:
        for connection in list(self._connections):
            connection.ours = True
            await connection.socket.close(code=code)

    async def _send_all(self, told: JSON) -> None:
        for connection in list(self._connections):
            await connection.socket.send_json(told)

    # --- what happens is told ---

    def tell(
        self, event: str, told: Callable[[Session], JSON], guild: Guild | None, intent: int
    ) -> None:
        """To each session that serves the guild and asked for such events; also to those whose
        connection is cut, which hear of it when they resume."""
        for session in self.sessions:
            wanted = intent == ALWAYS or session.intents & intent
            if wanted and not session.over and session.serves(guild):
                session.add(event, told(session))

    # --- the protocol ---

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(heartbeat=None)
        await socket.prepare(request)
        assert isinstance(request.transport, asyncio.Transport)
        connection = Connection(socket, request.transport)
        self._connections.add(connection)
        milliseconds = int(self.heartbeat * 1000)
        await socket.send_json({"op": _HELLO, "d": {"heartbeat_interval": milliseconds}})
        try:
            async with asyncio.TaskGroup() as tasks:
                await self._listen(connection, tasks)
                # The pump of a connection that is closed has nothing to wait for.
                connection.more.set()
        except* ConnectionError:
            pass
        finally:
            self._left(connection)
        return socket

    async def _listen(self, connection: Connection, tasks: asyncio.TaskGroup) -> None:
        async for message in connection.socket:
            if message.type is not WSMsgType.TEXT or len(message.data) > _LARGEST_PAYLOAD:
                await connection.socket.close(code=_UNREADABLE)
                return
            told = json.loads(message.data)
            code = await self._hear(connection, told["op"], told.get("d"), tasks)
            if code:
                self.closed_with.append(code)
                await connection.socket.close(code=code)
                return

    async def _hear(
        self, connection: Connection, op: int, told: Any, tasks: asyncio.TaskGroup
    ) -> int:
        """The code to close with, 0 to go on."""
        if op == _HEARTBEAT:
            self.heartbeats += 1
            await connection.socket.send_json({"op": _HEARTBEAT_ACK, "d": None})
            return 0
        if op in {_IDENTIFY, _RESUME} and connection.session:
            return _TWICE
        if op == _IDENTIFY:
            return self._identify(connection, told, tasks)
        if op == _RESUME:
            return await self._resume(connection, told, tasks)
        if op != _PRESENCE:
            return _UNKNOWN_OPCODE
        return 0 if connection.session else _NOT_AUTHENTICATED

    def _identify(self, connection: Connection, told: JSON, tasks: asyncio.TaskGroup) -> int:
        self.identified.append(told)
        shard, shards = told.get("shard") or (0, 1)
        intents = told["intents"]
        if told["token"] != self._community.token:
            return _BAD_TOKEN
        if not 0 <= shard < shards:
            return _BAD_SHARD
        if intents & ~_ALL_INTENTS:
            return _BAD_INTENTS
        if not self._community.may_identify(intents):
            return _FORBIDDEN_INTENTS
        session = Session(intents, shard, shards)
        self.sessions.append(session)
        session.add("READY", ready(self._community, session))
        for guild in self._community.guilds.values():
            if self._community.bot.id in guild.members and session.serves(guild):
                session.add("GUILD_CREATE", guild_created(self._community, guild))
        self._join(connection, session, 0, tasks)
        return 0

    async def _resume(self, connection: Connection, told: JSON, tasks: asyncio.TaskGroup) -> int:
        if told["token"] != self._community.token:
            return _BAD_TOKEN
        known = [s for s in self.sessions if s.id == told["session_id"] and not s.over]
        if not known or not 0 <= (told["seq"] or 0) <= len(known[0].log):
            await connection.socket.send_json({"op": _INVALID_SESSION, "d": False})
            return 0
        self.resumed.append(known[0].id)
        known[0].add("RESUMED", {"_trace": []})
        self._join(connection, known[0], told["seq"] or 0, tasks)
        return 0

    def _join(
        self, connection: Connection, session: Session, told: int, tasks: asyncio.TaskGroup
    ) -> None:
        connection.session, connection.told = session, told
        session.connection = connection
        tasks.create_task(connection.pump())
        self._community.wake()

    def _left(self, connection: Connection) -> None:
        """A client that closes with 1000 or 1001 ends its session."""
        self._connections.discard(connection)
        session = connection.session
        if session and session.connection is connection:
            session.connection = None
            ended = connection.socket.close_code in {WSCloseCode.OK, WSCloseCode.GOING_AWAY}
            session.over = session.over or (ended and not connection.ours)
        self._community.wake()
