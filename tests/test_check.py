"""What a student reads when a submission breaks a rule: which, where, and what to do."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from harness.check import CHECKS, Finding, as_json, candidates, check, check_all, report
from harness.sandbox import Nursery
from harness.vocabulary import Arrays, Exam, Scores, Submission, Task, Unknown
from tests import tiny

GOOD, TINY = tiny.HONEST, tiny.TASK


@pytest.fixture
def examined(tmp_path: Path, nursery: Nursery):
    def examine(source: str, task: Task = TINY) -> dict[str, Finding]:
        path = tmp_path / "idea.py"
        path.write_text(source)
        (found,) = candidates(str(path), task.name)
        findings = check(found, task, nursery)
        return {found.name: found for found in findings}

    return examine


def only_failure(findings: dict[str, Finding]) -> Finding:
    """Return the one finding that is not ok, which every failure's form is checked on."""
    failed = [found for found in findings.values() if not found.ok]
    assert len(failed) == 1, report(list(findings.values()))
    found = failed[0]
    assert re.fullmatch(r"idea\.py:\d+", found.where)
    assert found.got and found.wanted
    assert re.fullmatch(r"[A-Z`].*[.]", found.fix), found.fix
    return found


def test_a_good_submission_passes_every_check_and_says_its_errors(examined) -> None:
    findings = examined(GOOD)
    assert all(found.ok and not found.warning for found in findings.values())
    n_checks = sum(len(stage) for stage in CHECKS)
    assert len(findings) == n_checks - 1  # this task chooses nothing
    assert re.fullmatch(r"visible \S+, held-out \S+", findings["completes a trial"].got)
    assert "FAIL" not in report(list(findings.values()))


def test_no_fit_is_found_without_running_anything(examined) -> None:
    findings = examined(GOOD.replace("def fit", "def learn"))
    found = only_failure(findings)
    assert (found.name, found.got) == ("has fit", "no function fit")
    assert "def fit(train, context)" in found.fix
    assert "imports" not in findings


def test_no_predict_matters_only_where_the_task_asks_for_it(examined) -> None:
    source = GOOD.split("def predict")[0]
    assert only_failure(examined(source)).name == "has predict"
    knows = replace(TINY, ask=lambda exam, artifact, predict: {"Y": exam.truth["Y"]})
    assert "has predict" not in examined(source, knows)


def test_a_syntax_error_names_its_line(examined) -> None:
    found = only_failure(examined("import numpy\n\ndef fit(train, context:\n    return {}\n"))
    assert (found.name, found.where) == ("parses", "idea.py:3")
    assert "was never closed" in found.got


def test_all_that_can_be_read_is_told_at_once(examined) -> None:
    source = 'DIVISION = "opne"\ndef fit(train):\n    return {}\n'
    findings = examined(source)
    failed = {found.name: found.where for found in findings.values() if not found.ok}
    assert failed == {
        "names a division of the task": "idea.py:1",
        "has predict": "idea.py:1",
        "takes the arguments of its task": "idea.py:2",
    }
    assert "Did you mean 'open'?" in findings["names a division of the task"].fix


def test_a_division_that_must_be_run_to_be_known_is_refused(examined) -> None:
    found = only_failure(examined('DIVISION = "op" + "en"\n' + GOOD))
    assert (found.name, found.where) == ("names a division of the task", "idea.py:1")


@pytest.mark.parametrize(
    ("head", "fits"),
    [
        ("def fit(train, context)", True),
        ("def fit(*arguments)", True),
        ("def fit(train, context, rate=0.1, *, depth=2)", True),
        ("def fit(train)", False),
        ("def fit(train, context, rate)", False),
        ("def fit(train, context, *, rate)", False),
        ("async def fit(train, context)", False),
    ],
)
def test_the_signature_is_read_as_a_call_by_position(examined, head: str, fits: bool) -> None:
    source = f"X = 1\n{head}:\n    return {{}}\ndef predict(artifact, inputs):\n    return {{}}\n"
    found = examined(source)["takes the arguments of its task"]
    assert found.ok == fits
    if not fits:
        assert found.where == "idea.py:2"
        assert found.got.startswith(head[:10])


def test_an_exception_names_the_line_that_raised(examined) -> None:
    source = GOOD.replace("return {", 'raise RuntimeError("no luck")\n    return {', 1)
    found = only_failure(examined(source))
    assert (found.name, found.where) == ("fit returns named arrays", "idea.py:7")
    assert found.got == "RuntimeError: no luck"


def test_an_import_that_fails_names_its_line(examined) -> None:
    found = only_failure(examined("import numpie\n" + GOOD))
    assert (found.name, found.where) == ("imports", "idea.py:1")
    assert "ModuleNotFoundError" in found.got


@pytest.mark.parametrize(
    ("returned", "got", "fix"),
    [
        ("[1.0, 2.0]", "list", "Return a dict"),
        ('{"W": [1.0, 2.0]}', "list", "harness show tiny"),
        ('{"W": np.full(3, np.nan)}', "3 NaN or infinite values of 3", "division by zero"),
        ('{"W": __import__("torch").ones(3)}', "Tensor; use .detach().numpy()", ".detach()"),
    ],
)
def test_what_is_no_artifact_is_told_at_the_return(examined, returned, got, fix) -> None:
    source = GOOD.replace('{"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0]}', returned)
    found = only_failure(examined(source))
    assert (found.name, found.where) == ("fit returns named arrays", "idea.py:7")
    assert found.got == got
    assert fix in found.fix


def test_a_wrong_shape_is_told_at_the_return_of_predict(examined) -> None:
    found = only_failure(examined(GOOD.replace('artifact["W"]}', 'artifact["W"][:, :2]}')))
    assert (found.name, found.where) == ("completes a trial", "idea.py:11")
    assert found.got == "(128, 2)"
    assert found.wanted == "predict['Y'] to have shape (128, 3)"


def test_a_plan_that_the_task_does_not_take_is_told_at_its_return(examined) -> None:
    choosy = replace(TINY, choose=lambda exam, fit: fit.plan(exam.facts))
    found = only_failure(examined(GOOD + "\ndef plan(facts):\n    return {}\n", choosy))
    assert (found.name, found.where) == ("plans what its task takes", "idea.py:14")
    assert found.got == "{}"


def test_an_endless_fit_is_stopped_and_told_so(examined) -> None:
    hasty = replace(TINY, seconds={"smoke": 0.5, "standard": 1.0, "full": 1.0})
    source = GOOD.replace("return {", "while True: pass\n    return {", 1)
    found = only_failure(examined(source, hasty))
    assert "ran longer than 0.5 s" in found.got
    assert "context.seconds" in found.fix


def test_a_file_outside_cannot_carry_state_between_calls(examined, tmp_path: Path) -> None:
    memory = tmp_path / "memory"
    line = f"open({str(memory)!r}, 'a').write('x')"
    found = only_failure(examined(GOOD.replace("return {", f"{line}\n    return {{", 1)))
    assert (found.name, found.where) == ("fit returns named arrays", "idea.py:7")
    assert found.got.startswith("PermissionError")
    assert "wall" in found.fix
    assert not memory.exists()


def test_a_file_in_the_working_folder_is_gone_at_the_next_call(examined) -> None:
    line = "import os; n = len(os.listdir('.')); open(f'memory{n}', 'w').close()"
    source = GOOD.replace("return {", f"{line}\n    return {{'n': np.array(n), ", 1)
    assert not examined(source)["fit returns the same again"].warning


@pytest.mark.parametrize(
    "source", ["__import__('time').time_ns()", "np.random.default_rng().random()"]
)
def test_a_clock_or_unseeded_randomness_is_a_warning_and_no_failure(examined, source) -> None:
    findings = examined(GOOD.replace("return {", f"return {{'noise': np.array({source}), ", 1))
    found = findings["fit returns the same again"]
    assert found.warning and found.ok
    assert (found.where, "'noise'" in found.got) == ("idea.py:6", True)
    assert "warn fit returns the same again" in report([found])


@pytest.mark.parametrize(
    ("answer", "alone"),
    [
        ('inputs["X"] @ artifact["W"]', True),
        ('inputs["X"] @ artifact["W"] - inputs["X"].mean()', False),
        ('np.sort(inputs["X"] @ artifact["W"], 0)', False),
        ('np.arange(len(inputs["X"]))', False),
        ("np.zeros((128, 3))", False),
    ],
)
def test_answers_that_lean_on_other_questions_are_a_failure(examined, answer, alone) -> None:
    source = GOOD.replace('inputs["X"] @ artifact["W"]', answer)
    lenient = replace(TINY, score=lambda exam, artifact, outputs: Scores(0.0, 0.0, 0.0))
    findings = examined(source, lenient)
    assert findings["predict answers each question alone"].ok == alone
    if not alone:
        assert "depend on its own question alone" in only_failure(findings).wanted


def test_a_slow_trial_is_a_warning(examined, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.check.SMOKE_SECONDS", 0.0)
    found = examined(GOOD)["stays within the time of smoke"]
    assert found.ok and found.warning and "s of processor time" in found.got


@pytest.fixture
def package(tmp_path: Path) -> Submission:
    """Return a good submission that is a package."""
    folder = tmp_path / "idea"
    folder.mkdir()
    (folder / "__init__.py").write_text(GOOD)
    return Submission("idea", "tiny", "idea", str(folder), "", "", 0)


def test_a_package_is_checked_like_a_file(package: Submission, nursery: Nursery) -> None:
    (Path(package.folder) / "__init__.py").write_text("from idea.law import fit, predict\n")
    (Path(package.folder) / "law.py").write_text(GOOD)
    assert all(found.ok for found in check(package, TINY, nursery))
    (Path(package.folder) / "law.py").write_text("1 / 0\n" + GOOD)
    found = check(package, TINY, nursery)[-1]
    assert (found.name, found.where) == ("imports", "idea/law.py:1")


def test_too_much_code_is_told_with_the_limit(package: Submission) -> None:
    (Path(package.folder) / "__init__.py").write_text(GOOD + "#" * 100_000)
    found = check(package, TINY)[-1]
    assert (found.name, found.ok) == ("is within limits", False)
    assert "100,000 bytes" in found.wanted
    assert found.where == "idea/__init__.py:1"


def test_links_are_told_before_anything_is_read(package: Submission) -> None:
    (Path(package.folder) / "data").symlink_to("/etc")
    findings = check(package, TINY)
    assert [found.name for found in findings] == ["holds plain files only"]
    assert not findings[0].ok and "'data'" in findings[0].got


def test_a_fault_of_the_task_is_not_laid_at_the_submissions_door(examined) -> None:
    def fall(exam: Exam, artifact: Arrays, outputs: Arrays) -> Scores:
        raise ZeroDivisionError("task")

    found = examined(GOOD, replace(TINY, score=fall))["completes a trial"]
    assert not found.ok
    assert found.got == "ZeroDivisionError: task"
    assert Path(__file__).name in found.where
    assert "fault of the task" in found.fix


def test_one_broken_submission_never_stops_the_others(tmp_path, nursery) -> None:
    sources = {"broken": "def fit(", "good": GOOD, "leaves": "import os; os._exit(0)\n" + GOOD}
    for name, source in sources.items():
        (tmp_path / f"{name}.py").write_text(source)
    paths = [str(tmp_path / f"{name}.py") for name in sources]
    results = check_all(paths, TINY, nursery)
    assert [all(found.ok for found in results[path]) for path in paths] == [False, True, False]
    assert results[paths[2]][-1].name == "imports"
    assert "do not leave the process" in results[paths[2]][-1].fix
    plain = json.loads(json.dumps(as_json(results)))
    assert plain[paths[0]][-1]["where"] == "broken.py:1"


def test_an_unknown_file_is_told_before_anything_runs(tmp_path) -> None:
    with pytest.raises(Unknown, match=r"no file .*absent\.py"):
        check_all([str(tmp_path / "absent.py")], TINY)


def test_the_report_has_one_line_a_finding_with_what_to_do(examined) -> None:
    findings = list(examined(GOOD.replace("return {", "return [1]\n    return {", 1)).values())
    lines = report(findings).splitlines()
    assert "ok   imports" in lines
    assert lines[-2] == (
        "FAIL fit returns named arrays: got list, wanted fit to return a dict of named numpy "
        'arrays (idea.py:8). Return a dict of named numpy arrays, such as {"weights": W}.'
    )
    assert lines[-1] == "The checks that come after these were not run."
