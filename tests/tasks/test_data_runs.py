"""Banks of runs: a row a recipe, and when what is on disk counts."""

import numpy as np
import pytest

from harness.kernels.sgd import train
from harness.kernels.stable_rank import numerical_rank
from harness.vocabulary import Refused
from tasks._data import runs as module
from tasks._data.runs import runs

CALLS = []


def square(x, seed):
    CALLS.append((x, seed))
    return {"square": x * x, "row": np.array([x, np.nan, seed])}


def cube(x, seed):
    return {"square": x * x * x, "row": np.array([x, np.nan, seed])}


@pytest.fixture(autouse=True)
def no_calls():
    CALLS.clear()


RECIPES = [{"x": 2.0, "seed": 0}, {"seed": 1, "x": 3.0}]


def test_there_is_a_row_for_every_recipe(tmp_path):
    bank = runs(RECIPES, square, tmp_path)
    assert bank["square"].tolist() == [4.0, 9.0]
    np.testing.assert_array_equal(bank["row"], [[2, np.nan, 0], [3, np.nan, 1]])


def test_what_was_measured_is_not_measured_again(tmp_path):
    first = runs(RECIPES, square, tmp_path)
    again = runs([*RECIPES, {"x": 5.0, "seed": 0}], square, tmp_path)
    assert CALLS == [(2.0, 0), (3.0, 1), (5.0, 0)]
    np.testing.assert_array_equal(again["row"][:2], first["row"])
    assert not [path for path in tmp_path.iterdir() if path.suffix != ".safetensors"]


def test_another_measure_seed_or_kernel_measures_anew(tmp_path, monkeypatch):
    runs(RECIPES, square, tmp_path)
    assert runs(RECIPES, cube, tmp_path)["square"].tolist() == [8.0, 27.0]
    runs([{"x": 2.0, "seed": 7}], square, tmp_path)
    assert len(CALLS) == 3
    kernels = tmp_path / "kernels"
    kernels.mkdir()
    monkeypatch.setattr(module.kernels, "__path__", [str(kernels)])
    (kernels / "sgd.py").write_text("one")
    runs(RECIPES, square, tmp_path)
    runs(RECIPES, square, tmp_path)
    assert len(CALLS) == 5
    (kernels / "sgd.py").write_text("two")
    runs(RECIPES, square, tmp_path)
    assert len(CALLS) == 7


def test_a_run_that_breaks_leaves_what_was_made_before(tmp_path):
    with pytest.raises(TypeError):
        runs([RECIPES[0], {"x": None, "seed": 0}], square, tmp_path)
    runs(RECIPES, square, tmp_path)
    assert CALLS == [(2.0, 0), (None, 0), (3.0, 1)]


def rank_of(rate, weight_decay, seed):
    X = np.random.default_rng(0).normal(size=(32, 8)).astype(np.float32)
    run = train(
        X,
        X[:, :2],
        [8, 16, 16, 2],
        rate=rate,
        n_steps=1500,
        seed=seed,
        batch=8,
        weight_decay=weight_decay,
        observe=lambda net: {"rank": numerical_rank(net.weights[1])},
    )
    return {**run.observed, "diverged": run.diverged}


def test_networks_are_trained_and_weight_decay_lowers_their_rank(tmp_path):
    recipes = [
        {"rate": 0.05, "weight_decay": decay, "seed": seed}
        for decay in (0.0, 0.1)
        for seed in (0, 1)
    ]
    bank = runs(recipes, rank_of, tmp_path)
    assert bank["rank"].shape == (4, 1)
    assert not bank["diverged"].any()
    assert bank["rank"][:2].min() > bank["rank"][2:].max()


def test_what_is_no_recipe_is_refused(tmp_path):
    with pytest.raises(Refused, match="at least one recipe"):
        runs([], square, tmp_path)
    with pytest.raises(Refused, match="plain JSON values"):
        runs([{"x": np.float32(1), "seed": 0}], square, tmp_path)
