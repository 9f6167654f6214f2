"""Questions about classes as arrays, a row each, and what two answers owe each other.

A question says a class, its caps and statistics of a sample, and nothing else of the sample. Some
questions are asked again, altered so that the answer to one follows from the answer to the other.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from harness.vocabulary import Arrays, Refused

from .classes import DEEPEST, NORMS, Class

ROUNDING = 1e-9
"""Relative, of what must be equal or not smaller."""


def rows(
    classes: list[Class], s: np.ndarray, X: list[np.ndarray], shape: tuple[int, int]
) -> Arrays:
    """Return questions about classes with caps s (m, DEEPEST) on a sample each.

    `shape` is the width of `row` and of `sv`; what a question does not need is 1, of `row` and `sv`
    0.
    """
    m = len(classes)
    found: Arrays = {
        "L": np.array([len(c.r) for c in classes]),
        "widths": np.ones((m, DEEPEST + 1), np.int64),
        "norm": np.array([NORMS.index(c.norm) for c in classes]),
        "s": s.copy(),
        "r": np.ones((m, DEEPEST), np.int64),
        "act": np.array([int(c.relu) for c in classes]),
        "n": np.array([len(x) for x in X]),
        "sv": np.zeros((m, shape[1])),
        "row": np.zeros((m, shape[0])),
    }
    for k, (c, x) in enumerate(zip(classes, X, strict=True)):
        found["widths"][k, : len(c.widths)] = c.widths
        found["r"][k, : len(c.r)] = c.r
        found["s"][k, len(c.r) :] = 1
        sv = np.linalg.svd(x, compute_uv=False)
        found["sv"][k, : len(sv)] = sv
        found["row"][k, : len(x)] = np.sort(np.linalg.norm(x, axis=1))
    return found


def product(questions: Arrays) -> np.ndarray:
    """Return the product of all caps: (m,)."""
    found: np.ndarray = questions["s"].prod(1)
    return found


# ---------------------------------------------------------------------------------------------


def _scaled(one: Arrays, rng: np.random.Generator) -> float:
    factor = float(np.exp(rng.uniform(-2, 2)))
    one["s"][rng.integers(one["L"])] *= factor
    return factor


def _sample_scaled(one: Arrays, rng: np.random.Generator) -> float:
    factor = float(np.exp(rng.uniform(-2, 2)))
    one["sv"] *= factor
    one["row"] *= factor
    return factor


def _moved(one: Arrays, rng: np.random.Generator) -> float:
    """Move scale from a layer to another, which changes no function of a homogeneous class."""
    factor = float(np.exp(rng.uniform(-2, 2)))
    one["s"][0] *= factor
    one["s"][one["L"] - 1] /= factor
    return 1.0


def _more_rank(one: Arrays, rng: np.random.Generator) -> float:
    one["r"][rng.integers(one["L"])] += int(rng.integers(1, 4))
    return 1.0


def _wider(one: Arrays, rng: np.random.Generator) -> float:
    """Widen a hidden layer; without one there are more outputs."""
    one["widths"][1 + rng.integers(max(1, one["L"] - 1))] += int(rng.integers(1, 5))
    return 1.0


RULES: dict[str, tuple[Callable[[Arrays, np.random.Generator], float], bool, str]] = {
    "scaled": (_scaled, True, "a cap times c is the bound times c"),
    "sample": (_sample_scaled, True, "a sample times c is the bound times c"),
    "moved": (_moved, True, "caps enter through their product alone"),
    "rank": (_more_rank, False, "more rank is no smaller bound"),
    "width": (_wider, False, "a wider layer is no smaller bound"),
}
"""How a question is altered, returning what the bound is multiplied by; equal, or at least; why."""


def altered(
    questions: Arrays, which: np.ndarray, rng: np.random.Generator
) -> tuple[Arrays, Arrays]:
    """Return these questions altered by every rule, and what of them: `of`, `rule`, `factor`."""
    asked: list[Arrays] = []
    about: list[tuple[int, int, float]] = []
    for k in which:
        for index, (alter, _, _) in enumerate(RULES.values()):
            one = {name: np.array(array[k]) for name, array in questions.items()}
            about.append((int(k), index, alter(one, rng)))
            asked.append(one)
    of, rule, factor = (np.array(column) for column in zip(*about, strict=True))
    stacked = {name: np.stack([one[name] for one in asked]) for name in questions}
    return stacked, {"of": of, "rule": rule, "factor": factor}


def hold_to_rules(bound: np.ndarray, again: np.ndarray, about: Arrays) -> None:
    """Refuse bounds of altered questions that do not follow from those of the questions."""
    wanted = bound[about["of"]] * about["factor"]
    for index, (name, (_, equal, why)) in enumerate(RULES.items()):
        here = about["rule"] == index
        off = again[here] / wanted[here] - 1
        worst = np.abs(off).max() if equal else -off.min()
        if worst > ROUNDING:
            raise Refused(
                f"predict['bound']: {why}, but {name!r} made it {worst:.3g} "
                f"{'off' if equal else 'smaller'}, relative; wanted is at most {ROUNDING:g}, in "
                "float64."
            )
