"""The nursery and its phases: what they return, what ends them, what they leave behind."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.metadata
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness import catalog, runtime, sandbox
from harness.sandbox import Cancelled, Ended, Limits, Nursery, Process, Unprotected
from harness.vocabulary import Arrays, Refused, Submission
from tests import tiny

MiB = 1 << 20
LAYERS = ("death with the parent", "limits", "namespaces", "capabilities", "landlock", "seccomp")
SOON = Limits(seconds=20)
TRAIN = tiny.make(0, "smoke").train

Entry = Callable[..., Submission]


@pytest.fixture
def enter(tmp_path: Path) -> Entry:
    """Return a function that makes a submission of the text of its module."""

    def enter(text: str, name: str = "entry") -> Submission:
        return tiny.submission(tmp_path, textwrap.dedent(text), name)

    return enter


@pytest.fixture(scope="module")
def bare() -> Iterator[Nursery]:
    """Return a nursery whose phases have no layer of the wall but that of a process."""
    with Nursery(skip=LAYERS) as nursery:
        yield nursery


@contextlib.contextmanager
def phase(
    nursery: Nursery, entry: Submission, limits: Limits = SOON, kind: str = "fit", **more: Any
) -> Iterator[Process]:
    process = nursery.start(entry, kind, limits, **more)
    try:
        yield process
    finally:
        process.close()
        assert process.usage is not None
        with pytest.raises(ProcessLookupError):
            os.killpg(process.pid, 0)
        assert not Path(process.scratch).exists()


def fit(nursery: Nursery, entry: Submission, limits: Limits = SOON, **more: Any) -> Arrays:
    with phase(nursery, entry, limits, **more) as process:
        return process.call(TRAIN)[0]


def ending(nursery: Nursery, entry: Submission, limits: Limits = SOON) -> tuple[str, str]:
    with pytest.raises(Ended) as ended:
        fit(nursery, entry, limits)
    assert str(ended.value) == ended.value.reason
    return ended.value.status, ended.value.reason


# ---------------------------------------------------------------------------------------------
# Answers


def test_fit_and_predict_of_an_honest_submission(nursery: Nursery, tmp_path: Path) -> None:
    honest = tiny.submission(tmp_path)
    exam = tiny.make(0, "smoke")
    artifact = fit(nursery, honest)
    with phase(nursery, honest, kind="predict") as process:
        process.hand(artifact)
        outputs = process.call(exam.inputs)[0]
        again = process.call({"X": exam.inputs["X"][:3]})[0]
    assert np.allclose(outputs["Y"], exam.inputs["X"] @ artifact["W"])
    assert np.array_equal(again["Y"], outputs["Y"][:3])


def test_the_context_is_what_was_ordered(nursery: Nursery, enter: Entry) -> None:
    entry = enter("""
        import numpy as np
        def fit(train, context):
            assert context.facts == {"word": "so"} and context.oracle is None
            assert (context.seconds, context.threads, context.device) == (20, 1, "cpu")
            return {"seed": np.array(context.seed)}
    """)
    with phase(nursery, entry, seed=2**40 + 7) as process:
        assert process.call(TRAIN, {"word": "so"})[0]["seed"] == 2**40 + 7


def test_the_seed_fixes_every_generator(nursery: Nursery, enter: Entry) -> None:
    entry = enter("""
        import random
        import numpy as np, torch
        def fit(train, context):
            return {"W": np.array([random.random(), np.random.random(), torch.rand(()).item()])}
    """)
    once, again, other = (fit(nursery, entry, seed=seed)["W"] for seed in (1, 1, 2))
    assert np.array_equal(once, again)
    assert not np.isclose(once, other).any()


def test_an_oracle_answers_while_fit_runs_and_its_time_counts(
    nursery: Nursery, enter: Entry
) -> None:
    def oracle(question: Arrays) -> Arrays:
        end = time.thread_time() + 0.2
        while time.thread_time() < end:
            pass
        return {"a": question["q"] + 1}

    entry = enter("""
        import numpy as np
        def fit(train, context):
            first = context.oracle({"q": np.zeros(2)})["a"]
            return context.oracle({"q": first})
    """)
    with phase(nursery, entry) as process:
        assert process.call(TRAIN, oracle=oracle)[0]["a"].tolist() == [2.0, 2.0]
        assert process.close().seconds > 0.4


def test_an_oracle_that_refuses_ends_the_phase_as_refused(nursery: Nursery, enter: Entry) -> None:
    def oracle(question: Arrays) -> Arrays:
        raise sandbox.Refused("The budget of 3 questions is spent.")

    entry = enter("""
        def fit(train, context):
            try:
                context.oracle(train)
            except BaseException:
                return {}
    """)
    with phase(nursery, entry) as process, pytest.raises(Ended, match="budget of 3") as ended:
        process.call(TRAIN, oracle=oracle)
    assert ended.value.status == "refused"


def test_a_flood_of_questions_does_not_stop_the_clock(nursery: Nursery, enter: Entry) -> None:
    entry = enter("""
        def fit(train, context):
            while True:
                context.oracle({})
    """)
    with (
        phase(nursery, entry, Limits(seconds=1)) as process,
        pytest.raises(Ended, match="ran longer than 1 s"),
    ):
        process.call(TRAIN, oracle=lambda question: question)


def test_plan_is_read_from_the_module_and_defaults_to_one_empty_set(
    nursery: Nursery, enter: Entry
) -> None:
    with phase(nursery, enter("def plan(facts): return [{'n': facts['n']}]"), kind="plan") as one:
        assert one.call({}, {"n": 3})[1]["plan"] == [{"n": 3}]
    with phase(nursery, enter("pass"), kind="plan") as other:
        assert other.call({})[1]["plan"] == [{}]


def test_two_phases_of_one_nursery_run_at_once(nursery: Nursery, enter: Entry) -> None:
    entry = enter("""
        import time
        def fit(train, context):
            start = time.monotonic()
            time.sleep(0.5)
            return {"W": __import__("numpy").array([start, time.monotonic()])}
    """)
    spans: list[np.ndarray] = []
    threads = [
        threading.Thread(target=lambda: spans.append(fit(nursery, entry)["W"])) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(spans) == 2
    assert max(start for start, _ in spans) < min(end for _, end in spans)


# ---------------------------------------------------------------------------------------------
# Ends


@pytest.mark.parametrize(
    ("body", "limits", "reason"),
    [
        ("while True: pass", Limits(seconds=0.5), "fit ran longer than 0.5 s."),
        (
            "kept = [bytearray(b'x') * (32 << 20) for _ in range(99)]",
            Limits(seconds=20, memory=400 * MiB),
            "MiB of memory; 400 MiB are allowed.",
        ),
        (
            "[(open(str(n), 'wb').write(bytes(1 << 20)), time.sleep(0.02)) for n in range(9999)]",
            Limits(seconds=20, disk=8 * MiB),
            "8 MiB in 5000 files are allowed.",
        ),
        (
            "[(open(str(n), 'w'), time.sleep(0.002)) for n in range(9999)]",
            Limits(seconds=20, files=100),
            "256 MiB in 100 files are allowed.",
        ),
        (
            "[print('x' * 1000) for _ in range(9999)]",
            Limits(seconds=20, output=MiB // 2),
            "fit printed more than 0.5 MiB.",
        ),
        (
            "[threading.Thread(target=time.sleep, args=(99,)).start() for _ in range(20)]; "
            "time.sleep(99)",
            Limits(seconds=20, threads=10),
            "threads; 10 are allowed.",
        ),
    ],
    ids=["clock", "memory", "disk", "files", "output", "threads"],
)
def test_a_limit_kills_and_says_the_number(
    nursery: Nursery, enter: Entry, body: str, limits: Limits, reason: str
) -> None:
    text = f"import threading, time\ndef fit(train, context):\n    {body}\n"
    start = time.monotonic()
    status, said = ending(nursery, enter(text), limits)
    assert status == "killed" and reason in said
    assert time.monotonic() - start < 15


def test_one_file_may_not_outgrow_its_limit(nursery: Nursery, enter: Entry) -> None:
    entry = enter("def fit(train, context): open('f', 'wb').write(bytes(3 << 20))")
    status, reason = ending(nursery, entry, Limits(seconds=20, file_size=2 * MiB))
    assert status == "failed" and "File too large" in reason


@pytest.mark.parametrize(
    ("text", "status", "reason"),
    [
        ("import nothing_like_this", "failed", "No module named 'nothing_like_this' [entry.py:1]"),
        ("1 / 0", "failed", "ZeroDivisionError: division by zero [entry.py:1]"),
        ("x = 1", "refused", "entry has no function fit; a submission needs it."),
        ("fit = 1", "refused", "entry has no function fit; a submission needs it."),
        ("def fit(): pass", "failed", "TypeError: fit() takes 0 positional arguments but 2 were"),
    ],
)
def test_a_broken_module_ends_with_its_own_line(
    nursery: Nursery, enter: Entry, text: str, status: str, reason: str
) -> None:
    ended, said = ending(nursery, enter(text))
    assert ended == status and reason in said


def test_a_module_named_like_a_library_is_refused_by_that_name(
    nursery: Nursery, enter: Entry
) -> None:
    status, reason = ending(nursery, enter(tiny.HONEST, name="random"))
    assert (status, reason) == ("refused", "A library is called 'random' already; rename yours.")


def test_a_reason_is_one_printable_line(nursery: Nursery, enter: Entry) -> None:
    entry = enter(r"""
        def fit(train, context):
            raise ValueError("one\ntwo \x1b[2J \u202e \ud800 é")
    """)
    reason = ending(nursery, entry)[1]
    assert reason.startswith("ValueError: one two \ufffd[2J \ufffd \ufffd é")
    assert reason.isprintable() and reason.encode()


def test_cancelling_ends_a_phase_at_once(nursery: Nursery, enter: Entry) -> None:
    stop = threading.Event()
    entry = enter("import time\ndef fit(train, context): time.sleep(99)")
    with phase(nursery, entry, stop=stop) as process:
        threading.Timer(0.3, stop.set).start()
        start = time.monotonic()
        with pytest.raises(Cancelled):
            process.call(TRAIN)
        assert time.monotonic() - start < 3


def test_what_is_printed_after_the_answer_is_kept_short_and_harmless(
    nursery: Nursery, enter: Entry
) -> None:
    entry = enter("""
        import threading, time
        def chatter():
            time.sleep(0.1)
            print("y" * 60_000, "end", flush=True)
        def fit(train, context):
            threading.Thread(target=chatter).start()
            return {}
    """)
    with phase(nursery, entry, Limits(seconds=20, output=1000)) as process:
        process.call(TRAIN)
        time.sleep(0.4)
        assert process.close().printed.endswith("end\n")


def test_a_closed_output_does_not_disturb_the_answer(nursery: Nursery, enter: Entry) -> None:
    entry = enter("""
        import os, time
        def fit(train, context):
            os.close(1), os.close(2)
            time.sleep(0.3)
            return {}
    """)
    assert fit(nursery, entry) == {}


def test_a_phase_killed_by_another_is_killed_however_late_the_nursery_tells(
    nursery: Nursery, enter: Entry
) -> None:
    sleeper = enter("import time\ndef fit(train, context):\n    time.sleep(60)\n")
    process = nursery.start(sleeper, "fit", SOON)
    os.kill(nursery.process.pid, signal.SIGSTOP)
    wake = threading.Timer(1.0, os.kill, (nursery.process.pid, signal.SIGCONT))
    wake.start()
    os.kill(process.pid, signal.SIGKILL)
    with pytest.raises(Ended, match="fit was ended by SIGKILL without an answer") as ended:
        process.call(TRAIN)
    wake.join()
    assert ended.value.status == "killed"


@pytest.mark.parametrize("day", [-86_400.0, 86_400.0], ids=["back", "forward"])
def test_a_wall_clock_that_jumps_moves_no_limit(
    day: float, nursery: Nursery, enter: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, real = time.monotonic(), time.time
    monkeypatch.setattr(time, "time", lambda: real() + day * (time.monotonic() - begun > 0.5))
    sleeper = enter("import time\ndef fit(train, context):\n    time.sleep(60)\n")
    status, reason = ending(nursery, sleeper, Limits(seconds=1.5))
    assert (status, reason) == ("killed", "fit ran longer than 1.5 s.")
    assert 1.5 <= time.monotonic() - begun < 20


def test_a_killed_phase_leaves_no_process_behind_even_while_it_forks(
    enter: Entry, bare: Nursery
) -> None:
    entry = enter("""
        import os, time
        def fit(train, context):
            for _ in range(3):
                if os.fork() == 0:
                    time.sleep(99)
            time.sleep(99)
    """)
    process = bare.start(entry, "fit", Limits(seconds=1))
    with pytest.raises(Ended, match="ran longer than 1 s"):
        process.call(TRAIN)
    end = time.monotonic() + 5
    while group(process.pid) and time.monotonic() < end:
        time.sleep(0.05)
    assert group(process.pid) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans to the nursery")
def test_a_daemon_in_a_session_of_its_own_ends_with_its_phase(
    enter: Entry, bare: Nursery, tmp_path: Path
) -> None:
    entry = enter(f"""
        import os, time
        def fit(train, context):
            if os.fork() == 0:
                os.setsid()
                for _ in range(3):
                    if os.fork() == 0:
                        os.setsid()
                        open({str(tmp_path)!r} + f"/{{os.getpid()}}", "w").close()
                        time.sleep(99)
                os._exit(0)
            time.sleep(0.5)
            return {{}}
    """)
    assert fit(bare, entry) == {}
    daemons = [int(path.name) for path in tmp_path.iterdir() if path.name.isdigit()]
    assert len(daemons) == 3 and not any(map(alive, daemons))


def group(leader: int) -> list[int]:
    """Return the living processes of a process group."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()
            if fields[0] != "Z" and int(fields[2]) == leader:
                found.append(int(name))
    return found


@pytest.mark.slow
def test_the_nursery_and_its_phases_die_with_a_killed_examiner(tmp_path: Path) -> None:
    entry = tiny.submission(
        tmp_path, "import time\ndef fit(train, context):\n    open('f', 'w')\n    time.sleep(99)\n"
    )
    program = f"""
        import json, threading, time
        from harness.sandbox import Limits, Nursery
        from harness.vocabulary import Submission
        nursery = Nursery()
        process = nursery.start(Submission(**{dataclasses.asdict(entry)!r}), "fit", Limits(60))
        threading.Thread(target=process.call, args=({{}},), daemon=True).start()
        time.sleep(0.5)
        print(json.dumps([nursery.process.pid, process.pid, process.scratch]), flush=True)
        time.sleep(99)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE
    ) as examiner:
        assert examiner.stdout is not None
        nursery, phase, scratch = json.loads(examiner.stdout.readline())
        assert Path(f"/proc/{phase}").exists() and Path(scratch, "f").exists()
        examiner.send_signal(signal.SIGKILL)
    end = time.monotonic() + 10
    while (alive(nursery) or alive(phase) or Path(scratch).exists()) and time.monotonic() < end:
        time.sleep(0.05)
    assert not alive(nursery) and not alive(phase) and not Path(scratch).exists()


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


# ---------------------------------------------------------------------------------------------
# Counting


def test_processor_time_counts_threads_and_the_import_and_not_the_nursery(
    nursery: Nursery, enter: Entry
) -> None:
    entry = enter("""
        import threading, time
        def work(seconds):
            end = time.thread_time() + seconds
            while time.thread_time() < end:
                pass
        work(0.2)
        def fit(train, context):
            thread = threading.Thread(target=work, args=(0.2,))
            thread.start()
            thread.join()
            work(0.2)
            return {}
    """)
    with phase(nursery, entry) as process:
        process.call(TRAIN)
        worked = process.close().seconds
    with phase(nursery, enter("def fit(train, context): return {}")) as process:
        process.call(TRAIN)
        idle = process.close().seconds
    assert 0.6 <= worked < 1.0
    assert 0 <= idle < 0.2


def test_sleep_is_wall_time_and_no_processor_time(nursery: Nursery, enter: Entry) -> None:
    with phase(
        nursery, enter("import time\ndef fit(train, context): time.sleep(0.5) or 1; return {}")
    ) as process:
        process.call(TRAIN)
        usage = process.close()
    assert usage.wall >= 0.5 and usage.seconds < 0.3


def test_peak_memory_is_seen_although_it_was_given_back(nursery: Nursery, enter: Entry) -> None:
    entry = enter("def fit(train, context):\n    bytearray(b'x') * (300 << 20)\n    return {}")
    with phase(nursery, entry) as process:
        process.call(TRAIN)
        assert process.close().peak_bytes > 300 * MiB


# ---------------------------------------------------------------------------------------------
# Layers


def test_layers_that_are_left_out_are_named_as_missing(bare: Nursery, tmp_path: Path) -> None:
    usage = bare.start(tiny.submission(tmp_path), "fit", SOON).close()
    assert usage.holding == ("process forked",)
    for layer in LAYERS:
        assert f"{layer}: left out on request" in usage.missing
    assert any(line.startswith("masked data: ") for line in usage.missing)


def test_every_layer_this_machine_offers_holds(
    nursery: Nursery, tmp_path: Path, layers: tuple[str, ...]
) -> None:
    usage = nursery.start(tiny.submission(tmp_path), "fit", SOON).close()
    named = [line.split(":")[0] for line in usage.missing]
    for layer in (*LAYERS, "masked data"):
        held = any(name == layer or name.startswith(f"{layer} ") for name in layers)
        assert held != (layer in named)


@pytest.mark.parametrize("layer", LAYERS)
def test_a_required_layer_that_is_missing_starts_nothing(
    bare: Nursery, tmp_path: Path, layer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bare, "required", (layer,))
    with pytest.raises(Unprotected, match=f"does not offer the required isolation.*{layer}"):
        bare.start(tiny.submission(tmp_path), "fit", SOON)
    assert os.listdir(bare.scratch) == []


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_the_nursery_has_one_thread_and_no_memory_that_its_children_share(
    nursery: Nursery,
) -> None:
    assert len(os.listdir(f"/proc/{nursery.process.pid}/task")) == 1
    maps = Path(f"/proc/{nursery.process.pid}/maps").read_text().splitlines()
    assert [line for line in maps if line.split()[1][1] == "w" and line.split()[1][3] == "s"] == []


def test_a_phase_that_ends_before_its_wall_stands_is_a_fault_and_says_why(
    nursery: Nursery, tmp_path: Path
) -> None:
    limits = Limits(seconds=20, open_files="many")  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="(?s)before its wall stood.*TypeError"):
        nursery.start(tiny.submission(tmp_path), "fit", limits)
    assert os.listdir(nursery.scratch) == []


# ---------------------------------------------------------------------------------------------
# The runtime


def test_neither_the_repository_nor_the_user_is_part_of_the_runtime() -> None:
    root = Path(sandbox.__file__).parent.parent
    for path in (root, root / "tasks", root / "tests", Path.home(), Path.cwd(), Path("/tmp")):
        assert not any(path.is_relative_to(folder) for folder in runtime.runtime()), path


@pytest.mark.parametrize(
    "place",
    [
        "lib/python3.11/site-packages",
        "lib64/python3.12/site-packages",
        "local/lib/python3.11/site-packages",
        "local/lib/python3.11/dist-packages",
        "lib/python3/dist-packages",
        "envs/other/lib/python3.11/site-packages",
        "pkgs/scikit-learn-1.4/lib/python3.11/site-packages",
    ],
)
def test_bundled_data_is_found_wherever_packages_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    data = tmp_path / place / "sklearn" / "datasets" / "data"
    data.mkdir(parents=True)
    monkeypatch.setattr(runtime, "runtime", lambda: [str(tmp_path)])
    assert runtime.bundled_data() == [os.path.realpath(data)]


def test_submissions_installed_in_the_runtime_are_masked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, group in (("idea", "harness.submissions.tiny"), ("library", "console_scripts")):
        package = tmp_path / name
        package.mkdir()
        (package / "__init__.py").touch()
        info = tmp_path / f"{name}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {name}\n")
        files = (f"{name}/__init__.py", f"../bin/{name}", f"{info.name}/RECORD")
        (info / "RECORD").write_text("".join(f"{file},,\n" for file in files))
    found = list(importlib.metadata.distributions(path=[str(tmp_path)]))
    assert len(found) == 2
    monkeypatch.setattr(importlib.metadata, "distributions", lambda: found)
    monkeypatch.setattr(runtime, "runtime", lambda: [os.path.realpath(tmp_path)])
    assert runtime.installed_submissions() == [os.path.realpath(tmp_path / "idea")]
    (tmp_path / "stored").mkdir()
    monkeypatch.setenv("HARNESS_SUBMISSIONS", str(tmp_path / "stored"))
    assert os.path.realpath(tmp_path / "stored") in runtime.installed_submissions()


def test_a_folder_is_placed_without_caches_and_hidden_files(tmp_path: Path) -> None:
    source = tmp_path / "idea"
    for name in ("__init__.py", "part/data.bin", "__pycache__/x.pyc", ".git/config", ".hidden"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text("# " + name)
    entry = catalog.describe("idea", "tiny", str(source), "idea")
    runtime.place(entry, tmp_path / "target")
    placed = {p.relative_to(tmp_path / "target").as_posix() for p in tmp_path.rglob("target/**/*")}
    assert placed == {"idea", "idea/__init__.py", "idea/part", "idea/part/data.bin"}


def test_names_and_contents_are_all_that_is_placed(tmp_path: Path) -> None:
    source = tmp_path / "idea"
    (source / "empty").mkdir(parents=True)
    (source / "__init__.py").write_text('"""Says\nmuch."""  # and more\nx = "kept"\n')
    (source / "__init__.py").chmod(0o751)
    os.utime(source / "__init__.py", (1, 1))
    runtime.place(catalog.describe("idea", "tiny", str(source), "idea"), tmp_path / "target")
    (copy,) = (tmp_path / "target" / "idea").iterdir()
    assert copy.read_text().rstrip() == '"""\n"""\nx = "kept"'
    assert copy.stat().st_mode & 0o777 != 0o751 and copy.stat().st_mtime > 1


def test_what_was_changed_after_it_was_hashed_is_not_placed(tmp_path: Path) -> None:
    (tmp_path / "idea.py").write_text("x = 1\n")
    entry = catalog.describe("idea", "tiny", str(tmp_path / "idea.py"), "idea")
    (tmp_path / "idea.py").write_text("x = 1  # no more than a comment\n")
    with pytest.raises(Refused, match="idea: its files were changed after they were hashed"):
        runtime.place(entry, tmp_path / "target")


def test_what_is_no_python_is_not_placed_and_says_its_line(
    nursery: Nursery, tmp_path: Path
) -> None:
    entry = tiny.submission(tmp_path, "x = 1\ndef fit(train, context)\n", "entry")
    with pytest.raises(Refused, match=r"^entry\.py:2: this is not Python: expected ':'$"):
        nursery.start(entry, "fit", Limits(seconds=1))
    assert os.listdir(nursery.scratch) == []


def test_a_package_is_entered_by_its_dotted_name(nursery: Nursery, tmp_path: Path) -> None:
    package = tmp_path / "idea"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "half.py").write_text("import numpy as np\ndouble = np.array([2.0])\n")
    (package / "entry.py").write_text(
        "from idea.half import double\ndef fit(train, context): return {'W': double}\n"
    )
    entry = catalog.describe("idea", "tiny", str(package), "idea.entry")
    assert fit(nursery, entry)["W"].tolist() == [2.0]


def test_removing_reaches_any_depth_and_mode(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "closed").mkdir()
    (folder / "closed" / "file").touch()
    (folder / "closed").chmod(0o000)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "kept").touch()
    (folder / "link").symlink_to(tmp_path / "outside")
    inner = os.open(folder, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=inner)
        outer, inner = inner, os.open("d", os.O_RDONLY, dir_fd=inner)
        os.close(outer)
    os.close(os.open("file", os.O_CREAT, dir_fd=inner))
    os.close(inner)
    runtime.remove(str(folder))
    assert not folder.exists() and (tmp_path / "outside" / "kept").exists()
    runtime.remove(str(folder))  # what is gone already is no error


def test_disk_use_counts_folders_and_gives_up_where_it_cannot_look(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "file").write_bytes(bytes(1 << 20))
    n_bytes, n_entries = runtime.disk_use(str(tmp_path), 100)
    assert n_bytes >= 1 << 20 and n_entries == 3
    assert runtime.disk_use(str(tmp_path), 2)[1] == 2
    deep = os.open(tmp_path, os.O_RDONLY)
    for _ in range(30):
        os.mkdir("d" * 200, dir_fd=deep)
        deep, outer = os.open("d" * 200, os.O_RDONLY, dir_fd=deep), deep
        os.close(outer)
    os.close(deep)
    assert runtime.disk_use(str(tmp_path), 100)[1] > 100
    runtime.remove(str(tmp_path))
