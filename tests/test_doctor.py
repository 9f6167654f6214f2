"""The doctor's diagnosis: the probe wins where nothing stands, and nothing where the wall does."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness import doctor, isolation, probe
from harness.catalog import ROOT
from harness.doctor import Attempt, Diagnosis
from harness.sandbox import Nursery
from tests import platforms, tiny
from tests.fabricate import ISOLATION

SKIPPABLE = tuple(name for name in isolation.EVERY if name != "process")
FREE = (
    "reads a file of yours",
    "writes a file beside yours",
    "changes the mode of your file",
    "maps four times its memory",
    "starts a process",
    "connects by TCP",
    "connects to a local socket",
    "outlives the examiner",
)
"""What every Linux lets a process do where no layer of the wall stands, whoever runs it."""
FOR_ALL = ("knows a variable of your environment", "holds a file that you have open")
WATCHED = ("holds 256 MiB more than its memory", "runs past its clock")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tmp_path_factory.mktemp("store") / "trials.db")


def traces() -> dict[str, object]:
    """Return everything that a diagnosis of this process could leave behind."""
    folders = (sysconfig.get_path("purelib"), "/dev/shm", tempfile.gettempdir())
    segments = Path("/proc/sysvipc/shm")
    lines = segments.read_text().splitlines()[1:] if segments.exists() else []
    return {
        "files": [
            name
            for folder in filter(os.path.isdir, folders)
            for name in os.listdir(folder)
            if name.startswith(f"harness-doctor-{os.getpid()}-")
        ],
        "variables": [name for name in os.environ if name.startswith("HARNESS_DOCTOR")],
        "segments": [line for line in lines if line.split()[4] == str(os.getpid())],  # its maker
        "descriptors": len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0,
    }


@pytest.fixture(scope="module")
def walled(store: str) -> Diagnosis:
    return doctor.diagnose(store=store)


@pytest.fixture(scope="module")
def bare(store: str) -> Diagnosis:
    before = traces()
    found = doctor.diagnose(skip=SKIPPABLE, store=store)
    assert traces() == before, "it left something behind"
    return found


def outcomes(found: Diagnosis) -> dict[str, str]:
    return {attempt.does: attempt.outcome for attempt in found.attempts}


def test_what_holds_here_keeps_every_promise(walled: Diagnosis, layers: tuple[str, ...]) -> None:
    assert walled.sound
    assert set(walled.holding) == set(layers)
    assert walled.level == isolation.level(layers)
    for attempt in walled.attempts:
        if any(isolation.holds(layer, walled.holding) for layer in attempt.by):
            assert attempt.outcome != "got through", attempt


@pytest.mark.skipif(sys.platform != "linux", reason="other systems lack some of the calls")
def test_where_nothing_stands_the_probe_gets_through(bare: Diagnosis) -> None:
    found = outcomes(bare)
    assert {does: found[does] for does in FREE} == dict.fromkeys(FREE, "got through")
    assert bare.sound  # nothing claims to hold
    assert bare.level == "process"
    assert bare.holding[0].split()[0] == "process" and len(bare.holding) == 1


def test_a_process_alone_hides_the_examiner_and_is_watched(bare: Diagnosis) -> None:
    found = outcomes(bare)
    assert {does: found[does] for does in (*FOR_ALL, *WATCHED)} == dict.fromkeys(
        (*FOR_ALL, *WATCHED), "denied"
    )


@pytest.mark.slow
@pytest.mark.parametrize("layer", SKIPPABLE)
def test_each_layer_alone_denies_what_it_promises(layer: str, store: str) -> None:
    needed = (layer, "landlock") if layer == "masked data" else (layer,)
    found = doctor.diagnose([name for name in SKIPPABLE if name not in needed], store)
    if not isolation.holds(layer, found.holding):
        pytest.skip(f"this machine does not offer {layer}")
    assert [attempt for attempt in found.attempts if attempt.broken] == []
    promised = [a for a in found.attempts if layer in [isolation.parse(by)[0] for by in a.by]]
    assert promised and {attempt.outcome for attempt in promised} <= {"denied", "not tried"}


@pytest.mark.slow
@pytest.mark.parametrize("layer", ["landlock", "seccomp", "limits", "masked data"])
def test_a_layer_that_is_left_out_is_missed(
    layer: str, store: str, layers: tuple[str, ...]
) -> None:
    if not isolation.holds(layer, layers):
        pytest.skip(f"this machine does not offer {layer}")
    found = doctor.diagnose([layer], store)
    assert found.sound and found.level == "process"
    through = [attempt for attempt in found.attempts if attempt.outcome == "got through"]
    assert through
    assert all(layer in [isolation.parse(by)[0] for by in attempt.by] for attempt in through) or (
        layer == "landlock"  # data are masked by it
    )


ELSEWHERE = (
    "import json, sys\nfrom harness import cli\nfrom tests import platforms\n"
    "platforms.lack(json.loads(sys.argv[1]))\nsys.exit(cli.main(['doctor', '--json']))"
)


@pytest.mark.slow
@pytest.mark.skipif(
    sys.platform != "linux" or os.uname().machine != "x86_64" or os.geteuid() != 0,
    reason="other machines and users are simulated by root on Linux on x86-64",
)
@pytest.mark.parametrize("user", [True, False], ids=["an ordinary user", "root"])
@pytest.mark.parametrize("lacks", [(), ("unshare", "landlock"), ("seccomp",)], ids=str)
def test_other_machines_and_users_keep_what_they_promise(
    lacks: tuple[str, ...], user: bool, tmp_path: Path
) -> None:
    tmp_path.chmod(0o755)
    home = tmp_path / "home"
    home.mkdir()
    words = platforms.as_ordinary_user(home) if user else []
    done = subprocess.run(
        [*words, sys.executable, "-c", ELSEWHERE, json.dumps(lacks)],
        cwd=ROOT,
        env={**os.environ, "HARNESS_STORE": str(home / "trials.db")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["sound"]
    assert found["level"] == "process" or not lacks
    reasons = dict(text.partition(": ")[::2] for text in found["missing"])
    assert ("not implemented" in reasons.get("landlock", "")) == ("landlock" in lacks)
    assert ("not permitted" in reasons.get("namespaces", "")) == ("unshare" in lacks)
    assert ("not implemented" in reasons.get("seccomp", "")) == ("seccomp" in lacks)
    outcomes = {attempt["does"]: attempt["outcome"] for attempt in found["attempts"]}
    assert ("got through" in outcomes.values()) == bool(lacks)
    assert (outcomes["reads the store"] == "got through") == ("landlock" in lacks)


def test_a_probe_that_cannot_tell_is_a_fault_and_no_denial(
    nursery: Nursery, tmp_path: Path
) -> None:
    broken = tiny.submission(tmp_path, "def predict(artifact, inputs):\n    1 / 0\n", "broken")
    with pytest.raises(RuntimeError, match="before it could tell: ZeroDivisionError"):
        doctor._stays(nursery, broken, doctor.TIGHT, {})


def test_every_layer_is_attacked_and_every_attack_names_its_layers() -> None:
    denying = {isolation.parse(layer)[0] for a in probe.ATTACKS.values() for layer in a.by}
    assert denying == set(isolation.EVERY)


def test_a_promise_is_broken_where_a_layer_that_denies_it_claims_to_hold() -> None:
    def broken(holding: list[str], outcome: int = probe.GOT_THROUGH) -> bool:
        return doctor._attempt("signals", outcome, ("seccomp", "landlock 6"), holding).broken

    assert broken(["process", "landlock 6"]) and broken(["seccomp 341", "landlock 1"])
    assert not broken(["process", "landlock 5"])  # that version promises nothing of the kind
    assert not broken(["process", "landlock 6"], probe.DENIED)
    assert not broken(["process", "landlock 6"], probe.NOT_TRIED)


# ---------------------------------------------------------------------------------------------
# What is said


def made_up(**changes: object) -> Diagnosis:
    found = Diagnosis(
        holding=ISOLATION,
        missing=(),
        attempts=(Attempt("reads a file of yours", "denied", ("landlock",), False),),
        warnings=(),
        machine={"system": "Linux 6", "processor": "a processor", "cores": 2},
        versions={"harness": "0.1.0", "python": "3.11.7"},
    )
    return dataclasses.replace(found, **changes)  # type: ignore[arg-type]


def test_all_is_said_on_one_screen(walled: Diagnosis) -> None:
    lines = doctor.report(walled).splitlines()
    gaps = 6 * len(walled.missing)
    assert len(lines) <= 42 + gaps + 3 * len(walled.warnings)
    assert max(map(len, lines)) <= 110
    text = "\n".join(lines)
    for layer in isolation.LAYERS:
        assert f"  {layer.name} " in text and layer.keeps_out in text
    for attempt in walled.attempts:
        assert attempt.does in text
    assert f"Level of isolation: {walled.level}." in text


def test_a_missing_layer_is_said_with_its_reason_its_cost_and_who_offers_it() -> None:
    held = tuple(layer for layer in ISOLATION if layer != "landlock 4")
    attempt = Attempt("reads a file of yours", "got through", ("landlock",), False)
    found = made_up(holding=held, missing=("landlock: Function not implemented",))
    text = doctor.report(dataclasses.replace(found, attempts=(attempt,)))
    words = " ".join(text.split())
    layer = isolation.layer("landlock")
    assert "landlock MISSING" in words
    assert "Reason: Function not implemented." in words
    assert f"Cost: {layer.cost}" in words
    assert f"Offered by: {layer.offered_by}." in words
    assert "reads a file of yours GOT THROUGH" in words
    assert "Level of isolation: process." in words
    assert "BROKEN" not in words


def test_a_broken_promise_is_said_loudly() -> None:
    attempt = Attempt("reads a file of yours", "got through", ("landlock",), True)
    found = made_up(attempts=(attempt,))
    assert not found.sound
    assert "BROKEN PROMISE: a submission reads a file of yours, although landlock" in doctor.report(
        found
    )


def test_the_diagnosis_is_json(walled: Diagnosis) -> None:
    values = json.loads(json.dumps(doctor.as_json(walled)))
    assert values["level"] == walled.level and values["sound"] is True
    assert [layer["name"] for layer in values["layers"]] == list(isolation.EVERY)
    held = [isolation.parse(text)[0] for text in walled.holding]
    assert [layer["name"] for layer in values["layers"] if layer["holds"]] == held
    assert len(values["attempts"]) == len(walled.attempts)


# ---------------------------------------------------------------------------------------------
# What else is looked at


def surroundings() -> str:
    return "\n".join(doctor._surroundings())


def test_root_is_warned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert "You are root." in surroundings()
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "root" not in surroundings()


def test_submissions_that_pip_installed_are_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, group in (("idea", "harness.submissions.tiny"), ("library", "console_scripts")):
        info = tmp_path / f"{name}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {name}\n")
    found = list(importlib.metadata.distributions(path=[str(tmp_path)]))
    assert len(found) == 2
    monkeypatch.setattr(importlib.metadata, "distributions", lambda: found)
    assert "Installed by pip, with submissions: idea. " in surroundings()
    assert "harness install" in surroundings()


def test_a_full_disk_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: SimpleNamespace(free=5 << 20))
    assert "has 5 MiB free; a phase may write 256 MiB" in surroundings()
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: SimpleNamespace(free=5 << 30))
    assert "MiB free" not in surroundings()


def test_a_store_that_cannot_be_opened_is_a_note_and_stops_nothing(tmp_path: Path) -> None:
    assert "there is no folder" in doctor._store(str(tmp_path / "no" / "trials.db"))[1]
    place, refusal = doctor._store(str(tmp_path / "trials.db"))
    assert Path(place).samefile(tmp_path / "trials.db") and refusal == ""
