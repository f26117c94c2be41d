"""The web server: whom it answers, what it allows pages to do, what it says of failures."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from vidthread.config import BotSettings
from vidthread.playground.adapter import open_playground
from vidthread.run import open_house
from vidthread.web import LARGEST_BODY, CannotServe, WebServer
from youtube_analysis import Settings
from youtube_analysis.captions import LARGEST_FILE

CAPTIONS = "1\n00:00:01,000 --> 00:00:04,000\nThe crane was built in 1850.\n"


@asynccontextmanager
async def playground(folder: Path, host: str = "127.0.0.1") -> AsyncIterator[aiohttp.ClientSession]:
    core = Settings(database_url=f"sqlite:///{folder / 'web.db'}")
    bot = BotSettings(web_host=host, web_port=0)
    async with open_house(core, bot, [open_playground]) as house:
        url = house.server.url.replace("0.0.0.0", "127.0.0.1")
        async with aiohttp.ClientSession(url) as session:
            yield session


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:1234"}, 200),
        ({"Host": "[::1]"}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Host": "127.0.0.1.evil.example"}, 403),
        ({"Host": "10.0.0.7"}, 403),
        ({"Host": ""}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost:1"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
    ],
)
async def test_only_pages_of_our_own_are_answered(
    tmp_path: Path, headers: dict[str, str], status: int
) -> None:
    async with playground(tmp_path) as session:
        async with session.get("/api/threads", headers=headers) as answer:
            assert answer.status == status
        async with session.get("/healthz", headers=headers) as answer:
            assert answer.status == 200


async def test_names_of_others_never_lead_to_a_server_that_listens_to_all(tmp_path: Path) -> None:
    async with playground(tmp_path, host="0.0.0.0") as session:
        for host, status in [("192.168.1.7:80", 200), ("evil.example", 403)]:
            async with session.get("/", headers={"Host": host}) as answer:
                assert answer.status == status


async def test_pages_may_load_nothing_from_others(tmp_path: Path) -> None:
    async with playground(tmp_path) as session:
        for path in ("/", "/t/abc", "/static/app.js", "/api/threads", "/nowhere"):
            async with session.get(path) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "'unsafe" not in policy
                assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    ["/static/../routes.py", "/static/%2e%2e/routes.py", "/static/app.py", "/static/nothing.js"],
)
async def test_only_files_of_the_page_are_served(tmp_path: Path, path: str) -> None:
    async with playground(tmp_path) as session, session.get(path) as answer:
        assert answer.status == 404
        assert (await answer.json())["error"]["message"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"link": "https://example.org/x"}, "invalid_link"),
        ({"link": ""}, "invalid_link"),
        ({}, "invalid_link"),
        ({"link": 5}, "not_understood"),
        ({"link": "https://youtu.be/dQw4w9WgXcQ", "types": ["Haiku"]}, "unknown_analysis_type"),
        ([], "not_understood"),
        ("{", "not_understood"),
    ],
)
async def test_what_cannot_be_opened_is_refused_with_a_sentence(
    tmp_path: Path, body: object, code: str
) -> None:
    data = body if isinstance(body, str) else json.dumps(body)
    async with playground(tmp_path) as session:
        async with session.post("/api/threads", data=data) as answer:
            assert answer.status == 400
            error = (await answer.json())["error"]
            assert error["code"] == code
            assert error["message"].endswith(".")
        async with session.get("/api/threads") as answer:
            assert len((await answer.json())["threads"]) == 1  # the sample


async def test_a_thread_that_is_not_there(tmp_path: Path) -> None:
    async with playground(tmp_path) as session:
        for method, rest in [("GET", ""), ("DELETE", ""), ("POST", "/messages"), ("POST", "/stop"),
                             ("GET", "/events"), ("GET", "/talk")]:  # fmt: skip
            async with session.request(method, f"/api/threads/abc123{rest}", json={}) as answer:
                assert answer.status == 404, rest
                assert (await answer.json())["error"]["code"] == "not_found"


async def test_a_captions_file_becomes_a_thread_with_a_talk(tmp_path: Path) -> None:
    async with playground(tmp_path) as session:
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("file", CAPTIONS.encode(), filename="Old cranes.en.srt")
        async with session.post("/api/threads", data=form) as answer:
            assert answer.status == 201
            thread = (await answer.json())["id"]
        await rested(session, thread)
        async with session.get(f"/api/threads/{thread}/talk") as answer:
            talk = await answer.json()
        assert talk["passages"][0]["text"] == "The crane was built in 1850."
        assert talk["contents"][0]["start"] == 1.0
        assert talk["video"]["title"] == "Old cranes"
        async with session.delete(f"/api/threads/{thread}") as answer:
            assert answer.status == 204
        async with session.get(f"/api/threads/{thread}") as answer:
            assert answer.status == 404


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("x" * LARGEST_BODY, "captions_file_too_large"),
        (b"x" * (LARGEST_FILE + 1), "captions_file_too_large"),
        ("x" * 10_001, "not_understood"),
    ],
    ids=["body", "file", "text"],
)
async def test_what_is_too_long_is_refused_in_a_sentence(
    tmp_path: Path, sent: str | bytes, code: str
) -> None:
    data: Any = io.BytesIO(json.dumps({"link": sent}).encode()) if isinstance(sent, str) else None
    if isinstance(sent, bytes):
        data = aiohttp.FormData()
        data.add_field("file", io.BytesIO(sent), filename="talk.srt")
    async with (
        playground(tmp_path) as session,
        session.post("/api/threads", data=data) as answer,
    ):
        error = (await answer.json())["error"]
        assert error["code"] == code
        assert error["message"].endswith(".")


FORM = {"Content-Type": "multipart/form-data; boundary=XX"}


def part(
    content: bytes, head: bytes = b'name="file"; filename="a.srt"', more: bytes = b""
) -> bytes:
    disposition = b"Content-Disposition: form-data; " + head
    return b"--XX\r\n" + disposition + b"\r\n" + more + b"\r\n" + content + b"\r\n"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"hello", {"Content-Type": "multipart/form-data"}),
        (b"hello", {"Content-Type": f"multipart/form-data; boundary={'X' * 71}"}),
        (b"", FORM),
        (b"hello", FORM),
        (part(CAPTIONS.encode()), FORM),
        (b"--XX\r\nhello\r\n\r\nyou\r\n--XX--\r\n", FORM),
        (b"--XX\r\nA: " + b"a" * 20_000 + b"\r\n\r\nyou\r\n--XX--\r\n", FORM),
        (b"--XX\r\n" + b"A: b\r\n" * 500 + b"\r\nyou\r\n--XX--\r\n", FORM),
        (part(b"x", more=b"Content-Type: multipart/mixed\r\n") + b"--XX--\r\n", FORM),
        (part(b"x", b'name="file"; filename="a\0.srt"') + b"--XX--\r\n", FORM),
        (part(b"x", b'name="file"; filename="a\x1b[2J.srt"') + b"--XX--\r\n", FORM),
        (part(b"x" * 40, b'name="_charset_"') + b"--XX--\r\n", FORM),
        (part(b"x") * 40 + b"--XX--\r\n", FORM),
        (b"\x1f\x8b\x08\0\0", {"Content-Encoding": "gzip"}),
        (b'{"text": "\xff"}', {}),
        (b"[" * 100_000, {}),
        (b"{" + b" " * 2**18 + b"}", {}),
        (b'{"link": ' + b"9" * 5_000 + b"}", {}),
    ],
)
async def test_what_makes_no_sense_is_refused_in_a_sentence(
    tmp_path: Path, body: bytes, headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    async with playground(tmp_path) as session:
        sent = io.BytesIO(body)
        async with session.post("/api/threads", data=sent, headers=headers) as answer:
            error = (await answer.json())["error"]
            assert (answer.status, error["code"]) == (400, "not_understood")
            assert error["message"].endswith(".")
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.parametrize("name", ["a%00b.srt", "a%1B%5B2Jb.srt", "%E2%80%AE%C2%85b.srt"])
async def test_a_file_of_any_name_is_read(tmp_path: Path, name: str) -> None:
    head = f"name=\"file\"; filename*=UTF-8''{name}".encode()
    body = part(CAPTIONS.encode(), head) + b"--XX--\r\n"
    async with playground(tmp_path) as session:
        async with session.post("/api/threads", data=body, headers=FORM) as answer:
            assert answer.status == 201
            thread = (await answer.json())["id"]
        await rested(session, thread)
        async with session.get(f"/api/threads/{thread}/talk") as answer:
            talk = await answer.json()
        assert talk["passages"][0]["text"] == "The crane was built in 1850."
        assert talk["video"]["title"].isprintable()


@pytest.mark.parametrize("sizes", [[9 * 2**20] * 4, [2**20] * 15 + [20 * 2**20], [LARGEST_BODY]])
async def test_the_parts_of_a_form_are_measured_together(tmp_path: Path, sizes: list[int]) -> None:
    content = b"x" * LARGEST_BODY
    parts = [part(content[:size], b'name="more"') for size in sizes]
    body = io.BytesIO(b"".join([*parts, b"--XX--\r\n"]))
    async with (
        playground(tmp_path) as session,
        session.post("/api/threads", data=body, headers=FORM) as answer,
    ):
        assert (await answer.json())["error"]["code"] == "captions_file_too_large"


HEAD = b"POST /healthz HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET /hea",
        HEAD,
        HEAD + b"Content-Length: 100\r\n\r\n{",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
        HEAD.replace(b"POST", b"GET") + b"\r\n" + HEAD,
    ],
    ids=["nothing", "line", "head", "body", "chunk", "second head"],
)
async def test_half_a_request_is_not_waited_for_for_ever(sent: bytes) -> None:
    async def wait(request: web.Request) -> web.Response:
        return web.Response(body=await request.read())

    server = WebServer("127.0.0.1", 0, patience=0.1)
    server.mount([web.post("/healthz", wait)], open_=True)
    port = int((await server.start()).rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    async with asyncio.timeout(20):
        with suppress(ConnectionError):
            await reader.read()
    writer.close()
    await server.close()


async def test_who_sends_slowly_but_goes_on_is_answered() -> None:
    async def echo(request: web.Request) -> web.Response:
        return web.Response(body=await request.read())

    async def dripping() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"x"
            await asyncio.sleep(0.01)

    server = WebServer("127.0.0.1", 0, patience=5.0)
    server.mount([web.post("/echo", echo)], open_=True)
    async with (
        aiohttp.ClientSession(await server.start()) as session,
        session.post("/echo", data=dripping()) as answer,
    ):
        assert await answer.read() == b"x" * 10
    await server.close()


async def test_what_makes_no_sense_is_no_page_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    server = WebServer("127.0.0.1", 0)
    port = int((await server.start()).rpartition(":")[2])
    server.ready = True
    for sent in (b"GET /\0 HTTP/1.1\r\n\r\n", HEAD + b"Content-Length: x\r\n\r\n",
                 HEAD + b"Origin: http://[\r\n\r\n", b"GET http://[ HTTP/1.1\r\n\r\n"):  # fmt: skip
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        assert b" 40" in await reader.readline(), sent
        writer.close()
    await server.close()
    assert [record for record in caplog.records if record.exc_info] == []


@pytest.mark.parametrize("path", ["/", "/healthz", "/metrics", "/nowhere", "/api/threads"])
async def test_no_version_is_told(tmp_path: Path, path: str) -> None:
    async with playground(tmp_path) as session, session.get(path) as answer:
        assert answer.headers["Server"] == "Vidthread"
    async with playground(tmp_path) as session:
        async with session.get("/api/threads") as answer:
            thread = (await answer.json())["threads"][0]["id"]
        async with session.get(f"/api/threads/{thread}/events") as answer:
            assert answer.headers["Server"] == "Vidthread"


async def test_an_export_can_be_downloaded(tmp_path: Path) -> None:
    async with playground(tmp_path) as session:
        async with session.get("/api/threads") as answer:
            thread = (await answer.json())["threads"][0]["id"]
        await rested(session, thread)
        said = {"text": "export json"}
        async with session.post(f"/api/threads/{thread}/messages", json=said) as answer:
            assert answer.status == 202
        snapshot = await rested(session, thread, replies=2)
        file = snapshot["messages"][-1]["blocks"][0]
        assert "content" not in file
        async with session.get(file["url"]) as answer:
            assert answer.headers["Content-Disposition"].startswith("attachment")
            assert "key_moments" in json.loads(await answer.text())["task_outputs"]


async def rested(
    session: aiohttp.ClientSession, thread: str, replies: int = 1
) -> dict[str, list[dict[str, list[dict[str, str]]]]]:
    """The snapshot once so many replies are whole."""
    async with asyncio.timeout(20):
        while True:
            async with session.get(f"/api/threads/{thread}") as answer:
                snapshot = await answer.json()
            whole = [m for m in snapshot.get("messages", ())
                     if m["kind"] == "reply" and not m["live"]]  # fmt: skip
            if len(whole) >= replies:
                return dict(snapshot)
            await asyncio.sleep(0.05)


async def test_a_taken_port_is_one_sentence() -> None:
    first = WebServer("127.0.0.1", 0)
    port = int((await first.start()).rpartition(":")[2])
    second = WebServer("127.0.0.1", port)
    with pytest.raises(CannotServe, match=r"the port is taken.*WEB_PORT"):
        await second.start()
    await first.close()


async def test_health_and_readiness() -> None:
    server = WebServer("127.0.0.1", 0)
    url = await server.start()
    async with aiohttp.ClientSession(url) as session:
        for ready, status in [(False, 503), (True, 200)]:
            server.ready = ready
            async with session.get("/readyz", headers={"Host": "10.1.2.3"}) as answer:
                assert answer.status == status
            async with session.get("/healthz") as answer:
                assert answer.status == 200
    await server.close()


async def test_a_question_is_answered_after_all_threads_were_forgotten(tmp_path: Path) -> None:
    async with playground(tmp_path) as session:
        for _ in range(2):
            form = aiohttp.FormData(quote_fields=False)
            form.add_field("file", CAPTIONS.encode(), filename="Old cranes.en.srt")
            async with session.post("/api/threads", data=form) as answer:
                thread = (await answer.json())["id"]
            await rested(session, thread)
            for number in range(3):
                said = {"text": f"When was crane {number} built?"}
                async with session.post(f"/api/threads/{thread}/messages", json=said) as answer:
                    assert answer.status == 202
                await rested(session, thread, replies=2 + number)
            async with session.get("/api/threads") as answer:
                threads = (await answer.json())["threads"]
            for known in threads:
                async with session.delete(f"/api/threads/{known['id']}") as answer:
                    assert answer.status == 204
