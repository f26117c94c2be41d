"""The doors for code without an event loop: the manual's snippets, in programs of their own where
it matters how such a program ends."""

import asyncio
import json
import os
import re
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from youtube_analysis import run_analysis, run_analysis_v2
from youtube_analysis.analysis_v2 import Outcome, cleanup_analysis_resources
from youtube_analysis.errors import Interrupted, Unexpected

_DROPPED = r"Exception ignored in: <function Group.__del__(?:.*\n)+?KeyboardInterrupt: \n"
ROOT = Path(__file__).parent.parent.parent
CAPTIONS = "\n".join(
    f"{n + 1}\n00:{n // 12:02}:{n * 5 % 60:02},000 --> 00:{n // 12:02}:{n * 5 % 60 + 4:02},900\n"
    f"Always check crane number {n} of the harbour.\n"
    for n in range(60)
)

USAGE = """
from youtube_analysis import run_analysis_v2, get_performance_stats

# Run optimized analysis
results, error = run_analysis_v2(
    youtube_url="https://youtu.be/localtalk01",
    use_cache=True,
    analysis_types=["Summary & Classification", "Action Plan"]
)

# Get performance statistics
stats = get_performance_stats()
print(f"Cache hit rate: {stats['cache_stats']['total_accesses']}")
print(f"Memory usage: {stats['cache_stats']['memory_size_mb']:.1f}MB")
"""
CLEANUP = """
from youtube_analysis.analysis_v2 import cleanup_analysis_resources

async def shut_down():
    # Cleanup when shutting down
    await cleanup_analysis_resources()
"""
FACTORY = """
from youtube_analysis.service_factory import get_service_factory

factory = get_service_factory()
workflow = factory.get_video_analysis_workflow()
"""
ANALYZE = """
from youtube_analysis import AnalysisRequest
from youtube_analysis.workflow import Finished

async def analyze(workflow):
    async with workflow.open(AnalysisRequest("https://youtu.be/localtalk01")) as events:
        async for event in events:
            if isinstance(event, Finished):
                print(event.result.status)
"""


@contextmanager
def server(*command: str) -> Iterator[str]:
    """A local server as a program; its address."""
    process = subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Settings that point at a local YouTube and a local model."""
    talk = tmp_path_factory.mktemp("talks") / "talk.en.srt"
    talk.write_text(CAPTIONS, encoding="utf-8")
    with (
        server("tests/fakes/youtube.py", "--captions", str(talk)) as youtube,
        server("tests/fakes/model.py", "--first-token", "0.2", "--rate", "2000") as model,
    ):
        yield {"YOUTUBE_URL": youtube, "OPENAI_BASE_URL": model, "RATE_PER_MINUTE": "100000"}


@pytest.fixture(scope="module")
def slow() -> Iterator[str]:
    """A model that is asked in vain."""
    with server("tests/fakes/model.py", "--first-token", "60") as url:
        yield url


Run = Callable[..., str]


@pytest.fixture(autouse=True)
def _cleaned_up() -> Iterator[None]:
    """What calls within this process leave is nothing to the next test."""
    yield
    asyncio.run(cleanup_analysis_resources())


@pytest.fixture
def here(
    world: dict[str, str],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Runs code within this process, which has all imported; what it prints."""

    def run(code: str, **more: str) -> str:
        for name, value in (world | more).items():
            monkeypatch.setenv(name, value)
        path = tmp_path / "program.py"
        path.write_text(code, encoding="utf-8")
        runpy.run_path(str(path), run_name="__main__")
        told, complaints = capfd.readouterr()
        assert complaints == ""
        return told

    return run


def script(code: str, world: dict[str, str], **more: str) -> str:
    """What a program prints that must end well, in time and without a warning."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-X", "dev", "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | world | more,
    )
    # In development mode asyncio tells of steps that take long on a busy machine.
    said = [line for line in done.stderr.splitlines() if not line.startswith("Executing <")]
    assert (done.returncode, said) == (0, []), done.stdout + done.stderr
    return done.stdout


def test_the_usage_of_the_manual_runs_word_for_word(world: dict[str, str]) -> None:
    told = script(USAGE + "print(error, list(results['task_outputs']))", world)
    assert told.splitlines() == [
        "Cache hit rate: 4",
        "Memory usage: 0.0MB",
        "None ['classify_and_summarize_content', 'analyze_and_plan_content']",
    ]


def test_the_script_of_the_readme_runs(world: dict[str, str]) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    code = readme.split("```python\n")[1].split("```")[0]
    plan, hit_rate = script(code.replace("your_video", "localtalk01"), world).rsplit("\n", 2)[:2]
    assert plan.startswith("- “Always check crane")
    assert hit_rate == "0.0"


def test_results_have_the_keys_of_the_contract_and_are_json(here: Run) -> None:
    told = here(USAGE + "import json; print(json.dumps([results, stats]))")
    results, stats = json.loads(told.splitlines()[-1])
    assert set(results) == set(
        """video_id youtube_url status task_outputs category context_tag total_token_usage
        token_usage analysis_time created_at timestamp cached chat_details error_message transcript
        transcript_segments video_info workflow_version performance_optimized engine
        claims""".split()
    )
    assert results["youtube_url"] == "https://youtu.be/localtalk01"
    assert results["token_usage"]["completion_tokens"] == 200
    assert results["category"] == "Technology"
    assert set(stats) == {
        "cache_stats", "connection_stats", "llm_stats", "llm_cache_info", "background_tasks",
    }  # fmt: skip
    assert set(stats["cache_stats"]) == set(
        """memory_entries memory_size_mb memory_limit_mb memory_utilization total_accesses hits
        misses hit_rate evictions refreshes background_tasks avg_entry_size_kb""".split()
    )
    assert set(stats["connection_stats"]) == set(
        """total_connections max_connections session_closed recent_requests created reused
        queued""".split()
    )
    assert stats["cache_stats"]["memory_entries"] == 4  # link, talk, sections
    assert stats["cache_stats"]["memory_limit_mb"] == 500
    assert stats["connection_stats"]["recent_requests"] == 3
    assert stats["connection_stats"]["created"] + stats["connection_stats"]["reused"] == 3
    assert stats["llm_stats"]["requests"] == 2
    assert stats["llm_stats"]["completion"] == 200
    assert stats["llm_cache_info"]["cached_instances"] == 1


def test_repeated_calls_share_one_loop_and_its_cache(here: Run) -> None:
    told = here(
        f"{USAGE}{USAGE}\nimport threading\nprint(results['status'], results['cached'])\n"
        "print(stats['cache_stats']['hits'], stats['connection_stats']['recent_requests'])\n"
        "print([t.name for t in threading.enumerate() if 'loop' in t.name])",
    )
    assert told.splitlines()[-3:] == ["cached True", "4 3", "['vidthread-loop']"]


def test_threads_share_what_is_under_way(here: Run) -> None:
    code = """
from concurrent.futures import ThreadPoolExecutor
from youtube_analysis import run_analysis_v2, get_performance_stats
with ThreadPoolExecutor(8) as threads:
    ended = list(threads.map(lambda _: run_analysis_v2("https://youtu.be/localtalk01"), range(8)))
print({error for _, error in ended}, len({str(r["task_outputs"]) for r, _ in ended}))
print(get_performance_stats()["llm_stats"]["requests"])
"""
    assert here(code).splitlines() == ["{None} 1", "6"]


def test_inside_a_running_loop(here: Run) -> None:
    code = "import asyncio\nasync def main():\n    exec(USAGE, globals())\n    print(error)\n"
    told = here(f"USAGE = {USAGE!r}\n{code}asyncio.run(main())")
    assert told.splitlines()[-1] == "None"


def test_the_factory_of_the_manual_works_on_a_loop_of_ones_own(here: Run) -> None:
    run = "import asyncio\nasyncio.run(analyze(workflow))\n"
    assert here(FACTORY + ANALYZE + run).strip() == "completed"


def test_each_loop_has_a_factory_and_code_without_one_that_of_the_background(
    here: Run,
) -> None:
    code = f"""{FACTORY}{ANALYZE}
import asyncio
from youtube_analysis import get_performance_stats, run_analysis_v2
outside = factory
async def main():
    inside = get_service_factory()
    assert inside is get_service_factory() and inside is not outside
    await analyze(inside.get_video_analysis_workflow())
    run_analysis_v2("https://youtu.be/localtalk01", analysis_types=["X Post"])
    print(get_performance_stats()["llm_stats"]["requests"])
asyncio.run(main())
assert outside is get_service_factory()
print(get_performance_stats()["llm_stats"]["requests"])
"""
    assert here(code).splitlines() == ["completed", "7", "1"]


def test_after_cleanup_everything_works_again(world: dict[str, str]) -> None:
    code = f"""{CLEANUP}
import asyncio, threading
from youtube_analysis import run_analysis_v2, get_performance_stats
def once():
    return run_analysis_v2("https://youtu.be/localtalk01", analysis_types=["X Post"])[0]["status"]
print(once(), once())
asyncio.run(shut_down())
asyncio.run(shut_down())
print(get_performance_stats()["cache_stats"]["memory_entries"], threading.active_count())
print(once(), once())
"""
    assert script(code, world).splitlines() == ["completed cached", "0 1", "completed cached"]


def test_cleanup_from_within_another_loop_closes_each_on_its_own(here: Run) -> None:
    code = f"""{FACTORY}{CLEANUP}{ANALYZE}
import asyncio
from youtube_analysis import run_analysis_v2
async def main():
    await analyze(get_service_factory().get_video_analysis_workflow())
    run_analysis_v2("https://youtu.be/localtalk01")
    await shut_down()
    await analyze(get_service_factory().get_video_analysis_workflow())
asyncio.run(main())
"""
    assert here(code).splitlines() == ["completed", "completed"]


@pytest.mark.parametrize("door", ["run_analysis", "run_analysis_v2"])
def test_cleanup_ends_what_is_under_way_with_an_error(here: Run, slow: str, door: str) -> None:
    code = f"""{CLEANUP}
import asyncio, threading, time
from youtube_analysis import run_analysis, run_analysis_v2, get_performance_stats
told = []
def call():
    told.append({door}("https://youtu.be/localtalk01"))
for wait_for in ("nothing", "connection_stats", "llm_stats"):
    one = threading.Thread(target=call)
    one.start()
    while wait_for != "nothing" and not any(get_performance_stats()[wait_for].values()):
        time.sleep(0.01)
    asyncio.run(shut_down())
    one.join(20)
    print(one.is_alive(), told.pop())
"""
    told = here(code, OPENAI_BASE_URL=slow, OPENAI_IDLE_TIMEOUT="60")
    assert told.count("False (None, 'This was interrupted") == 3


def test_calls_that_race_with_cleanup_all_come_back(here: Run) -> None:
    code = f"""{CLEANUP}
import asyncio, threading
from youtube_analysis import run_analysis, run_analysis_v2
told, over = set(), threading.Event()
def call(door):
    while not over.is_set():
        told.add(door("https://youtu.be/localtalk01", analysis_types=["X Post"])[1])
doors = [run_analysis, run_analysis_v2] * 3
callers = [threading.Thread(target=call, args=(door,), daemon=True) for door in doors]
for caller in callers:
    caller.start()
for n in range(30):
    over.wait(0.01 * (n % 5))
    asyncio.run(asyncio.wait_for(shut_down(), 20))
over.set()
for caller in callers:
    caller.join(20)
print([caller.is_alive() for caller in callers].count(True), len(told - {{None}}))
"""
    assert here(code).split() == ["0", "1"]


def test_cleanup_is_not_held_up_by_a_loop_that_stands_still(here: Run) -> None:
    code = f"""{FACTORY}{CLEANUP}{ANALYZE}
import asyncio
loop = asyncio.new_event_loop()
async def once():
    await analyze(get_service_factory().get_video_analysis_workflow())
loop.run_until_complete(once())
asyncio.run(shut_down())
loop.run_until_complete(once())
loop.run_until_complete(shut_down())
loop.run_until_complete(loop.shutdown_default_executor())
loop.close()
"""
    assert here(code).split() == ["completed", "completed"]


def test_cleanup_works_at_the_very_end_of_a_program(world: dict[str, str]) -> None:
    code = f"""{CLEANUP}
import asyncio, atexit
from youtube_analysis import run_analysis_v2
def end():
    asyncio.run(shut_down())
    print("cleaned")
atexit.register(end)
print(run_analysis_v2("https://youtu.be/localtalk01", analysis_types=["X Post"])[1])
"""
    assert script(code, world).split() == ["None", "cleaned"]


@pytest.mark.parametrize("daemon", [True, False])
def test_a_program_may_end_while_threads_still_call(world: dict[str, str], daemon: bool) -> None:
    """A thread that Python waits for gets its result, or a sentence where Python gives it no more
    threads to work in; none gets a traceback."""
    code = f"""
import threading
from youtube_analysis import run_analysis_v2
begun = threading.Event()
def call():
    begun.set()
    results, error = run_analysis_v2("https://youtu.be/localtalk01", analysis_types=["X Post"])
    if not {daemon}:
        print(results["status"] if results else error)
threading.Thread(target=call, daemon={daemon}).start()
begun.wait()
"""
    told = script(code, world).strip()
    assert told in ({""} if daemon else {"completed", str(Interrupted())})


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_child_works_on_a_loop_of_its_own(world: dict[str, str]) -> None:
    code = """
import os, signal, sys, warnings
from youtube_analysis import run_analysis_v2
warnings.simplefilter("ignore", DeprecationWarning)  # Python's own, about any fork with threads
def once():
    results, _ = run_analysis_v2("https://youtu.be/localtalk01", analysis_types=["X Post"])
    print(results["status"], flush=True)
once()
if not (child := os.fork()):
    signal.alarm(30)  # it must not outlive the test
    once()
    sys.exit(7)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
once()
"""
    assert script(code, world).splitlines() == ["completed", "completed", "7", "cached"]


@pytest.mark.parametrize("first_token", ["30", "0.01"])
def test_ctrl_c_cancels_the_run_and_nothing_hangs(world: dict[str, str], first_token: str) -> None:
    code = """
from youtube_analysis import run_analysis_v2
print("imported", flush=True)
while True:
    try:
        run_analysis_v2("https://youtu.be/localtalk01", use_cache=False)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
        break
"""
    with server("tests/fakes/model.py", "--first-token", first_token, "--rate", "20") as slow:
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", code],
            env=os.environ | world | {"OPENAI_BASE_URL": slow, "OPENAI_IDLE_TIMEOUT": "60"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        assert process.stdout.readline() == "imported\n"
        time.sleep(1)  # somewhere in the middle
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=15)
    assert (process.returncode, out.strip(), err) == (0, "interrupted", "")


@pytest.mark.parametrize("moment", ["at once", "while reading", "while writing"])
def test_ctrl_c_ends_a_program_as_python_ends_it(
    world: dict[str, str], slow: str, moment: str
) -> None:
    code = """
from youtube_analysis import run_analysis_v2
print("at once", flush=True)
def tell(event):
    name = type(event).__name__
    print({"Progress": "while reading", "VideoRead": "while writing"}.get(name, name), flush=True)
run_analysis_v2("https://youtu.be/localtalk01", on_event=tell)
"""
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code],
        env=os.environ | world | {"OPENAI_BASE_URL": slow},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    while process.stdout.readline().strip() != moment:
        assert process.poll() is None
    err = _pressed(process)
    assert process.returncode == -signal.SIGINT, err
    assert err.count("Traceback") == 1
    assert err.splitlines()[-1] == "KeyboardInterrupt"


def _pressed(process: subprocess.Popen[str]) -> str:
    """What is told at the end. Python drops a Ctrl-C that strikes while it collects garbage with
    finalizers in it, as patterns leave some: people press again then."""
    for _ in range(5):
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            return re.sub(_DROPPED, "", process.communicate(timeout=6)[1])
    raise AssertionError("Ctrl-C ends nothing")


def test_the_sequential_path_gives_the_same_and_remembers_nothing(here: Run) -> None:
    code = """
from youtube_analysis import run_analysis, run_analysis_v2
first, error = run_analysis("https://youtu.be/localtalk01")
again, _ = run_analysis("https://youtu.be/localtalk01")
fast, _ = run_analysis_v2("https://youtu.be/localtalk01")
print(error, first["status"], again["status"], first["task_outputs"] == fast["task_outputs"])
"""
    assert here(code).strip() == "None completed completed True"


def test_a_video_that_cannot_be_read_is_a_sentence(here: Run) -> None:
    code = """
from youtube_analysis import run_analysis, run_analysis_v2
for door in run_analysis, run_analysis_v2:
    print(door("https://youtu.be/nosuchvideo"))
"""
    for said in here(code).splitlines():
        assert said.startswith("(None, ")
        assert "no longer exists" in said


@pytest.mark.parametrize("door", [run_analysis, run_analysis_v2])
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"youtube_url": None}, "Send a link to one YouTube video"),
        ({"youtube_url": 5}, "Send a link to one YouTube video"),
        ({"youtube_url": "https://example.org/x"}, "Send a link to one YouTube video"),
        ({"analysis_types": []}, "Name an analysis type. Choose from: Summary & Classification,"),
        ({"analysis_types": [None]}, "no analysis type “None”"),
        ({"analysis_types": 5}, "no analysis type “5”"),
        ({"analysis_types": "Haiku"}, "no analysis type “Haiku”"),
        ({"language": 5}, "Name the language by its code"),
    ],
)
def test_arguments_of_the_wrong_kind_are_a_sentence(
    door: Callable[..., Outcome], arguments: dict[str, object], told: str
) -> None:
    results, error = door(**{"youtube_url": "https://youtu.be/localtalk01"} | arguments)
    assert results is None
    assert told in (error or "")


def test_wrong_settings_are_a_sentence_too(here: Run) -> None:
    code = 'from youtube_analysis import run_analysis_v2\nprint(run_analysis_v2("localtalk01"))'
    assert "OPENAI_CONTEXT must be" in here(code, OPENAI_CONTEXT="many")


def test_progress_is_heard(here: Run) -> None:
    code = """
from youtube_analysis import run_analysis_v2
heard = []
run_analysis_v2("https://youtu.be/localtalk01", on_event=heard.append)
print(sorted({type(event).__name__ for event in heard}))
"""
    assert "SectionDelta" in here(code)


def test_a_bug_is_a_sentence(here: Run) -> None:
    """The bug is the listener's, or that of a list which fails while it is read."""
    code = """
from youtube_analysis import run_analysis, run_analysis_v2
class Types(list):
    def __iter__(self):
        raise LookupError("a bug")
def hear(event):
    raise LookupError("a bug")
print(run_analysis_v2("https://youtu.be/localtalk01", on_event=hear))
for door in run_analysis, run_analysis_v2:
    print(door("https://youtu.be/localtalk01", analysis_types=Types()))
"""
    told = f"(None, {str(Unexpected())!r})"
    assert here(code).splitlines() == [told] * 3


def test_one_type_may_be_named_without_a_list(here: Run) -> None:
    code = """
from youtube_analysis import AnalysisType, run_analysis, run_analysis_v2
for door, name in ((run_analysis, "X Post"), (run_analysis_v2, AnalysisType.X_POST)):
    print(list(door("https://youtu.be/localtalk01", analysis_types=name)[0]["task_outputs"]))
"""
    assert here(code).splitlines() == ["['write_tweet']"] * 2


def test_the_sequential_path_is_counted_until_cleanup(here: Run) -> None:
    code = f"""{CLEANUP}
import asyncio, json
from youtube_analysis import run_analysis, get_performance_stats
def stats():
    told = get_performance_stats()
    print(json.dumps(told["llm_stats"] | told["connection_stats"] | told["llm_cache_info"]))
for _ in range(2):
    run_analysis("https://youtu.be/localtalk01", ["X Post", "Action Plan"])
    stats()
asyncio.run(shut_down())
stats()
"""
    told = here(code, OPENAI_OUTPUT_PRICE="10000")
    once, twice, none = map(json.loads, told.splitlines())
    assert once["requests"] == 2
    assert once["completion"] == 200
    assert once["cost"] == 2.0
    assert once["prompt"] > 0
    assert once["created"] == once["recent_requests"] == 3
    assert once["reused"] == once["total_connections"] == once["cached_instances"] == 0
    assert once["session_closed"]
    moved = ("requests", "prompt", "completion", "cost", "created", "recent_requests")
    assert all(twice[name] == 2 * once[name] and none[name] == 0 for name in moved)
