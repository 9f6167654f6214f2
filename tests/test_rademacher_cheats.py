"""Bounds without a reason end as they deserve; see their folder in `cheats/`.

A docstring says in `Board: refuted` that a bound is below what complexity was found, in `Board:
loose` that it is looser than the baseline, in `Board: as the baseline` that it gains nothing, in
`Board: tight` that no more can be said than that it is smaller.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np
import platformdirs
import pytest

from harness import trial
from harness.kernels.circle_sup import circle_sup
from harness.sandbox import Nursery
from harness.vocabulary import Trial
from tasks.generalization import rademacher
from tasks.generalization.rademacher import TASK, classes, questions
from tests import zoo
from tests.cheats.rademacher import estimates

CHEATS = zoo.cheats("rademacher")


@pytest.fixture(scope="module")
def examined(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Iterator[zoo.Examined]:
    folder = str(tmp_path_factory.mktemp("cache"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(platformdirs, "user_cache_dir", lambda *_, **__: folder)
        exam = rademacher.make(2**40, "smoke")  # in a round it is a seed that nobody can guess
        patch.setattr(trial, "_exam", lambda task, seed, size: exam)
        yield functools.cache(zoo.examiner(TASK, nursery))


@pytest.fixture(scope="module")
def baseline(examined: zoo.Examined) -> Trial:
    """Examine the baseline on the same exam."""
    return examined("baseline")


@pytest.mark.parametrize("name", CHEATS)
def test_it_ends_as_it_deserves(name: str, examined: zoo.Examined, baseline: Trial) -> None:
    wanted = zoo.deserves(CHEATS[name])
    result = examined(CHEATS[name])
    zoo.assert_ends_as_deserved(result, wanted)
    if not wanted.board:
        return
    lack = TASK.metric.shortfall(zoo.numbers(result), zoo.numbers(baseline))
    if wanted.board == "refuted":
        assert lack.startswith("refuted: ") and result.extra["refuted"] > 0
    elif wanted.board == "loose":
        assert "wanted at most the baseline's" in lack
    elif wanted.board == "tight":
        assert result.quality < 0.6 * baseline.quality
    else:
        assert wanted.board == "as the baseline"
        assert not lack and result.quality == pytest.approx(baseline.quality)


def test_to_remember_what_was_shown_makes_a_gap(examined: zoo.Examined, baseline: Trial) -> None:
    result = examined(CHEATS["remembers_the_truth"])
    gap, honest = (one.heldout - one.visible for one in (result, baseline))
    assert gap > honest + 0.5


@pytest.mark.parametrize("seed", range(2))
def test_who_simulates_is_refuted_in_the_plane_at_standard(seed: int) -> None:
    """A twentieth is less than what samples of the same singular values differ by."""
    n, scale, rng = 96, classes.SCALES["standard"], np.random.default_rng(seed)
    X = classes.sample(rng, "orthogonal", n, 2)
    c = classes.Class("circle", (2, scale.m, 1), "frobenius", (1, 1), True)
    asked = questions.rows([c], np.ones((1, classes.DEEPEST)), [X], (n, scale.d))
    signs = (rng.choice([-1.0, 1.0], (scale.n_draws, n)) for _ in range(classes.CHEAP))
    estimate = float(np.mean([circle_sup(X, one).mean() for one in signs])) / n
    n_draws = classes.CHEAP * scale.n_draws
    t = classes.deviation(c, asked["sv"][0, :2], n, n_draws, rademacher.CHANCE / 308)
    assert estimates.predict({}, asked)["bound"][0] < estimate - t


def test_a_proof_is_kept_with_the_trial(baseline: Trial) -> None:
    text = " ".join(baseline.series["proof"]["text"])
    assert "Size-Independent Sample Complexity of Neural Networks" in text
