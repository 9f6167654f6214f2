"""Turn raw measurements into tables: paired ratios, intervals, rank groups, the Pareto front.

Everything that a board shows is derived here and nowhere else, so the ranking can change without
running anything again. It knows no store, no task's meaning and no page: frames in, frames out.

Means are over the exams (round and seed) that a submission and its division's baseline both sat;
intervals are Student's t at 95 % over these pairs, on the log scale for ratios. Exams of one round
share a machine, which the intervals do not know: they speak of this machine and these draws.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from harness import isolation as wall
from harness.vocabulary import Axis, Metric, Unknown

LEVEL = 0.95
MIN_BYTES = 256
"""Nothing counts as smaller: below it file headers decide, not learning."""

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]
Integers = np.ndarray[tuple[int], np.dtype[np.int64]]
Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]

# ---------------------------------------------------------------------------------------------
# Statistics


def interval(values: Floats, level: float = LEVEL) -> tuple[float, float, float]:
    """Return the mean and its Student t interval; the interval of fewer than 2 values is NaN."""
    mean, low, high = _intervals(values, np.array([0, len(values)]), level)
    return float(mean[0]), float(low[0]), float(high[0])


def _sums(values: Floats, bounds: Integers) -> Floats:
    """Return the sum of each group; group k is values[bounds[k]:bounds[k + 1]]."""
    filled = bounds[:-1] < bounds[1:]
    sums = np.zeros(len(filled))
    sums[filled] = np.add.reduceat(values, bounds[:-1][filled])
    return sums


def _intervals(
    values: Floats, bounds: Integers, level: float = LEVEL
) -> tuple[Floats, Floats, Floats]:
    """Return mean, low and high of each group of values."""
    n = np.diff(bounds)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = _sums(values, bounds) / n
        variance = _sums((values - np.repeat(mean, n)) ** 2, bounds) / (n - 1)
        half = stdtrit(n - 1, (1 + level) / 2) * np.sqrt(variance / n)
    return mean, mean - half, mean + half


def _moments(values: Floats) -> tuple[float, float]:
    """Return the mean and the square of its standard error."""
    n = len(values)
    if n == 0:
        return np.nan, np.nan
    mean = float(values.sum()) / n
    rest = values - mean
    return mean, float(rest @ rest) / (n * (n - 1)) if n > 1 else np.nan


def _significance(effect: float, error: float, freedom: float) -> float:
    """Return the two-sided p value of a t statistic; no evidence is 1, never NaN."""
    if not freedom > 0 or not math.isfinite(effect) or abs(effect) < 1e-12:
        return 1.0  # rounding alone makes no difference
    return float(2 * stdtr(freedom, -abs(effect) / error)) if error > 0 else 0.0


def difference(
    a: Floats, b: Floats, paired: bool, level: float = LEVEL
) -> tuple[float, float, float, float]:
    """Return mean(a) - mean(b), its interval and the p value of no difference.

    Parameters
    ----------
    a, b
        Values; of equal length and order where they are paired.
    paired
        Student's t over a - b, else Welch's over both (B. L. Welch, "The generalization of
        'Student's' problem when several different population variances are involved",
        Biometrika 34, 1947; degrees of freedom after Welch and Satterthwaite; not checked
        against the source).
    level
        Of the interval, which is NaN where there are too few values for one.
    """
    freedom, error = np.nan, np.nan
    if paired:
        effect, square = _moments(a - b)
        if len(a) > 1:
            freedom, error = len(a) - 1.0, math.sqrt(square)
    else:
        (mean_a, u), (mean_b, v) = _moments(a), _moments(b)
        effect = mean_a - mean_b
        if len(a) > 1 and len(b) > 1:
            spread = u**2 / (len(a) - 1) + v**2 / (len(b) - 1)
            freedom = (u + v) ** 2 / spread if spread > 0 else len(a) + len(b) - 2.0
            error = math.sqrt(u + v)
    half = float(stdtrit(freedom, (1 + level) / 2)) * error if freedom > 0 else np.nan
    return effect, effect - half, effect + half, _significance(effect, error, freedom)


# ---------------------------------------------------------------------------------------------
# Measurements as arrays


def _codes(column: pd.Series) -> tuple[Integers, list[str]]:
    """Return a text column as numbers and the texts that occur, in their categories' order."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype("category")
    codes = column.cat.codes.to_numpy().astype(np.int64)
    texts = list(column.cat.categories)
    used = np.bincount(codes, minlength=len(texts)) > 0
    if used.all():
        return codes, texts
    return (np.cumsum(used) - 1)[codes], [
        text for text, here in zip(texts, used, strict=True) if here
    ]


def current(trials: pd.DataFrame) -> pd.DataFrame:
    """Keep the latest source of each submission: that whose first trial came last.

    Rows lie in the order in which their rounds came, as a store returns them. No clock is asked,
    since it may be set back between two rounds.
    """
    submission, names = _codes(trials["submission"])
    source, sources = _codes(trials["source"])
    pair, pairs = pd.factorize(submission * max(len(sources), 1) + source)
    if len(pairs) == len(names):
        return trials
    there = np.flatnonzero((trials["status"] != "missing").to_numpy())
    first = np.full(len(pairs), -1)  # a source without any trial yet replaces nothing
    first[pair[there[::-1]]] = there[::-1]
    owner = pairs // len(sources)
    order = np.lexsort((first, owner))
    last = np.append(np.diff(owner[order]) > 0, True)
    latest = np.zeros(len(pairs), dtype=bool)
    latest[order[last]] = True
    return trials[latest[pair]]


def numbers(trials: pd.DataFrame) -> dict[str, Floats]:
    """Return visible, heldout, quality, gap and every extra of each row, by name.

    The gap is max(0, heldout - visible): a submission that errs on purpose on cases that it has
    seen gains nothing by it.
    """
    values = {name: trials[name].to_numpy(np.float64) for name in ("visible", "heldout", "quality")}
    values["gap"] = np.maximum(0.0, values["heldout"] - values["visible"])
    for column in trials.columns:
        if column.startswith("extra."):
            values[column.removeprefix("extra.")] = trials[column].to_numpy(np.float64)
    if "extra" in trials:
        extra = pd.DataFrame(list(trials["extra"]), index=trials.index, dtype=np.float64)
        values |= {str(name): extra[name].to_numpy() for name in extra}
    return values


@dataclass(frozen=True)
class _Rows:
    """The current trials sorted by submission, and who is compared with whom."""

    trials: pd.DataFrame
    """As they came."""
    names: list[str]
    """Submissions; an entry is an index into them."""
    sources: list[str]
    """Per entry."""
    division: list[str]
    """Per entry; '' where no trial tells."""
    baseline: Integers
    """Per entry, the entry of its division's baseline; -1 for none."""
    entry: Integers
    """Per trial, ascending."""
    order: Integers
    """Per trial, its place in the frame."""
    rounds: list[str]
    round: Integers
    seed: Integers
    exam: Integers
    """Equal numbers are the same round and seed."""
    n_exams: int
    ok: Flags
    missing: Flags
    base: Integers
    """The row of the baseline's good trial of the same exam; -1 for none."""
    isolation: Integers
    layers: list[str]
    """Texts that `isolation` points to."""
    numbers: dict[str, Floats]
    log_size: Floats
    """Of what compression compares, bytes or the number that the task counts."""
    log_speed: Floats
    """Log of pacer seconds over own seconds; 0 for a baseline, whatever was measured."""


def _rows(measurements: pd.DataFrame, divisions: Mapping[str, str | None], counts: str) -> _Rows:
    trials = current(measurements)
    entry, names = _codes(trials["submission"])
    order = np.argsort(entry, kind="stable")  # sorted, the sums over entries cost a fifth
    entry = entry[order]

    def codes(column: str) -> tuple[Integers, list[str]]:
        numbers, texts = _codes(trials[column])
        return numbers[order], texts

    def values(column: str) -> np.ndarray:
        return trials[column].to_numpy()[order]

    source, all_sources = codes("source")
    source_of = np.zeros(len(names), dtype=np.int64)
    source_of[entry] = source
    division, known = codes("division")
    told = np.array([text != "" for text in known], dtype=bool)[division]
    division_of = np.full(len(names), -1)
    division_of[entry[told]] = division[told]
    division_names = [known[k] if k >= 0 else "" for k in division_of]
    position = {name: k for k, name in enumerate(names)}
    baseline = np.array(
        [position.get(divisions.get(name) or "", -1) for name in division_names], dtype=np.int64
    )
    status, states = codes("status")
    ok = np.array([state == "ok" for state in states], dtype=bool)[status]
    round, rounds = codes("round")
    isolation, layers = codes("isolation")
    seed = values("seed")
    seed_code, seeds = pd.factorize(seed)
    exam, exams = pd.factorize(round * max(len(seeds), 1) + seed_code)
    base = np.full(len(trials), -1)
    for k in set(baseline.tolist()) - {-1}:
        rows = np.flatnonzero(ok & (entry == k))
        row_of = np.full(len(exams), -1)
        row_of[exam[rows]] = rows
        served = baseline[entry] == k
        base[served] = row_of[exam[served]]
    by_name = {name: v[order] for name, v in numbers(trials).items()}
    if counts:
        size = by_name.get(counts, np.full(len(trials), np.nan))
    else:
        size = np.maximum(values("artifact_bytes") + values("embedded_bytes"), MIN_BYTES)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_size = np.log(size)
        log_speed = np.log(values("pacer_seconds") / values("timed_seconds"))
    log_speed[(baseline == np.arange(len(names)))[entry]] = 0.0
    return _Rows(
        trials=trials,
        names=names,
        sources=[all_sources[k] for k in source_of],
        division=division_names,
        baseline=baseline,
        entry=entry,
        order=order,
        rounds=rounds,
        round=round,
        seed=seed,
        exam=exam,
        n_exams=len(exams),
        ok=ok,
        missing=np.array([state == "missing" for state in states], dtype=bool)[status],
        base=base,
        isolation=isolation,
        layers=layers,
        numbers=by_name,
        log_size=log_size,
        log_speed=log_speed,
    )


# ---------------------------------------------------------------------------------------------
# Standings

_RATIOS = ("compression", "speed", "score")


def standings(
    measurements: pd.DataFrame,
    metric: Metric,
    divisions: Mapping[str, str | None],
    axes: tuple[Axis, ...],
    needs: Sequence[str] = (),
    counts: str = "",
) -> pd.DataFrame:
    """Rank the submissions of one task, each in its division.

    A submission is ranked if all its trials ended well, one of its rounds at least is complete,
    every layer of the wall that the task needs held in each trial that counts, the baseline's
    beside it included, and its mean numbers reach the task's target. With the gap g of a trial,
    the size s, the artifact's and embedded bytes (at least 256) or what the task counts instead,
    and the processor time t, and index b for the baseline's trial of the same exam (for t: the
    pacer beside it):

        gain = (g_b + resolution) / (g + resolution),   compression = s_b / s,   speed = t_b / t

    and the score is the geometric mean over the exams and over the task's axes. A submission's
    exams without a good trial of the baseline are set aside, and the reason counts them.

    Two neighbours share a rank if a t test of their log scores, paired where they share two exams
    or more, cannot tell the lower from the best of the group at 5 %. Scores of one submission do
    not depend on the others.

    Parameters
    ----------
    measurements
        One task, version and size, as `Store.measurements` returns them.
    metric
        The task's primary number and target.
    divisions
        Division -> its baseline; None: its submissions are drawn and never ranked.
    axes
        What enters the score and the Pareto front; the others are shown.
    needs
        Layers of the wall without which a trial is shown and not ranked.
    counts
        The number that compression compares, as `Task.counts`.

    Returns
    -------
    DataFrame
        One row per submission, sorted by division, rank and score: division, rank (Int64),
        submission, source, status ('ranked', 'below target', 'not isolated', 'failed',
        'incomplete', 'line', 'no baseline'), reason, n_trials (good trials that count), visible,
        heldout, and with '_low' and '_high': gap, quality, gap_difference, compression, speed,
        score; then pareto (bool), isolation (the layers that held in every trial) and level (the
        lowest of its trials). Numbers of submissions that failed or are incomplete are NaN, as is
        an interval over one exam.
    """
    rows = _rows(measurements, divisions, counts)
    n = len(rows.names)
    paired = rows.ok & (rows.base >= 0)
    has_pairs = np.bincount(rows.entry[paired], minlength=n) > 0
    used = np.flatnonzero(np.where(has_pairs[rows.entry], paired, rows.ok))
    pairs = np.flatnonzero(paired)
    base = rows.base[pairs]
    bounds, used_bounds = (
        np.searchsorted(rows.entry[of], np.arange(n + 1)) for of in (pairs, used)
    )
    gap, log_size = rows.numbers["gap"], rows.log_size
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = {
            "gap": np.log((gap[base] + metric.resolution) / (gap[pairs] + metric.resolution)),
            "compression": log_size[base] - log_size[pairs],
            "speed": rows.log_speed[pairs],
        }
    logs["score"] = np.mean([logs[axis] for axis in axes], axis=0)

    means = {}
    estimates = {}
    for name in ("visible", "heldout", "gap", "quality"):
        estimates[name] = _intervals(rows.numbers[name][used], used_bounds)
    estimates["gap_difference"] = _intervals(gap[pairs] - gap[base], bounds)
    for name in _RATIOS:
        mean, low, high = _intervals(logs[name], bounds)
        estimates[name] = np.exp(mean), np.exp(low), np.exp(high)
    for name, (mean, low, high) in estimates.items():
        means[name] = mean
        if name not in ("visible", "heldout"):
            means |= {f"{name}_low": low, f"{name}_high": high}
    judged = _gate(rows, metric, divisions, axes, needs, pairs, bounds, logs)
    status = np.array([status for status, _ in judged], dtype=object)

    rank, pareto = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=bool)
    exam = rows.exam[pairs]
    higher = {
        "gap": -means["gap_difference"],  # not the gap itself: exams differ, pairs do not
        "compression": means["compression"],
        "speed": means["speed"],
    }
    for division in set(rows.division):
        members = [k for k in range(n) if rows.division[k] == division and status[k] == "ranked"]
        members.sort(key=lambda k: (-means["score"][k], rows.names[k]))
        spans = [slice(bounds[k], bounds[k + 1]) for k in members]
        scores = [(exam[span], logs["score"][span]) for span in spans]
        rank[members] = _ranks(scores, rows.n_exams)
        pareto[members] = _front(np.column_stack([higher[axis][members] for axis in axes]))

    unfit = (status == "failed") | (status == "incomplete")
    held = _isolation(rows)
    table: dict[str, Any] = {
        "division": np.array(rows.division, dtype=object),
        "rank": pd.array(rank, dtype="Int64"),
        "submission": np.array(rows.names, dtype=object),
        "source": np.array(rows.sources, dtype=object),
        "status": status,
        "reason": np.array([reason for _, reason in judged], dtype=object),
        "n_trials": np.diff(used_bounds),
        **{name: np.where(unfit, np.nan, values) for name, values in means.items()},
        "pareto": pareto,
        "isolation": np.array([", ".join(layers) for layers in held], dtype=object),
        "level": np.array([wall.level(layers) for layers in held], dtype=object),
    }
    table["rank"][rank == 0] = pd.NA
    place = {name: k for k, name in enumerate(divisions)}
    block = [place.get(division, len(place)) for division in rows.division]
    last = np.where(rank > 0, rank, n + 1)
    order = np.lexsort([np.argsort(np.argsort(rows.names)), -table["score"], last, block])
    return pd.DataFrame({name: values[order] for name, values in table.items()}, copy=False)


def _gate(
    rows: _Rows,
    metric: Metric,
    divisions: Mapping[str, str | None],
    axes: tuple[Axis, ...],
    needs: Sequence[str],
    pairs: Integers,
    bounds: Integers,
    logs: Mapping[str, Floats],
) -> list[tuple[str, str]]:
    """Return status and reason of each entry."""
    n = len(rows.names)
    entry = rows.entry[pairs]
    n_pairs = np.diff(bounds)
    n_there = np.bincount(rows.entry[~rows.missing], minlength=n)
    bad = ~rows.ok & ~rows.missing
    n_bad = np.bincount(rows.entry[bad], minlength=n)
    complete = np.zeros((n, len(rows.rounds)), dtype=bool)
    complete[rows.entry, rows.round] = True
    complete[rows.entry[rows.missing], rows.round[rows.missing]] = False
    with np.errstate(invalid="ignore"):
        mine, theirs = (
            {name: _sums(v[of], bounds) / n_pairs for name, v in rows.numbers.items()}
            for of in (pairs, rows.base[pairs])
        )
    lacking = {axis: np.bincount(entry[np.isnan(logs[axis])], minlength=n) for axis in axes}
    bare = np.array([bool(_lacking(label, needs)) for label in rows.layers], dtype=bool)
    bare = bare[rows.isolation]

    def judge(k: int) -> tuple[str, str]:
        division = rows.division[k]
        if n_bad[k]:
            trial = rows.trials.iloc[rows.order[np.flatnonzero(bad & (rows.entry == k))[0]]]
            return "failed", (
                f"{n_bad[k]} of {n_there[k]} trials ended badly, such as seed {trial['seed']} of "
                f"round {trial['round']}, {trial['status']}: {trial['reason']}"
            )
        if not complete[k].any():
            gone = np.flatnonzero(rows.missing & (rows.entry == k))
            gone = gone[rows.round[gone] == rows.round[gone].max()]
            round = rows.round[gone[0]]
            n_required = np.count_nonzero((rows.entry == k) & (rows.round == round))
            seeds = ", ".join(str(seed) for seed in sorted(rows.seed[gone]))
            return "incomplete", (
                f"{len(gone)} of {n_required} trials of round {rows.rounds[round]} are missing: "
                f"seed {seeds}"
            )
        if division not in divisions:
            known = ", ".join(map(repr, divisions))
            return "no baseline", f"the task has no division {division!r}, it has {known}"
        if divisions[division] is None:
            return "line", "drawn for comparison, never ranked"
        if not n_pairs[k]:
            return "no baseline", (
                f"0 of {n_there[k]} trials have a good trial of {divisions[division]!r} beside them"
            )
        span = pairs[bounds[k] : bounds[k + 1]]
        exposed = span[bare[span] | bare[rows.base[span]]]
        if len(exposed):
            own = bare[exposed[0]]
            row = exposed[0] if own else rows.base[exposed[0]]
            layers = " and ".join(_lacking(rows.layers[rows.isolation[row]], needs))
            return "not isolated", (
                f"without {layers} in {len(exposed)} of {n_pairs[k]} trials"
                f"{'' if own else f' of {divisions[division]!r} beside it'}, such as seed "
                f"{rows.seed[row]} of round {rows.rounds[rows.round[row]]}"
            )
        for axis, count in lacking.items():
            if count[k]:
                return "incomplete", f"{count[k]} of {n_pairs[k]} trials have no {axis}"
        own = {name: float(values[k]) for name, values in mine.items()}
        base = {name: float(values[k]) for name, values in theirs.items()}
        lack = metric.shortfall(own, base)
        if lack:
            return "below target", lack
        aside = n_there[k] - n_pairs[k]
        return "ranked", (
            f"{aside} of {n_there[k]} trials set aside: no good trial of {divisions[division]!r} "
            "beside them"
            if aside
            else ""
        )

    return [judge(k) for k in range(n)]


def _lacking(label: str, needs: Sequence[str]) -> list[str]:
    return wall.lacking(label.split(", "), needs)


def _isolation(rows: _Rows) -> list[tuple[str, ...]]:
    """Return the layers of the wall that held in every trial of each entry."""
    there = ~rows.missing
    seen = np.zeros((len(rows.names), len(rows.layers)), dtype=bool)
    seen[rows.entry[there], rows.isolation[there]] = True
    held = [tuple(filter(None, label.split(", "))) for label in rows.layers]
    return [wall.shared(held[k] for k in np.flatnonzero(row)) for row in seen]


def _ranks(scores: Sequence[tuple[Integers, Floats]], n_exams: int) -> list[int]:
    """Return the ranks of entries that are given best first, as (exams, log scores): 1, 1, 3."""
    ranks: list[int] = []
    of_best = np.full(n_exams, np.nan)  # log score of the group's best, by exam
    best: Floats = np.empty(0)
    for place, (exams, values) in enumerate(scores, start=1):
        shared = ~np.isnan(of_best[exams])
        paired = np.count_nonzero(shared) >= 2
        a, b = (of_best[exams[shared]], values[shared]) if paired else (best, values)
        if ranks and difference(a, b, bool(paired))[3] >= 1 - LEVEL:
            ranks.append(ranks[-1])
            continue
        ranks.append(place)
        best = values
        of_best[:] = np.nan
        of_best[exams] = values
    return ranks


def _front(points: np.ndarray) -> np.ndarray:
    """Return which points (n, n_axes), larger is better, no other point dominates."""
    n = len(points)
    at_least, more = np.ones((n, n), dtype=bool), np.zeros((n, n), dtype=bool)
    for x in points.T:
        at_least &= x[:, None] >= x
        more |= x[:, None] > x
    return np.asarray(~(at_least & more).any(axis=0))


def overall(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Average the scores of each submission over the tasks that rank it.

    Returns
    -------
    DataFrame
        submission, score (geometric mean), n_tasks, coverage (share of all tasks). Wide coverage
        comes first, because means over different tasks do not compare; then the score. Of several
        divisions of one task the submission's best counts.
    """
    ranked = [
        table.loc[table["status"] == "ranked", ["submission", "score"]].assign(task=task)
        for task, table in tables.items()
    ]
    empty = pd.DataFrame({"submission": [], "score": [], "task": []})
    scores = pd.concat(ranked, ignore_index=True) if ranked else empty
    best = np.log(scores.groupby(["submission", "task"])["score"].max())
    by_name = best.groupby("submission")
    table = pd.DataFrame({"score": np.exp(by_name.mean()), "n_tasks": by_name.size()})
    table["coverage"] = table["n_tasks"] / max(len(tables), 1)
    return table.reset_index().sort_values(
        ["n_tasks", "score", "submission"], ascending=[False, False, True], ignore_index=True
    )


# ---------------------------------------------------------------------------------------------
# Two submissions side by side


def compare(
    measurements: pd.DataFrame,
    a: str,
    b: str,
    metric: Metric,
    divisions: Mapping[str, str | None],
    counts: str = "",
) -> pd.DataFrame:
    """Compare two submissions of one task number by number, on their good trials.

    Paired where they share two exams or more (a t test of the differences), else by Welch's test.

    Returns
    -------
    DataFrame
        One row each for visible, heldout, gap, quality where it is not the held-out error (kind
        'difference': a - b) and compression, speed (kind 'ratio': larger than 1 where a is
        smaller, faster): number, kind, a and b (mean error; geometric mean of bytes or of what
        the task counts; geometric mean of speed over the baseline), effect, low, high (95 %), p,
        n (shared exams; the smaller number of trials where unpaired), paired, verdict, a sentence,
        and a_level and b_level, the levels of isolation.

    Raises
    ------
    Unknown
        There is no such submission.
    """
    rows = _rows(measurements, divisions, counts)
    entries = []
    for name in (a, b):
        if name not in rows.names:
            near = difflib.get_close_matches(name, rows.names, n=1, cutoff=0.4)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise Unknown(f"There is no submission {name!r} among these trials.{hint}")
        entries.append(rows.names.index(name))
    good_a, good_b = (np.flatnonzero(rows.ok & (rows.entry == k)) for k in entries)
    row_of = np.full(rows.n_exams, -1)
    row_of[rows.exam[good_b]] = good_b
    beside = row_of[rows.exam[good_a]]
    paired = bool(np.count_nonzero(beside >= 0) >= 2)
    if paired:
        good_a, good_b = good_a[beside >= 0], beside[beside >= 0]
    log_speed = rows.log_speed
    if len({rows.baseline[k] for k in entries}) > 1:
        log_speed = np.full(len(log_speed), np.nan)  # paced by different baselines
    wanted: list[tuple[str, Floats, Callable[[float, float, float, bool], str]]] = [
        ("visible", rows.numbers["visible"], _says_lower(a, b, "visible error", metric.unit)),
        ("heldout", rows.numbers["heldout"], _says_lower(a, b, "held-out error", metric.unit)),
        ("gap", rows.numbers["gap"], _says_lower(a, b, "gap", metric.unit)),
        ("quality", rows.numbers["quality"], _says_lower(a, b, metric.name, metric.unit)),
        ("compression", -rows.log_size, _says_times(a, b, "small")),
        ("speed", log_speed, _says_times(a, b, "fast")),
    ]
    if np.array_equal(rows.numbers["quality"], rows.numbers["heldout"], equal_nan=True):
        wanted = [line for line in wanted if line[0] != "quality"]  # it would be said twice
    held = _isolation(rows)
    levels = [wall.level(held[k]) for k in entries]
    found = []
    for number, values, says in wanted:
        x, y = values[good_a], values[good_b]
        effect, low, high, p = difference(x, y, paired)
        means = [float(np.mean(v)) if len(v) else np.nan for v in (x, y)]
        ratio = number in ("compression", "speed")
        if ratio:
            effect, low, high = (float(np.exp(v)) for v in (effect, low, high))
            means = [float(np.exp(-v if number == "compression" else v)) for v in means]
        found.append(
            {
                "number": number,
                "kind": "ratio" if ratio else "difference",
                "a": means[0],
                "b": means[1],
                "effect": effect,
                "low": low,
                "high": high,
                "p": p,
                "n": min(len(x), len(y)),
                "paired": paired,
                "verdict": says(effect, low, high, p < 1 - LEVEL),
                "a_level": levels[0],
                "b_level": levels[1],
            }
        )
    return pd.DataFrame(found)


def _says_lower(
    a: str, b: str, number: str, unit: str
) -> Callable[[float, float, float, bool], str]:
    unit = f" {unit}" if unit else ""

    def sentence(effect: float, low: float, high: float, apart: bool) -> str:
        if not apart:
            return f"{number}: {_alike(a, b, effect, low, high, '+.3g')}"
        if effect > 0:
            low, high, word = low, high, "higher"
        else:
            low, high, word = -high, -low, "lower"
        return (
            f"{a} has a {number} {abs(effect):.3g}{unit} {word} than {b} "
            f"(95 % {low:.3g} to {high:.3g})"
        )

    return sentence


def _says_times(a: str, b: str, word: str) -> Callable[[float, float, float, bool], str]:
    def sentence(effect: float, low: float, high: float, apart: bool) -> str:
        if not apart:
            return f"as {word}: {_alike(a, b, effect, low, high, '.2f')}"
        return f"{a} is {effect:.2f} times as {word} as {b} (95 % {low:.2f} to {high:.2f})"

    return sentence


def _alike(a: str, b: str, effect: float, low: float, high: float, form: str) -> str:
    if np.isnan(effect):
        return f"{a} and {b} have no such number"
    if np.isnan(low):
        return f"{a} and {b} cannot be told apart by one exam ({effect:{form}})"
    return f"{a} and {b} cannot be told apart ({effect:{form}}, 95 % {low:{form}} to {high:{form}})"
