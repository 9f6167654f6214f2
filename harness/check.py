"""Conformance: small named checks that students run on their own submission.

The first stages read its files and run nothing; the later ones call it behind the wall, at smoke
size and in the way its task calls it. Nothing here says whether an idea is good: a submission
that conforms can still miss its task's target.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import functools
import os
import re
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from harness import arrays as named
from harness import catalog, install, packages, source
from harness.sandbox import Ended, Limits, Nursery, Unprotected
from harness.trial import (
    Bench,
    Examination,
    Item,
    Meter,
    MeteredFit,
    MeteredPredict,
    ask_again,
)
from harness.vocabulary import Arrays, Exam, Refused, Round, Submission, Task, Unknown

SEED = 0
"""Of the exam and of the submission: a check asks the same questions every time."""
SMOKE_SECONDS = 10.0
"""Processor seconds that a trial at smoke size should take at most."""
SIGNATURES = {
    "fit": ("train", "context"),
    "predict": ("artifact", "inputs"),
    "plan": ("facts",),
}


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    name: str
    ok: bool
    """False where the submission cannot be examined as it is."""
    got: str
    wanted: str
    where: str
    """'file.py:12'; empty where all is well."""
    fix: str
    """What to do, as a sentence."""
    warning: bool = False
    """Whether something is amiss that keeps no submission from being examined."""


def check(submission: Submission, task: Task, nursery: Nursery | None = None) -> list[Finding]:
    """Run every check on one submission, stage by stage; a failure ends it after its stage.

    Parameters
    ----------
    submission
        Only its name, module and folder are used: its files may have changed since it was hashed.
    task
        The task that it is entered for.
    nursery
        Where its code runs; None: one of its own, started when first needed.

    Raises
    ------
    Unprotected
        The nursery requires a layer of the wall that this machine lacks.
    """
    with _wall(nursery) as wall:
        return _check(_Subject(submission, task, wall))


def check_all(
    texts: Sequence[str], task: Task, nursery: Nursery | None = None
) -> dict[str, list[Finding]]:
    """Check every submission that `texts` names; none stops the others.

    Raises
    ------
    Unknown
        A text names nothing, before anything is run.
    """
    submissions: dict[str, Submission] = {}
    for text in texts:
        found = candidates(text, task.name)
        submissions |= {text if len(found) == 1 else each.name: each for each in found}
    with _wall(nursery) as wall:
        return {text: _check(_Subject(each, task, wall)) for text, each in submissions.items()}


def check_submission(text: str | os.PathLike[str], task: str) -> list[Finding]:
    """Check one submission as a test of its own package.

    Parameters
    ----------
    text
        Its name, its file, its module, or its package's path.
    task
        The task's name.

    Raises
    ------
    AssertionError
        A check failed; the message is the report.
    """
    examined = catalog.load(task)
    findings: list[Finding] = []
    for each in candidates(os.fspath(text), task):
        found = check(each, examined)
        if not all(finding.ok for finding in found):
            raise AssertionError("\n" + report(found))
        findings += found
    return findings


def candidates(text: str, task: str) -> list[Submission]:
    """Return what `text` names, were it broken: `install.named` without the catalog's rules.

    Raises
    ------
    Unknown
        Nothing answers to it.
    """
    if install.is_package(text):
        return install.opened(text, task)
    if text.endswith(".py") or os.sep in text:
        path = Path(text).expanduser().resolve()
        if not path.is_file():
            raise Unknown(f"There is no file {text!r}.")
        return [Submission(path.stem, task, path.stem, str(path), "", "", 0)]
    for point in packages.declared(task):
        if point.name == text:
            folder, module = packages.find_point(point)
            return [Submission(text, task, module, str(folder), "", "", 0)]
    return [catalog.find(text, task)]


def report(findings: Sequence[Finding]) -> str:
    """Return one line a finding, for reading."""
    lines = []
    for found in findings:
        if found.ok and not found.warning:
            lines.append(f"ok   {found.name}" + (f": {found.got}" if found.got else ""))
            continue
        word = "warn" if found.warning else "FAIL"
        place = f" ({found.where})" if found.where else ""
        lines.append(
            f"{word} {found.name}: got {found.got}, wanted {found.wanted}{place}. {found.fix}"
        )
    last = CHECKS[-1][-1]
    if not all(found.ok for found in findings) and findings[-1].name != _name(last):
        lines.append("The checks that come after these were not run.")
    return "\n".join(lines)


def as_json(results: Mapping[str, Sequence[Finding]]) -> dict[str, list[dict[str, Any]]]:
    """Return findings by submission as plain values."""
    return {name: [asdict(found) for found in findings] for name, findings in results.items()}


# ---------------------------------------------------------------------------------------------


class _Subject:
    """A submission under check; what several checks need is made once, when first needed."""

    def __init__(self, submission: Submission, task: Task, wall: Callable[[], Nursery]) -> None:
        self.given, self.task, self._wall = submission, task, wall
        self.limits = Limits(seconds=task.seconds["smoke"])

    @functools.cached_property
    def files(self) -> list[tuple[Path, str]]:
        """Every file that is copied behind the wall, with its name there."""
        return list(catalog.files(Path(self.given.folder)))

    @functools.cached_property
    def file(self) -> tuple[Path, str]:
        """The file of the module, with its name behind the wall."""
        path = packages.module_file(Path(self.given.folder), self.given.module)
        return next((found, name) for found, name in self.files if found == path)

    @functools.cached_property
    def tree(self) -> ast.Module:
        """The module, parsed."""
        return source.parse(self.file[0].read_bytes(), self.file[1])

    @functools.cached_property
    def submission(self) -> Submission:
        """The submission as its files are now, its division settled."""
        given = self.given
        found = catalog.describe(given.name, self.task.name, given.folder, given.module)
        division = found.division or next(iter(self.task.divisions))
        return dataclasses.replace(found, division=division)

    @property
    def nursery(self) -> Nursery:
        """Where its code runs."""
        return self._wall()

    @functools.cached_property
    def exam(self) -> Exam:
        """The exam of every check."""
        return self.task.make(SEED, "smoke")

    @property
    def bench(self) -> Bench:
        """A bench with a meter of its own."""
        return Bench(self.nursery, self.submission, SEED, self.limits, meter=Meter())

    @functools.cached_property
    def chosen(self) -> Any:
        """What the task chooses among the submission's plans."""
        choose = self.task.choose
        return choose and choose(self.exam, MeteredFit(self.bench, self.exam.facts))

    @functools.cached_property
    def artifact(self) -> Arrays:
        """What the task makes of what `fit` returns."""
        fit = MeteredFit(self.bench, self.exam.facts, self.chosen)
        teach = self.task.teach
        artifact = fit(self.exam.train) if teach is None else teach(self.exam, fit)
        return named.check(artifact, "fit")

    @functools.cached_property
    def trial(self) -> Examination:
        """A whole trial, from choosing to scoring."""
        entry = self.submission
        round = Round("", self.task.name, self.task.version, "smoke", (SEED,), {}, "", {}, "")
        item = Item(round, entry, None, SEED)
        examination = Examination(self.task, self.exam, item, self.nursery, self.limits)
        examination.run()
        return examination

    def line(self, name: str, of_return: bool = False) -> str:
        """Return 'file:line' of where the module binds a name, or of its last `return`."""
        node: ast.AST | None = _binding(self.tree, name)
        if of_return and isinstance(node, ast.FunctionDef):
            node = max(_returns(node), key=lambda found: found.lineno, default=node)
        return f"{self.file[1]}:{getattr(node, 'lineno', 1)}"


Check = Callable[[_Subject], Finding | None]
"""Returns what it found, still without its name; None where the task does not call for it."""


def _good(got: str = "") -> Finding:
    return Finding("", True, got, "", "", "")


def _bad(got: str, wanted: str, where: str, fix: str) -> Finding:
    return Finding("", False, got, wanted, where, fix)


def _warn(got: str, wanted: str, where: str, fix: str) -> Finding:
    return Finding("", True, got, wanted, where, fix, warning=True)


# ---------------------------------------------------------------------------------------------
# Checks that read and run nothing


def holds_plain_files_only(subject: _Subject) -> Finding | None:
    """Look for links and devices."""
    try:
        return _good(f"{len(subject.files)} of them")
    except Refused as refusal:
        where = str(subject.given.folder)
        fix = "Put the file itself there: nothing outside the submission goes behind the wall."
        return _bad(str(refusal).rstrip("."), "files without links", where, fix)


def is_within_limits(subject: _Subject) -> Finding | None:
    """Hold its name, its code and its data against the limits of the catalog."""
    wanted = (
        f"at most {catalog.MAX_CODE:,} bytes of code and {catalog.MAX_FILES >> 20} MiB in all, "
        "under a plain name"
    )
    try:
        sizes = catalog.within_limits(subject.given.name, Path(subject.given.folder))
        return _good(f"{sum(size for _, _, size in sizes):,} bytes")
    except Refused as refusal:
        fix = "Shorten what it names: what a method has learned belongs into the artifact."
        return _bad(str(refusal).rstrip("."), wanted, f"{subject.file[1]}:1", fix)


def parses(subject: _Subject) -> Finding | None:
    """Read every file of code as Python."""
    for path, name in subject.files:
        try:
            if path.suffix == ".py":
                source.parse(path.read_bytes(), name)
        except Refused as refusal:
            where, _, got = str(refusal).partition(": ")
            fix = "Correct the syntax of this line, or of the one before it."
            return _bad(got.rstrip("."), "Python in UTF-8", where, fix)
    return _good()


def names_a_division_of_the_task(subject: _Subject) -> Finding | None:
    """Want `DIVISION`, where there is one, to be a literal that the task knows."""
    node = _binding(subject.tree, "DIVISION")
    if node is None:
        return _good(next(iter(subject.task.divisions)))
    value = getattr(getattr(node, "value", None), "value", None)
    if isinstance(value, str) and value in subject.task.divisions:
        return _good(value)
    known = " or ".join(map(repr, subject.task.divisions))
    return _bad(
        ast.unparse(node),
        f"{known} as a literal",
        subject.line("DIVISION"),
        f"{catalog.nearest(value, subject.task.divisions)} Without the line it is in the first."
        if isinstance(value, str)
        else "Write the name itself: it is read and not run.",
    )


def weighs_what_it_embeds(subject: _Subject) -> Finding | None:
    """Weigh what it carries behind the wall beside its artifact."""
    return _good(f"embedded data of {subject.submission.embedded_bytes:,} bytes, compressed")


def has_fit(subject: _Subject) -> Finding | None:
    """Want a function `fit`."""
    return _has(subject, "fit")


def has_predict(subject: _Subject) -> Finding | None:
    """Want a function `predict`, unless the task asks in a way of its own."""
    return _has(subject, "predict") if subject.task.ask is None else None


def takes_the_arguments_of_its_task(subject: _Subject) -> Finding | None:
    """Want `fit`, `predict` and `plan` to take what they will be given."""
    for name, wanted in SIGNATURES.items():
        node = _binding(subject.tree, name)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        plain = isinstance(node, ast.FunctionDef)
        if not plain or not _accepts(node.args, len(wanted)):
            return _bad(
                f"{'' if plain else 'async '}def {name}({ast.unparse(node.args)})",
                f"def {name}({', '.join(wanted)})",
                subject.line(name),
                f"Let {name} take {' and '.join(wanted)}, by position, and nothing that it needs "
                "beside; what else there is to know is in context.facts.",
            )
    return _good()


# ---------------------------------------------------------------------------------------------
# Checks behind the wall


def imports(subject: _Subject) -> Finding | None:
    """Import the module behind the wall."""
    process = subject.bench.start("predict")
    try:
        process.hand({})
    finally:
        process.close()
    return _good()


def plans_what_its_task_takes(subject: _Subject) -> Finding | None:
    """Let the task choose among the candidates of `plan`, where it does."""
    if subject.task.choose is None:
        return None
    _ = subject.chosen
    return _good()


def fit_returns_named_arrays(subject: _Subject) -> Finding | None:
    """Let the task call `fit` as often as it does, and take what comes back."""
    artifact = subject.artifact
    return _good(f"{len(artifact)} arrays, {named.weigh(artifact):,} bytes compressed")


def predict_answers_each_question_alone(subject: _Subject) -> Finding | None:
    """Ask all questions at once, and some of them again in another order and company."""
    if subject.task.ask is not None:
        return None
    with MeteredPredict(subject.bench, subject.artifact) as predict:
        outputs = predict(subject.exam.inputs)
    with MeteredPredict(subject.bench, subject.artifact) as predict:
        ask_again(subject.exam.inputs, outputs, predict, np.random.default_rng(SEED))
    return _good()


def completes_a_trial(subject: _Subject) -> Finding | None:
    """Run a whole trial, from choosing to scoring."""
    scores, unit = subject.trial.scores, subject.task.metric.unit
    assert scores is not None
    visible, heldout = (f"{x:.4g} {unit}".strip() for x in (scores.visible, scores.heldout))
    return _good(f"visible {visible}, held-out {heldout}")


def fit_returns_the_same_again(subject: _Subject) -> Finding | None:
    """Compare what two runs of `fit` return: a clock or unseeded randomness shows here."""
    first, second = subject.artifact, subject.trial.artifact
    wanted = "the same arrays from the same data and seed"
    fix = (
        "Draw all randomness from context.seed and leave the clock alone: a trial that cannot be "
        "repeated cannot be verified."
    )
    for name in sorted(first.keys() | second.keys()):
        a, b = first.get(name), second.get(name)
        if a is None or b is None or a.shape != b.shape or a.dtype != b.dtype:
            return _warn(f"another set of arrays at {name!r}", wanted, subject.line("fit"), fix)
        if not np.array_equal(a, b):
            most = float(np.max(np.abs(a.astype(float) - b.astype(float))))
            got = f"{name!r} off by up to {most:.2g}"
            return _warn(got, wanted, subject.line("fit"), fix)
    return _good()


def stays_within_the_time_of_smoke(subject: _Subject) -> Finding | None:
    """Hold the processor time of the trial against `SMOKE_SECONDS`."""
    trial = subject.trial
    meters = (trial.choosing, trial.fitting, trial.predicting)
    seconds = sum(meter.seconds for meter in meters)
    got = f"{seconds:.2g} s of processor time"
    if seconds <= SMOKE_SECONDS:
        return _good(got)
    slowest = "predict" if trial.predicting.seconds > seconds / 2 else "fit"
    fix = (
        "Scale the work with the size of the data: standard exams are larger, and a call that runs "
        f"longer than {subject.task.seconds['standard']:g} s there is killed."
    )
    return _warn(got, f"at most {SMOKE_SECONDS:g} s", subject.line(slowest), fix)


CHECKS: tuple[tuple[Check, ...], ...] = (
    (holds_plain_files_only,),
    (is_within_limits,),
    (parses,),
    (
        names_a_division_of_the_task,
        has_fit,
        has_predict,
        takes_the_arguments_of_its_task,
    ),
    (weighs_what_it_embeds,),
    (imports,),
    (plans_what_its_task_takes,),
    (fit_returns_named_arrays,),
    (predict_answers_each_question_alone,),
    (completes_a_trial,),
    (
        fit_returns_the_same_again,
        stays_within_the_time_of_smoke,
    ),
)
"""Every check, in its order and stage: a stage needs all stages before it."""

# ---------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _wall(nursery: Nursery | None) -> Iterator[Callable[[], Nursery]]:
    """Give out the nursery, or one that is started when it is first asked for."""
    with contextlib.ExitStack() as stack:
        yield functools.cache(lambda: nursery or stack.enter_context(Nursery()))


def _check(subject: _Subject) -> list[Finding]:
    findings: list[Finding] = []
    for stage in CHECKS:
        for each in stage:
            found = _run(each, subject)
            if found is not None:
                findings.append(dataclasses.replace(found, name=_name(each)))
        if not all(found.ok for found in findings):
            break
    return findings


def _name(check: Check) -> str:
    return check.__name__.replace("_", " ")


def _run(check: Check, subject: _Subject) -> Finding | None:
    try:
        return check(subject)
    except Unprotected:
        raise
    except (Ended, Refused) as error:
        return _trouble(str(error), subject)
    except Exception as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        return _bad(
            f"{type(error).__name__}: {error}",
            f"{subject.task.name} and the harness to do their part",
            f"{frame.filename}:{frame.lineno}",
            "This is a fault of the task or the harness: report it with this line.",
        )


_FIXES = (
    (r"return a dict", 'Return a dict of named numpy arrays, such as {"weights": W}.'),
    (r"\.detach\(\)", "Turn the tensor into an array with .detach().numpy()."),
    (
        r"its own question alone",
        "Compute every row of the outputs from its row of the inputs and the artifact; statistics "
        "over rows belong into fit, and randomness into the artifact.",
    ),
    (r"NaN or infinite", "Look for a division by zero or a step that is too large."),
    (r"^ModuleNotFoundError", "Import only what is installed beside the harness, or ship it."),
    (
        r"^PermissionError|Read-only file system",
        "Read and write below the working folder only: the wall keeps everything else away, and "
        "nothing but the artifact outlives fit.",
    ),
    (r"ran longer than", "Do less in one call; its limit is context.seconds."),
    (r"MiB|^MemoryError", "Hold less at a time: work in batches, drop what is used up."),
    (r"without an answer|no answer", "Return from the function; do not leave the process."),
    (r"has no function", "Define the function at the top level of the module."),
)
_REFUSAL = re.compile(r"(?P<what>\S.*?) must (?P<wanted>.+), got (?P<got>.+?)\.?")
_PLACE = re.compile(r"(?P<message>.*) \[(?P<where>[^\[\]]+\.py:\d+)\]")


def _trouble(message: str, subject: _Subject) -> Finding:
    """Turn the reason for which a phase ended into a finding."""
    general = f"`harness show {subject.task.name}` says what it gets and what it must return."
    fix = next((fix for pattern, fix in _FIXES if re.search(pattern, message)), general)
    raised = _PLACE.fullmatch(message)
    if raised:
        if fix is general:
            fix = "Correct this line; the exception was raised there."
        return _bad(raised["message"], "no exception", raised["where"], fix)
    culprit = re.match(r"(?:fit|predict|plan)\b", message)
    name = culprit[0] if culprit else "fit"
    where = subject.line(name, of_return=True)
    refusal = _REFUSAL.fullmatch(message)
    if refusal:
        wanted = f"{refusal['what']} to {refusal['wanted']}"
        return _bad(refusal["got"], wanted, where, fix)
    return _bad(message.rstrip("."), f"{name} to keep to the rules of the task", where, fix)


def _has(subject: _Subject, name: str) -> Finding:
    if _binding(subject.tree, name) is not None:
        return _good()
    head = f"def {name}({', '.join(SIGNATURES[name])}):"
    return _bad(
        f"no function {name}",
        f"`{head}` at the top level",
        f"{subject.file[1]}:1",
        f"Define `{head}`; `harness show {subject.task.name}` says what it gets and returns.",
    )


def _binding(tree: ast.Module, name: str) -> ast.stmt | None:
    """Return the last statement of a module that may bind `name`; `import *` may bind any."""
    found = None
    for node in _statements(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                bound = node.name == name
            case ast.Import() | ast.ImportFrom():
                bound = any((alias.asname or alias.name) == name for alias in node.names)
                bound |= name in SIGNATURES and node.names[0].name == "*" and found is None
            case ast.Assign():
                bound = any(isinstance(t, ast.Name) and t.id == name for t in node.targets)
            case ast.AnnAssign():
                bound = isinstance(node.target, ast.Name) and node.target.id == name
            case _:
                bound = False
        found = node if bound else found
    return found


def _statements(node: ast.AST) -> Iterator[ast.stmt]:
    """Yield the statements below a node that run with it, not those of its functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _statements(child)


def _returns(function: ast.FunctionDef) -> list[ast.Return]:
    """Return the `return` statements of a function, without those of functions inside it."""
    return [node for node in _statements(function) if isinstance(node, ast.Return)]


def _accepts(arguments: ast.arguments, n: int) -> bool:
    """Whether a function can be called with `n` arguments by position."""
    positional = len(arguments.posonlyargs) + len(arguments.args)
    required = positional - len(arguments.defaults)
    enough = positional >= n or arguments.vararg is not None
    return required <= n and enough and None not in arguments.kw_defaults
