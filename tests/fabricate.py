"""Make rounds and trials up, for tests that need a full store and no examination."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from harness.vocabulary import Chart, Round, Size, Trial

ISOLATION = (
    "process",
    "death with the parent",
    "limits",
    "namespaces",
    "capabilities",
    "landlock 4",
    "seccomp",
    "masked data",
)


@dataclass(frozen=True)
class Level:
    """What a made-up submission is like on average."""

    visible: float = 5.0
    """Error on seen cases, in percent."""
    heldout: float = 17.0
    artifact_bytes: int = 77_000
    seconds: float = 2.4
    """Processor seconds of the timed phase; the pacer takes those of the default."""


def level(name: str) -> Level:
    """Return a level that is the same for a name every time; the baseline has the default."""
    if name == "baseline":
        return Level()
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    visible, gap, size, time = rng.uniform([0, 0.2, 0.2, 0.5], [5, 12, 1.5, 2.0])
    return Level(visible, visible + gap, int(77_000 * size), 2.4 * time)


def source(name: str) -> str:
    """Return the source hash of a made-up submission."""
    return hashlib.sha256(name.encode()).hexdigest()


def round(
    submissions: Sequence[str] = ("baseline", "adam"),
    *,
    task: str = "layerwise",
    task_version: int = 1,
    size: Size = "standard",
    seeds: Sequence[int] = (0, 1, 2),
    number: int = 0,
) -> Round:
    """Return the `number`-th round of a task; later numbers start later."""
    return Round(
        id=f"{task}-{size}-{number:04d}",
        task=task,
        task_version=task_version,
        size=size,
        seeds=tuple(seeds),
        submissions={name: source(name) for name in submissions},
        secret=f"{number:032x}",
        machine={"processor": "made up", "cores": 1},
        started=f"2026-01-01T{number // 60 % 24:02d}:{number % 60:02d}:00+00:00",
    )


def trials(
    round: Round,
    *,
    levels: Mapping[str, Level] | None = None,
    failed: Mapping[str, str] | None = None,
    divisions: Mapping[str, str] | None = None,
    extra: Mapping[str, float] | None = None,
    series: Mapping[str, Mapping[str, list[Any]]] | None = None,
    isolation: Mapping[str, Sequence[str]] | None = None,
    missing: Mapping[str, Sequence[str]] | None = None,
    noise: float = 0.02,
) -> list[Trial]:
    """Return every trial of a round, the same each time.

    Parameters
    ----------
    round
        What is examined; its id seeds the noise.
    levels
        Submission -> what it is like; the others have theirs from `level`.
    failed
        Submission -> the reason with which all its trials fail.
    divisions
        Submission -> division; the others are in 'open'.
    extra, series
        The same for every trial, but for the noise on a series' columns after its first.
    isolation, missing
        Submission -> the layers that held, and those that did not; a full wall for the others.
    noise
        Relative standard deviation of errors and seconds; errors share half of it per exam.
    """
    rng = np.random.default_rng(zlib.crc32(round.id.encode()))
    made: list[Trial] = []
    for seed in round.seeds:
        exam = rng.normal(0, 5 * noise)
        for name, source in round.submissions.items():
            is_like = (levels or {}).get(name) or level(name)
            reason = (failed or {}).get(name, "")
            error, time, pace = np.exp(rng.normal(0, noise, 3))
            visible = is_like.visible * error * np.exp(exam)
            heldout = is_like.heldout * error * np.exp(exam)
            seconds = is_like.seconds * time
            made.append(
                Trial(
                    id=f"{round.id}-{name}-{seed}",
                    round=round.id,
                    task=round.task,
                    task_version=round.task_version,
                    submission=name,
                    source=source,
                    division=(divisions or {}).get(name, "open"),
                    size=round.size,
                    seed=seed,
                    status="failed" if reason else "ok",
                    reason=reason,
                    visible=np.nan if reason else visible,
                    heldout=np.nan if reason else heldout,
                    quality=np.nan if reason else heldout,
                    stderr=np.nan if reason else 0.4,
                    artifact_bytes=0 if reason else is_like.artifact_bytes,
                    embedded_bytes=0,
                    fit_seconds=seconds,
                    fit_wall=1.1 * seconds,
                    predict_seconds=0.05,
                    predict_wall=0.06,
                    choose_seconds=0.0,
                    timed_seconds=np.nan if reason else seconds,
                    pacer_seconds=np.nan if reason else Level().seconds * pace,
                    peak_bytes=300 << 20,
                    isolation=tuple((isolation or {}).get(name, ISOLATION)),
                    missing=tuple((missing or {}).get(name, ())),
                    extra={} if reason else dict(extra or {}),
                    series={} if reason else _jitter(series or {}, error),
                    versions={"python": "3.11.2", "harness": "0.1.0"},
                    finished=round.started[:17] + f"{len(made) % 60:02d}+00:00",
                )
            )
    return made


def series(charts: Sequence[Chart]) -> dict[str, dict[str, list[Any]]]:
    """Return columns that fill every chart: four abscissae in each of two panels."""
    made: dict[str, dict[str, list[Any]]] = {}
    for chart in charts:
        columns = made.setdefault(chart.series, {})
        columns[chart.x] = [1, 2, 4, 8] * 2
        columns[chart.y] = [8.0, 4.0, 2.0, 1.0, 6.0, 5.0, 4.0, 3.0]
        if chart.guide is not None:
            columns[chart.guide] = [8.0, 4.0, 2.0, 1.0] * 2
        if chart.start is not None:
            columns[chart.start] = [0.0, 1.0, 2.0, 3.0] * 2
        if chart.marks is not None:
            columns[chart.marks] = [0.0, 0.0, 1.0, 0.0] * 2
        if chart.facet is not None:
            columns[chart.facet] = ["one"] * 4 + ["two"] * 4
    return made


def _jitter(
    series: Mapping[str, Mapping[str, list[Any]]], factor: float
) -> dict[str, dict[str, list[Any]]]:
    """Scale the floats of every column but the first, which is the abscissa."""
    jittered = {}
    for name, (abscissa, *others) in ((name, columns.items()) for name, columns in series.items()):
        jittered[name] = dict([abscissa]) | {
            column: [value * factor if isinstance(value, float) else value for value in values]
            for column, values in others
        }
    return jittered
