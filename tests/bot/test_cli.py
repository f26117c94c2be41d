"""The command line as a person and as a program use it, in a process of its own where it counts."""

import asyncio
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from fakes.model import LocalModel
from vidthread.cli import main
from vidthread.evaluating import read_questions
from youtube_analysis.errors import InvalidRequest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SENTENCES = (
    "Always check the hook before the first lift of the day.",
    "The big crane in Gdansk was built in 1985 by two brothers.",
    "It lifts forty tonnes of grain in a single hour of work.",
    "Ferries to Sweden leave from the pier every second morning.",
    "Never stand under a load that hangs from the crane.",
)


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    cues = [
        f"{n + 1}\n00:00:{6 * n:02},000 --> 00:00:{6 * n + 6:02},000\n{text}\n"
        for n, text in enumerate(SENTENCES)
    ]
    path = tmp_path / "Harbour [dQw4w9WgXcQ].en.srt"
    path.write_text("\n".join(cues), encoding="utf-8")
    return path


Done = subprocess.CompletedProcess[str]
Call = Callable[..., Done]


def program(*arguments: str | Path, stdin: str = "") -> Done:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "vidthread", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


@pytest.fixture
def vidthread(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Call]:
    """Calls the command within this process, which has all imported."""
    monkeypatch.chdir(tmp_path)
    at_ctrl_c = signal.getsignal(signal.SIGINT)

    def called(*arguments: str | Path, stdin: str = "", **environment: str) -> Done:
        told = [str(argument) for argument in arguments]
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
            for name, value in environment.items():
                patched.setenv(name, value)
            status = main(told)
        return Done(told, status, *capsys.readouterr())

    yield called
    signal.signal(signal.SIGINT, at_ctrl_c)


def test_text_goes_to_stdout_and_nothing_else_is_said(talk: Path) -> None:
    done = program("analyze", talk)
    assert done.returncode == 0
    assert done.stdout.startswith("Harbour\n=======\n")
    assert "check the hook before the first lift" in done.stdout
    assert done.stderr == ""


def test_json_is_the_results_object_alone(vidthread: Call, talk: Path) -> None:
    done = vidthread("analyze", talk, "--format", "json", "--types", "Action Plan, Key Moments")
    results = json.loads(done.stdout)
    assert set(results["task_outputs"]) == {"analyze_and_plan_content", "key_moments"}
    assert results["status"] == "completed"
    assert "youtu.be/dQw4w9WgXcQ?t=0" in results["task_outputs"]["analyze_and_plan_content"]


@pytest.mark.parametrize(("form", "start"), [("md", "# Harbour"), ("html", "<!doctype html>")])
def test_documents(vidthread: Call, talk: Path, form: str, start: str) -> None:
    done = vidthread("analyze", talk, "--format", form)
    assert done.returncode == 0
    assert done.stdout.startswith(start)


def test_the_sample_talk_is_there_without_a_network(vidthread: Call) -> None:
    done = vidthread("analyze", "sample", "--format", "json")
    results = json.loads(done.stdout)
    assert set(results["task_outputs"]) == {"classify_and_summarize_content", "key_moments"}
    assert results["video_info"]["duration"] > 12 * 60
    assert results["category"] == "Technology"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["analyze"], "VIDEO"),
        (["analyze", "no-such-file.srt"], "neither a file, a YouTube link nor a video id"),
        (
            ["analyze", "https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ"],
            "YouTube link",
        ),
        (["analyze", "https://youtu.be/short"], "isn't a video"),
        (["analyze", "https://www.youtube.com/playlist?list=PL123"], "playlist"),
        (["analyze", "sample", "--types", "Haiku"], "Haiku"),
        (["analyze", "sample", "--types", ","], "analysis type"),
        (["analyze", "sample", "--types", "post"], "analysis type"),
        (["analyze", "sample", "--language", "klingon!"], "a language such as German"),
        (["analyze", "sample", "--length", "huge"], "huge"),
        (["chat", "sample", "--instruction", "x" * 501], "500 characters at most"),
        (["analyze", "sample", "--format", "pdf"], "pdf"),
        (["analyze", "sample", "--frobnicate"], "--frobnicate"),
        (["chat"], "VIDEO"),
        (["chat", "-"], "questions come from standard input"),
        (["evaluate"], "VIDEO"),
        (["evaluate", "sample", "no-such-file.srt"], "neither a file"),
        (["evaluate", "sample", "--questions", "no-such-file.jsonl"], "does not exist"),
        (["sing"], "sing"),
    ],
)
def test_a_wrong_call_exits_with_2_and_says_why(
    vidthread: Call, arguments: list[str], told: str
) -> None:
    done = vidthread(*arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("command", ["analyze", "chat"])
@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "captions_file_empty"), (b"\x89PNG", "captions_file_format")],
    ids=["empty", "binary"],
)
def test_a_file_that_cannot_be_read_exits_with_1(
    vidthread: Call, tmp_path: Path, command: str, content: bytes, code: str
) -> None:
    (tmp_path / "talk.srt").write_bytes(content)
    done = vidthread(command, tmp_path / "talk.srt", "--format", "json")
    assert done.returncode == 1
    error = json.loads(done.stdout)["error"]
    assert error["code"] == code
    assert error["retryable"] is False
    assert error["message"] in done.stderr.replace("\n", " ")


async def test_texts_are_as_they_are_asked_for(talk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wishes = ("--length", "short", "--instruction", "for sailors", "--model", "fast")
    async with LocalModel() as model:
        monkeypatch.setenv("MODELS", f"fast = m @ {model.url}")
        called = partial(asyncio.to_thread, program)
        done = await called("analyze", talk, *wishes, "--types", "plan")
        assert done.returncode == 0, done.stderr
        done = await called("chat", talk, *wishes, stdin="who built the crane?\n")
        assert done.returncode == 0, done.stderr
        unknown = await called("analyze", talk, "--model", "gpt-9")
    assert len(model.calls) == 2
    for call in model.calls:
        assert "\nLength: short." in call.last_message
        assert "# Instruction\nfor sailors\n" in call.last_message
    assert unknown.returncode == 2
    assert "There is no model “gpt-9”. Choose from: offline, fast." in unknown.stderr


def test_a_bare_id_is_a_video(vidthread: Call) -> None:
    # Nothing listens on the discard port of this machine.
    command = ("analyze", "dQw4w9WgXcQ", "--format", "json")
    done = vidthread(*command, YOUTUBE_URL="http://127.0.0.1:9")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "youtube_unreachable"


def test_captions_come_from_standard_input(vidthread: Call, talk: Path) -> None:
    captions = talk.read_text(encoding="utf-8")
    command = ("analyze", "-", "--types", "moments,plan", "--format", "json")
    done = vidthread(*command, stdin=captions)
    assert done.returncode == 0
    results = json.loads(done.stdout)
    assert set(results["task_outputs"]) == {"analyze_and_plan_content", "key_moments"}
    assert results["video_info"]["duration"] == 30.0


def test_wrong_settings_are_named_all_at_once(vidthread: Call, talk: Path) -> None:
    done = vidthread("analyze", talk, HTTP_TOTAL_TIMEOUT="soon", RATE_CONCURRENT="-3")
    assert done.returncode == 1
    assert "HTTP_TOTAL_TIMEOUT" in done.stderr
    assert "RATE_CONCURRENT" in done.stderr


def test_settings_are_read_from_dot_env(vidthread: Call, talk: Path, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("RATE_PER_MINUTE=many\n", encoding="utf-8")
    done = vidthread("analyze", talk)
    assert done.returncode == 1
    assert "RATE_PER_MINUTE" in done.stderr
    assert vidthread("analyze", talk, RATE_PER_MINUTE="9").returncode == 0


def test_chat_answers_a_question_a_line(vidthread: Call, talk: Path) -> None:
    asked = "who built the crane?\n\nWhat do bananas cost?\n"
    done = vidthread("chat", talk, "--format", "json", stdin=asked)
    assert done.returncode == 0
    assert done.stderr == ""
    built, bananas = [json.loads(line) for line in done.stdout.splitlines()]
    assert built["question"] == "who built the crane?"
    assert built["answered"] is True
    assert built["engine"] == "offline"
    assert set(built["citations"][0]) == {"video_id", "start", "end", "url", "quote"}
    assert built["citations"][0]["start"] <= 6 < built["citations"][0]["end"]
    assert built["claims"][0]["support"] == "said"
    assert bananas["answered"] is False
    assert "I didn't find that in these words." in bananas["answer"]
    assert len(bananas["citations"]) == bananas["answer"].count("](https://")


def test_chat_in_words(talk: Path) -> None:
    done = program("chat", talk, stdin="when do ferries leave?\n")
    assert done.returncode == 0
    assert "every second morning." in done.stdout
    assert re.search(r"” \[0:\d\d\] https://youtu\.be/dQw4w9WgXcQ\?t=\d+\n", done.stdout)


def test_help_in_a_chat_names_what_works_in_a_terminal(vidthread: Call, talk: Path) -> None:
    done = vidthread("chat", talk, stdin="help\n")
    assert done.returncode == 0
    assert done.stdout.startswith("Ask what you like about the video.")
    assert "drop" not in done.stdout
    told = json.loads(vidthread("chat", talk, "--format", "json", stdin="help\n").stdout)
    assert told["question"] == "help"
    assert told["answered"] is False


def test_evaluate_prints_an_object_a_talk(vidthread: Call, talk: Path, tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    built = {"question": "who built the crane?", "windows": [[6, 12]], "language": "en", "half": 1}
    questions.write_text(f"\ufeff{json.dumps(built)}\r\n\n", encoding="utf-8")
    done = vidthread("evaluate", talk, "sample", "--questions", questions, "--format", "json")
    assert done.returncode == 0
    assert done.stderr == ""
    harbour, sample = [json.loads(line) for line in done.stdout.splitlines()]
    figures = "citation_recall citation_precision quotes_right numbers_right marked tenths tokens"
    assert list(harbour) == ["talk", "model", *figures.split(), "seconds", "hit1", "hit3"]
    assert (harbour["talk"], harbour["model"]) == ("Harbour", "offline")
    assert (harbour["hit1"], harbour["hit3"], sample["hit3"]) == (1.0, 1.0, 0.0)
    assert harbour["citation_precision"] == 1.0
    assert harbour["tokens"] == 0
    assert [name for name in harbour if f"`{name}`" not in README] == []


def test_evaluate_in_words_has_a_column_a_talk(vidthread: Call, talk: Path) -> None:
    done = vidthread("evaluate", talk, "sample")
    assert done.returncode == 0
    lines = {line[:41].strip(): line[41:].split() for line in done.stdout.splitlines()}
    assert lines["Model"] == ["offline", "offline"]
    assert lines["Citations that support their claim"] == ["100", "%", "100", "%"]
    assert lines["Tenths of the talk that are cited"][1:3] == ["of", "10"]
    assert lines["Questions answered by the first three"] == ["–", "–"]
    assert [line for line in lines if line not in README] == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("who built it?", "malformed"),
        ('["who built it?"]', "array"),
        ('{"windows": []}', "question"),
        ('{"question": " ", "windows": []}', "empty"),
        ('{"question": "Who?"}', "windows"),
        ('{"question": "Who?", "windows": [[3]]}', "windows"),
        ('{"question": "Who?", "windows": [[30, 12]]}', "must end after it starts"),
        ('{"question": "Who?", "windows": [[-1, 2]]}', "windows"),
        ('{"question": "Who?", "windows": [], "language": 3}', "language"),
        ('{"question": "\xff", "windows": []}', "utf-8"),
        ('{"more": ' + "[" * 100_000, "depth"),
    ],
)
def test_a_wrong_question_is_named_with_its_line(tmp_path: Path, line: str, told: str) -> None:
    path = tmp_path / "questions.jsonl"
    good = '{"question": "Who built it?", "windows": [[1, 2.5]]}'
    path.write_bytes(f"{good}\n\n{line}\n".encode("latin-1"))
    with pytest.raises(InvalidRequest, match=r"^Line 3 of ") as refused:
        read_questions(path)
    assert told in refused.value.message


def test_a_file_without_questions_is_a_wrong_call(vidthread: Call, tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_bytes(b"\n")
    done = vidthread("evaluate", "sample", "--questions", path, "--format", "json")
    assert done.returncode == 1
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "wrong_questions"
    assert error["message"] == f"There are no questions in {path}."
    with path.open("wb") as file:
        file.truncate(2**33)
    with pytest.raises(InvalidRequest, match="larger than 2 MB"):
        read_questions(path)


def test_our_own_questions_are_such_files(tmp_path: Path) -> None:
    for path in (ROOT / "tests" / "questions").glob("*.jsonl"):
        told = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        read = read_questions(path)
        assert [one.text for one in read] == [one["question"].strip() for one in told]
        assert [one.language for one in read] == [one["language"] for one in told]
        assert [list(map(list, one.windows)) for one in read] == [one["windows"] for one in told]
    example = re.search(r"`(\{\"question\": .*?\})`", README)
    assert example
    (tmp_path / "example.jsonl").write_text(example[1], encoding="utf-8")
    assert read_questions(tmp_path / "example.jsonl")[0].windows == ((113, 128),)


def test_a_talk_that_cannot_be_read_is_told_and_the_others_measured(
    vidthread: Call, tmp_path: Path
) -> None:
    (tmp_path / "empty.srt").write_bytes(b"")
    done = vidthread("evaluate", tmp_path / "empty.srt", "sample", "--format", "json")
    assert done.returncode == 1
    failed, measured = [json.loads(line) for line in done.stdout.splitlines()]
    assert failed["error"]["code"] == "captions_file_empty"
    assert failed["error"]["message"] in done.stderr
    assert measured["model"] == "offline"


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX here")
async def test_ctrl_c_ends_an_evaluation_with_130() -> None:
    asked = asyncio.Event()

    def reply(_: object) -> str:
        asked.set()
        return "Never to be read to its end."

    async with LocalModel(reply=reply, hold=asyncio.Event()) as model:
        running = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "vidthread", "evaluate", "sample"),
            env=os.environ | {"OPENAI_BASE_URL": model.url},
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(30):
            await asked.wait()
            running.send_signal(signal.SIGINT)
            _, said = await running.communicate()
    assert running.returncode == 130
    assert b"Traceback" not in said


def test_help_names_every_command_and_option(vidthread: Call) -> None:
    helped = vidthread("--help").stdout
    assert all(command in helped for command in ("analyze", "chat", "evaluate", "doctor"))
    options = vidthread("analyze", "--help").stdout
    assert all(o in options for o in ("--types", "--language", "--format", "--no-cache"))
    assert "vidthread" in vidthread("--version").stdout


def test_doctor_says_what_is_wrong(vidthread: Call) -> None:
    nowhere = "http://127.0.0.1:9"  # nothing listens on the discard port of this machine
    done = vidthread("doctor", YOUTUBE_URL=nowhere)
    assert done.returncode == 1
    assert "✓ settings" in done.stdout
    assert "✓ database" in done.stdout
    assert "✓ model" in done.stdout
    assert "✗ youtube" in done.stdout
    assert "can't reach" in done.stdout
    assert vidthread("doctor", LOG_LEVEL="loud").returncode == 1
    wrong = vidthread(
        "doctor",
        YOUTUBE_URL=nowhere,
        OPENAI_BASE_URL=nowhere,
        DATABASE_URL="sqlite:////proc/no/x.db",
    )
    assert "✗ model: I can't reach the language model." in wrong.stdout
    assert "✗ database: " in wrong.stdout


def test_a_reader_who_leaves_is_no_error(talk: Path) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "vidthread", "analyze", str(talk), "--format", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert running.stdout is not None
    running.stdout.close()
    assert running.stderr is not None
    with running.stderr as said:
        assert said.read() == b""
    assert running.wait(30) == 0


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX here")
def test_ctrl_c_ends_a_chat_with_130(talk: Path) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "vidthread", "chat", str(talk)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdin is not None
    assert running.stdout is not None
    running.stdin.write("who built the crane?\n")
    running.stdin.flush()
    assert "brothers" in running.stdout.readline()
    running.send_signal(signal.SIGINT)
    began = time.monotonic()
    _, said = running.communicate(timeout=20)
    assert running.returncode == 130
    assert time.monotonic() - began < 10
    assert "Traceback" not in said


def test_bytes_and_locales_that_are_not_utf8(vidthread: Call, talk: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "vidthread", "chat", str(talk), "--format", "json"],
        input=b"who b\xfc\xffilt the crane?\nwhen do ferries leave?\n",
        capture_output=True,
        timeout=60,
        check=False,
        env=os.environ | {"PYTHONIOENCODING": "ascii:strict"},
    )
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr
    assert len(done.stdout.splitlines()) == 2
    odd = talk.with_name(os.fsdecode(b"H\xffarbour.en.srt"))
    odd.write_bytes(talk.read_bytes())
    assert vidthread("analyze", odd, "--format", "json").returncode == 0


def test_a_film_is_not_taken_for_captions(vidthread: Call, tmp_path: Path) -> None:
    film = tmp_path / "film.srt"
    with film.open("wb") as file:
        file.truncate(2**33)
    done = vidthread("analyze", film, "--format", "json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "captions_file_too_large"


def test_a_language_that_the_file_has_not_is_told(vidthread: Call, talk: Path) -> None:
    done = vidthread("analyze", talk, "--language", "German", "--types", "tweet")
    assert done.returncode == 0
    assert "No analysis in “de”" in done.stdout
