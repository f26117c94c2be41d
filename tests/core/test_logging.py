"""Attacks on the log: secrets in every disguise, lines that want to be taken for others."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from string import ascii_letters, digits
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from youtube_analysis.logging import REDACTED, Redaction, configure_logging, get_logger

SECRET = "xq7/Zp+é&w %9\"k\\v'<3"
FORMS = ("console", "json")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def recording(
    form: str, *secrets: str, level: str = "INFO", clock: Callable[[], float] = time.monotonic
) -> Iterator[io.StringIO]:
    """What goes to stderr meanwhile. The process's logging is put back afterwards."""
    root = logging.getLogger()
    before = root.handlers[:], root.level, sys.stderr, sys.excepthook
    sys.stderr = stream = io.StringIO()
    try:
        configure_logging(level, form, secrets, clock=clock)
        yield stream
    finally:
        root.handlers[:], root.level, sys.stderr, sys.excepthook = before
        logging.captureWarnings(capture=False)
        structlog.contextvars.clear_contextvars()


def lines_of(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


LOG = get_logger("youtube_analysis.tested")


class TestLines:
    def test_json_lines_have_event_level_and_a_timestamp_in_utc(self) -> None:
        with recording("json") as stream:
            LOG.info("video read", video_id="dQw4w9WgXcQ", seconds=1.5, parts=[1, None, True])
        (line,) = lines_of(stream)
        assert datetime.fromisoformat(line.pop("timestamp")).tzinfo == UTC
        assert line == {
            "event": "video read",
            "level": "info",
            "logger": "youtube_analysis.tested",
            "video_id": "dQw4w9WgXcQ",
            "seconds": 1.5,
            "parts": [1, None, True],
        }

    def test_console_lines_are_for_reading(self) -> None:
        with recording("console") as stream:
            LOG.warning("cache is full", entries=3)
        (line,) = stream.getvalue().splitlines()
        assert "[warning  ] cache is full" in line
        assert "entries=3" in line

    def test_nothing_goes_to_stdout(self, capsys: pytest.CaptureFixture[str]) -> None:
        with recording("json"):
            LOG.error("one")
            logging.getLogger("other").error("two")
        assert capsys.readouterr().out == ""

    def test_less_severe_events_are_dropped(self) -> None:
        with recording("json", level="WARNING") as stream:
            LOG.info("dropped")
            logging.getLogger("other").info("dropped")
        assert stream.getvalue() == ""

    @pytest.mark.parametrize("form", FORMS)
    def test_a_second_call_replaces_the_first(self, form: str) -> None:
        with recording("json", "first-secret") as stream:
            configure_logging("INFO", form, ["second-secret"])
            LOG.info("first-secret second-secret")
        assert stream.getvalue().count("first-secret") == 1
        assert "second-secret" not in stream.getvalue()
        assert len(stream.getvalue().splitlines()) == 1

    def test_records_of_libraries_look_the_same(self) -> None:
        with recording("json") as stream:
            logging.getLogger("aiohttp.server").warning(
                "%s took %d s", "it", 3, extra={"peer": "x"}
            )
        (line,) = lines_of(stream)
        assert (line["event"], line["level"]) == ("it took 3 s", "warning")
        assert (line["logger"], line["peer"]) == ("aiohttp.server", "x")

    def test_context_is_on_every_line(self) -> None:
        with recording("json") as stream, structlog.contextvars.bound_contextvars(thread="t1"):
            LOG.info("ours")
            logging.getLogger("other").info("theirs")
        assert [line["thread"] for line in lines_of(stream)] == ["t1", "t1"]

    def test_bound_values_are_kept(self) -> None:
        with recording("json") as stream:
            LOG.bind(video_id="abc").info("read")
        assert lines_of(stream)[0]["video_id"] == "abc"

    def test_warnings_are_events(self) -> None:
        with recording("json") as stream, warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("old way", DeprecationWarning, stacklevel=1)
        assert "DeprecationWarning: old way" in lines_of(stream)[0]["event"]

    def test_an_uncaught_exception_is_an_event(self) -> None:
        code = (
            "from youtube_analysis.logging import configure_logging\n"
            "configure_logging('INFO', 'json', ['hunter-two'])\n"
            "raise SystemError('hunter-two')"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 1
        line = json.loads(done.stderr)
        assert (line["event"], line["level"]) == ("uncaught exception", "critical")
        assert line["exception"].endswith(f"SystemError: {REDACTED}")

    def test_before_set_up_nothing_is_printed_on_stdout(self) -> None:
        code = (
            "from youtube_analysis.logging import get_logger\n"
            "get_logger('x').info('quiet')\n"
            "get_logger('x').warning('loud', who='me')"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
        )
        assert (done.stdout, done.stderr) == ("", "loud\n")


@pytest.mark.parametrize("form", FORMS)
class TestForgery:
    HOSTILE = (
        "title\r\n2026-01-01T00:00:00Z [critical ] forged\x1b[2J\x9b1m\u2028\u202e\x00\ud800end"
    )

    def test_outside_text_stays_on_its_line(self, form: str) -> None:
        with recording(form) as stream:
            LOG.info(self.HOSTILE, title=self.HOSTILE, deep={self.HOSTILE: [self.HOSTILE]})
            logging.getLogger("other").info("%s", self.HOSTILE)
        output = stream.getvalue()
        assert len(output.splitlines()) == 2
        assert all(char.isprintable() for char in output.replace("\n", ""))
        output.encode()

    def test_a_trace_forges_no_line(self, form: str) -> None:
        with recording(form) as stream:
            try:
                raise ValueError(self.HOSTILE)
            except ValueError:
                LOG.exception("failed")
        first, *rest = stream.getvalue().splitlines()
        assert "failed" in first
        assert all(line.startswith("    | ") for line in rest)
        assert "\x1b" not in stream.getvalue()
        assert (form == "json") == (not rest)

    def test_fields_cannot_pass_for_ours(self, form: str) -> None:
        with recording(form) as stream:
            fields = {"level": "critical", "timestamp": "never", "logger": "x", "exception": "boom"}
            LOG.info("real", **fields)
            logging.getLogger("other").info("real", extra={"event": "forged"} | fields)
        assert len(stream.getvalue().splitlines()) == 2
        if form == "json":
            for line in lines_of(stream):
                assert (line["event"], line["level"]) == ("real", "info")
                assert line["timestamp"] != "never"
                assert line["level_"] == "critical"

    @pytest.mark.parametrize("name", ["name", "args", "msg", "message", "exc_text", "module"])
    def test_names_that_the_standard_library_keeps_for_itself_are_fields(
        self, form: str, name: str
    ) -> None:
        with recording(form) as stream:
            LOG.info("read", **{name: "value"})
        assert f'"{name}": "value"' in stream.getvalue() or f"{name}=value" in stream.getvalue()


@pytest.mark.parametrize("form", FORMS)
class TestFormats:
    TEMPLATE = "100% %s %(name)s %n {0} {self.__class__} {} %"

    def test_an_event_without_arguments_is_never_a_format(self, form: str) -> None:
        with recording(form) as stream:
            LOG.info(self.TEMPLATE)
            logging.getLogger("other").info(self.TEMPLATE)
            logging.getLogger("other").info("%s", self.TEMPLATE)
        assert stream.getvalue().count(self.TEMPLATE) == 3

    def test_arguments_are_put_in_late(self, form: str) -> None:
        with recording(form, SECRET) as stream:
            LOG.info("asked %s of %s", "%d", SECRET)
        assert f"asked %d of {REDACTED}" in stream.getvalue()

    @pytest.mark.parametrize("log", [LOG, logging.getLogger("other")])
    def test_a_broken_call_harms_nobody_and_tells_nothing(
        self, form: str, log: logging.Logger
    ) -> None:
        broken = "%d and %s"
        with recording(form, SECRET) as stream:
            log.info(broken, SECRET)
            log.info("%d", Unprintable())
            log.info("%s", Unprintable())
            log.info("fine")
        lines = stream.getvalue().splitlines()
        assert len(lines) == 4
        assert all("a log call could not be shown" in line for line in lines[:3])
        assert SECRET not in stream.getvalue()


@pytest.mark.parametrize("form", FORMS)
class TestEqualLines:
    def test_are_left_out_after_the_first_ones_and_said_to_be(self, form: str) -> None:
        clock = Clock()
        with recording(form, clock=clock) as stream:
            for _ in range(1_000):
                logging.getLogger("asyncio").error("no descriptor", exc_info=OSError(24, "many"))
            assert stream.getvalue().count("no descriptor") == 10
            assert stream.getvalue().count("are left out") == 1
            clock.now = 11.0
            logging.getLogger("asyncio").error("no descriptor", exc_info=OSError(24, "many"))
            assert stream.getvalue().count("no descriptor") == 11

    def test_are_those_that_differ_in_nothing(self, form: str) -> None:
        with recording(form) as stream:
            for number in range(100):
                LOG.error("turn failed", reference=number)
                LOG.error("turn failed", exc_info=OSError("disk", number))
                logging.getLogger("other").error("turn failed", exc_info=OSError(number, "x"))
                logging.getLogger("other").error("asked %d", number)
        assert stream.getvalue().count("turn failed") == 300
        assert "are left out" not in stream.getvalue()

    def test_hide_no_other_line(self, form: str) -> None:
        with recording(form) as stream:
            for _ in range(100):
                LOG.error("no descriptor")
            LOG.info("why")
        assert stream.getvalue().count("why") == 1


class Unprintable:
    def __str__(self) -> str:
        raise LookupError(SECRET)


class Named:
    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<Named {self.name!r}>"


DISGUISES: dict[str, Callable[[str], object]] = {
    "text": lambda secret: f"before{secret}after",
    "bytes": lambda secret: b"before" + secret.encode() + b"\xff",
    "bytearray": lambda secret: bytearray(secret.encode()),
    "text of bytes": lambda secret: str(secret.encode()),
    "representation": repr,
    "json": json.dumps,
    "url": lambda secret: "https://host/?q=" + quote(secret),
    "url, all of it": lambda secret: "https://host/?q=" + quote(secret, safe=""),
    "form": quote_plus,
    "key": lambda secret: {f"a{secret}": 1},
    "bytes as key": lambda secret: {secret.encode(): 1},
    "tuple as key": lambda secret: {(1, secret): 1},
    "deep": lambda secret: {"a": [({"b": (secret, {secret: secret})},), {secret}]},
    "deeper than is shown": lambda secret: [[[[[[[[[[[[[[secret]]]]]]]]]]]]]],
    "exception": ValueError,
    "object": Named,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_known_secret_is_gone_in_every_disguise(form: str, disguise: str) -> None:
    value = DISGUISES[disguise](SECRET)
    with recording(form, SECRET) as stream:
        LOG.info(str(value), value=value, **{f"key {value}": 1})
        LOG.info("%s", value)
        logging.getLogger("other").info("it is %s", value, extra={"value": value})
    assert not leaks(SECRET, stream.getvalue())
    assert REDACTED in stream.getvalue() or disguise.startswith("deeper")


@pytest.mark.parametrize("word", ["ready", "event", "vidthread", "logger", "http", "8080"])
def test_what_is_ours_stays_whatever_word_is_a_key(word: str) -> None:
    url = "http://127.0.0.1:8080"
    with recording("json", word) as stream:
        get_logger("vidthread.run").info("ready", url=url, told=f"a {word}")
    (line,) = lines_of(stream)
    assert (line["event"], line["logger"], line["url"]) == ("ready", "vidthread.run", url)
    assert line["told"] == f"a {REDACTED}"


@pytest.mark.parametrize("form", FORMS)
def test_a_known_secret_is_gone_from_traces(form: str) -> None:
    with recording(form, SECRET) as stream:
        try:
            try:
                raise ValueError(SECRET)
            except ValueError as error:
                error.add_note(SECRET)
                raise ExceptionGroup(SECRET, [KeyError(SECRET), OSError(5, SECRET)]) from error
        except ExceptionGroup as group:
            LOG.exception("failed")
            LOG.warning("failed", exc_info=group)
            logging.getLogger("other").exception("failed", stack_info=True)
    assert "ExceptionGroup" in stream.getvalue()
    assert not leaks(SECRET, stream.getvalue())


def leaks(secret: str, output: str) -> bool:
    """Whether the output shows the secret, or a form of it that anybody can undo."""
    shown = output.replace("\\\\", "\\").replace("\\\\", "\\")
    octets = secret.encode()
    forms = {
        secret,
        json.dumps(secret)[1:-1],
        repr(secret)[1:-1],
        str(octets)[2:-1],
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
    }
    return any(form in text for form in forms for text in (output, shown) if len(form) > 3)


# As they are issued.
SECRETS = st.text(f"{ascii_letters}{digits}-._~+/=", min_size=8, max_size=40).filter(
    lambda secret: len(set(secret)) > 3 and not (secret.isalpha() and secret.islower())
)
AROUND = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(SECRETS, AROUND, AROUND, st.sampled_from(sorted(DISGUISES)), st.sampled_from(FORMS))
def test_no_secret_is_ever_shown(
    secret: str, before: str, after: str, disguise: str, form: str
) -> None:
    value = DISGUISES[disguise](secret)
    with recording(form, secret) as stream:
        LOG.info("".join([before, str(value), after]), value=[before, value, after])
    assert not leaks(secret, stream.getvalue().replace(REDACTED, ""))


@given(
    st.recursive(AROUND | st.binary() | st.floats() | st.integers(), st.lists),
    AROUND.map("k".__add__),
)
def test_any_value_gives_one_line_of_json(value: object, key: str) -> None:
    with recording("json") as stream:
        LOG.info("event", value=value, **{key: value})
    (line,) = lines_of(stream)
    assert line["event"] == "event"
    json.dumps(line, allow_nan=False).encode()


KEYS = (
    "token",
    "DISCORD_TOKEN",
    "access-token",
    "accessToken",
    "Authorization",
    "Set-Cookie",
    "api_key",
    "apiKey",
    "X-Api-Key",
    "client_secret",
    "password",
    "db_passwd",
    "X-Slack-Signature",
    "credentials",
    "youtube_proxy",
    "private key",
    "pot",
)


@pytest.mark.parametrize("key", KEYS)
def test_values_under_telling_keys_are_hidden(key: str) -> None:
    shown = Redaction().fields(
        {
            key: "abc",
            "deep": {key: ["abc", b"abc"], "headers": [(key, "abc")]},
            "bytes": {key.encode(): b"abc"},
        }
    )
    assert "abc" not in str(shown)


def test_counts_of_tokens_are_no_secrets() -> None:
    counts = {"tokens": 812, "token_usage": {"prompt_tokens": 800, "completion_tokens": 12}}
    assert Redaction().fields(counts) == counts
    assert Redaction().text("total_tokens=812 done") == "total_tokens=812 done"


# Made up, in the shape of real ones; put together here so that no scanner takes them for real.
SHAPES = {
    "Discord": "MTk4NjIyNDgzNDcxOTI1MjQ4" + "." + "Cl2FMQ" + "." + "ZnCjm1XVW7vRze4b7Cq4se7kKWs",
    "Slack bot": "xoxb" + "-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy",
    "Slack user": "xoxp" + "-1111-2222-3333-abcdef",
    "Slack refresh": "xoxe.xoxp" + "-1-Mi0yLTEyMzQ1Njc4OTA",
    "Slack app": "xapp" + "-1-A0123-4567-89abcdef",
    "OpenAI": "sk" + "-proj-abcDEF123_456-789",
    "JSON web token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN",
}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("around", ["{}", "got “{}”, sorry", "a={}&b", "({})", "Bearer {}", "'{}'"])
def test_shapes_of_tokens_are_hidden_even_if_nobody_named_them(name: str, around: str) -> None:
    token = SHAPES[name]
    shown = Redaction().text(around.format(token))
    assert REDACTED in shown
    assert not any(part in shown for part in token.split(".")[-2:])


@pytest.mark.parametrize(
    ("text", "kept", "hidden"),
    [
        ("https://me:pa:ss@host:1/x", "host:1/x", "pa:ss"),
        ("postgresql+psycopg://me:pw@db/x", "@db/x", "me:pw"),
        ("Authorization: Bearer abcdef", "Authorization", "abcdef"),
        ("authorization=Basic dXNlcjpwYXNz", "authorization", "dXNlcjpwYXNz"),
        ("Cookie: a=1; SID=abc", "Cookie", "SID=abc"),
        ("{'Set-Cookie': 'SID=abc; Path=/'}", "Set-Cookie", "SID=abc"),
        ('{"token": "a\\"b"}', "token", 'b"}'),
        ('{\\"password\\": \\"hunter2\\"}', "password", "hunter2"),
        ("Login(password='hunter2', name='me')", "Login", "hunter2"),
        ("password=12345", "password", "12345"),
        ("api key: abcdef", "api key", "abcdef"),
        ("/api/timedtext?v=abc&signature=AB.CD&lang=en", "&lang=en", "AB.CD"),
        ("/api/timedtext?key=yt8&v=abc", "&v=abc", "yt8"),
        ("/api/timedtext?v=abc&pot=MnQ-_=", "v=abc", "MnQ"),
        ('"/api/timedtext?v=abc\\u0026pot=MnQ"', "v=abc", "MnQ"),
        ("https://hooks.slack.com/services/T000/B0000/XXXXXXXXXXXX", "T000", "XXXXXXXXXXXX"),
        ("https://discord.com/api/webhooks/123/abcdefghij", "webhooks/123", "abcdefghij"),
    ],
)
def test_secrets_inside_text(text: str, kept: str, hidden: str) -> None:
    shown = Redaction().text(text)
    assert kept in shown
    assert hidden not in shown


@pytest.mark.parametrize(
    "text",
    [
        "https://www.youtube.com/@handle",
        "https://youtu.be/dQw4w9WgXcQ?t=95",
        "risk-assessment of the desk-lamp",
        "key=video:dQw4w9WgXcQ took 3 ms",
        "the cookie, the basic idea and the bearer of it",
        "version 1.22.333",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert Redaction(["", "on"]).text(text) == text
