"""Which compositions of staircase functions are no staircases?

Idea: 7, staircase Boolean functions. The idea asks for a proof that a composition of staircases is
    a staircase. As it stands that is false; a submission is a counterexample, checked exactly.

Papers: Abbe, Boix-Adsera, Brennan, Bresler, Nagaraj, The staircase property: How hierarchical
    structure can guide deep learning, NeurIPS 2021, arXiv 2108.10573. The definition, a set of two
    variables or more in the Fourier support has a subset with one variable less in it, was not
    checked against the source. The theorem and the counterexamples below are this project's.

Question: How small can a counterexample be, and which hypotheses keep compositions staircases?
    Theorem: let f_1, ..., f_k be staircases of mean zero, no two of which share a variable, and g
    a multilinear staircase; then g(f_1, ..., f_k) is one. Proof: the product of f_i over i in T has
    as its support the unions U of sets S_i of f_i, one for each i in T. No S_i is empty and no
    variable is shared, so U tells T and every S_i: nothing cancels, and U is in the support of the
    composition if T is in that of g. Let U have two variables or more. If some S_i has two, drop
    the variable that its own step drops. Else all S_i have one and T has two members: T without
    some j is in the support of g, so drop S_j. Both hypotheses are needed: see the references.

fit: called once, `train` is empty. It returns g and f_0, f_1, ... as exact expansions: for
    `outer`, `inner0`, `inner1` and so on three int64 arrays (terms,) each, as in `inner0/mask`
    (bit i for variable i, in `outer` for inner function i; none twice), `inner0/numerator` (not 0)
    and `inner0/denominator` (at least 1), both at most 10^6 in size. At most 10 variables, 10 inner
    functions and 40 terms in all, so that the check takes moments. The exam is the same for every
    seed and size. In the division `disjoint` the inner functions must have mean zero and share no
    variable: by the theorem no entry can succeed there, and one that does finds an error in the
    proof or in the check.

predict: never called. The task expands the composition in fractions, products of sets by their
    symmetric difference, and looks for a step below every set of its support.

visible: 0 where the composition is no staircase, 1 where it is. There is nothing to generalize, so
    gap and speed are shown and not ranked.

held-out: the same.

quality: 1 for a counterexample, else 0; ranked are counterexamples. Whoever returns a g or an f_i
    that is no staircase itself is refused. Compression compares `size`, the terms of g and all f_i
    times 64 for each variable beyond two, so fewer variables come first and then fewer terms; on
    one variable there is no counterexample. Bytes are not what is asked.

baseline: y1 + y1 y2 of x1 + x2 + x1 x2 and x1 + x2 - 2 x1 x2 is 3 x1 x2: 2 variables, 8 terms.
    References, 5 terms on 2 variables, which is the least (one term of g or one inner function in
    use gives a staircase; two terms of g and two inner functions of one term each give x_i + x_j
    or x_i + x_i x_j at best): `sum`, of inner functions that share a variable, and `shift`, of
    some that share none and have a mean; `search`, the smallest among 2000 random
    compositions. Line, never ranked: `disjoint`, the same search under both hypotheses.

claim: Under the theorem's hypotheses a search finds no counterexample, where without them it does.

extra: variables, terms, size; leap of the composition, the most new variables that a set brings
    (1 for a merged staircase); shared, the variables that several inner functions have; means, the
    inner functions whose mean is not zero; series of all sets with their coefficients.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from harness import arrays as named
from harness.vocabulary import (
    Arrays,
    Chart,
    Claim,
    Contrast,
    Exam,
    Fit,
    Metric,
    Refused,
    Scores,
    Size,
    Task,
)
from tasks._data import fourier
from tasks._data.fourier import Expansion

VARIABLES = INNER = 10
TERMS = 40
LARGEST = 10**6
ABREAST = 64
"""More than any number of terms: what a variable beyond two counts for."""
DISJOINT = "disjoint"


@dataclass(frozen=True)
class Composition:
    """g and the f_i."""

    outer: Expansion
    inner: list[Expansion]

    @property
    def terms(self) -> int:
        """Of g and of all f_i."""
        return sum(map(len, [self.outer, *self.inner]))

    @property
    def variables(self) -> int:
        """Of all f_i together."""
        return _union(self.inner).bit_count()

    @property
    def shared(self) -> int:
        """Variables of more than one f_i."""
        several = seen = 0
        for f in self.inner:
            own = _union([f])
            several, seen = several | seen & own, seen | own
        return several.bit_count()

    @property
    def means(self) -> int:
        """Inner functions whose mean is not zero."""
        return sum(0 in f for f in self.inner)


def _union(functions: list[Expansion]) -> int:
    union = 0
    for f in functions:
        for S in f:
            union |= S
    return union


def read(artifact: Arrays) -> Composition:
    """Return the composition that the arrays say, or refuse it in words.

    Raises
    ------
    Refused
        An array is missing or unknown, of another kind or shape; a mask comes twice or stands for
        what is not there; a coefficient is 0 or too large; there are too many terms.
    """
    n_inner = len({name.partition("/")[0] for name in artifact} - {"outer"})
    if not 1 <= n_inner <= INNER:
        raise Refused(f"fit: wanted are 1 to {INNER} inner functions, got {n_inner}.")
    names = ["outer", *(f"inner{i}" for i in range(n_inner))]
    columns = ("mask", "numerator", "denominator")
    named.require(artifact, {f"{f}/{c}": (None,) for f in names for c in columns}, "fit", "i")
    functions = []
    for name in names:
        mask, numerator, denominator = (artifact[f"{name}/{c}"].tolist() for c in columns)
        top = n_inner if name == "outer" else VARIABLES
        if not 0 < len(mask) == len(numerator) == len(denominator) <= TERMS:
            raise Refused(
                f"fit: {name} must have 1 to {TERMS} terms and a numerator and a denominator for "
                f"each mask, got {len(mask)}, {len(numerator)} and {len(denominator)}."
            )
        if len(set(mask)) < len(mask) or not all(0 <= S < 1 << top for S in mask):
            raise Refused(
                f"fit['{name}/mask'] must hold different masks from 0 to 2^{top} - 1, got {mask}."
            )
        if not all(0 < abs(a) <= LARGEST for a in numerator):
            raise Refused(f"fit['{name}/numerator'] must be from 1 to {LARGEST:,} in size.")
        if not all(0 < b <= LARGEST for b in denominator):
            raise Refused(f"fit['{name}/denominator'] must be from 1 to {LARGEST:,}.")
        coefficients = map(Fraction, numerator, denominator)
        functions.append(dict(zip(mask, coefficients, strict=True)))
    found = Composition(functions[0], functions[1:])
    if found.terms > TERMS:
        raise Refused(f"fit: all functions together may have {TERMS} terms, got {found.terms}.")
    for name, f in zip(names, functions, strict=True):
        lonely = fourier.unsupported(f)
        if lonely:
            raise Refused(
                f"fit: {name} must be a staircase, but no set with one variable less stands below "
                f"{_words(lonely[0])}."
            )
    return found


def _words(S: int) -> str:
    return "{" + ", ".join(str(i) for i in range(S.bit_length()) if S >> i & 1) + "}"


# ---------------------------------------------------------------------------------------------


def make(seed: int, size: Size) -> Exam:
    """Return the exam, which is always the same: there is nothing to draw."""
    del seed, size
    return Exam({}, {}, {}, {"n_variables": VARIABLES, "n_inner": INNER, "n_terms": TERMS})


def teach(exam: Exam, fit: Fit) -> Arrays:
    """Ask for a composition; in the division of the theorem it must meet the hypotheses."""
    artifact = fit(exam.train)
    found = read(artifact)
    if fit.division == DISJOINT and (found.shared or found.means):
        raise Refused(
            "fit: in the division 'disjoint' inner functions have mean zero and share no variable, "
            f"got {found.means} with a mean and {found.shared} shared variables."
        )
    return artifact


def ask(exam: Exam, artifact: Arrays, predict: Any) -> Arrays:
    """Answer nothing: the composition is the artifact, and `score` expands it."""
    return {}


def score(exam: Exam, artifact: Arrays, outputs: Arrays) -> Scores:
    """Expand the composition exactly and look for sets without a step below them."""
    del exam, outputs
    found = read(artifact)
    composed = fourier.compose(found.outer, found.inner)
    lonely = fourier.unsupported(composed)
    quality = float(bool(lonely))
    size = found.terms * ABREAST ** max(found.variables - 2, 0)
    rows = [
        {
            "function": name,
            "set": _words(S),
            "degree": S.bit_count(),
            "coefficient": float(a),
            "step": "no" if name == "composition" and S in lonely else "yes",
        }
        for name, f in [
            ("outer", found.outer),
            *((f"inner {i}", f) for i, f in enumerate(found.inner)),
            ("composition", composed),
        ]
        for S, a in sorted(f.items())
    ]
    return Scores(
        visible=1 - quality,
        heldout=1 - quality,
        quality=quality,
        stderr=0.0,
        extra={
            "variables": float(found.variables),
            "terms": float(found.terms),
            "size": float(size),
            "leap": float(fourier.leap(composed)),
            "shared": float(found.shared),
            "means": float(found.means),
        },
        series={"sets": {key: np.asarray([row[key] for row in rows]) for key in rows[0]}},
    )


def shortfall(mine: Mapping[str, float], baseline: Mapping[str, float]) -> str:
    """Say that there is no counterexample, if there is none."""
    del baseline
    return "" if mine["quality"] == 1 else "the composition is a staircase"


TASK = Task(
    name="staircase_certificate",
    title="Which compositions of staircase functions are no staircases?",
    idea=7,
    metric=Metric(
        name="counterexamples",
        unit="",
        resolution=1.0,
        target="the composition of staircases is no staircase",
        shortfall=shortfall,
        lower_is_better=False,
    ),
    make=make,
    score=score,
    teach=teach,
    ask=ask,
    timed="fit",
    divisions={"open": "baseline", DISJOINT: None},
    axes=("compression",),
    counts="size",
    claims=(
        Claim(
            "Among compositions of staircases of mean zero on disjoint variables a search finds no "
            "counterexample, where without these hypotheses it does.",
            Contrast("disjoint", "search", "quality", margin=-0.5),
        ),
    ),
    charts=(
        Chart(
            "Coefficients of sets by degree", "sets", "degree", "coefficient", "point", "function"
        ),
        Chart("Sets with a step below them", "sets", "set", "coefficient", "bar", "step"),
    ),
    seconds={"smoke": 30.0, "standard": 60.0, "full": 60.0},
)
