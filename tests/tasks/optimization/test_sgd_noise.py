"""The noise of SGD: its chains, its theory, its exam, its measures, the target, the references."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import platformdirs
import pytest
import torch
from scipy import stats
from scipy.linalg import solve_discrete_lyapunov

from harness.kernels.mlp import MLP, draw_mlp
from harness.vocabulary import Arrays, Context, Exam, Refused
from submissions.baselines.optimization import sgd_noise as baseline
from submissions.references.optimization import (
    sgd_noise_boosting,
    sgd_noise_line,
    sgd_noise_ridge,
    sgd_noise_ridge_gaussian,
    sgd_noise_scaling,
)
from tasks._data import digits_arrays
from tasks.optimization import sgd_noise as task
from tasks.optimization.sgd_noise import TASK, chains
from tasks.optimization.sgd_noise.chains import FEATURES, LEVELS, N_OUTPUTS, N, Scale

SHORT = Scale(2, 2, burn_in=100, recorded=400, width=3)


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every bank made anew."""
    folders = (str(tmp_path / str(i)) for i in range(100))
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *_, **__: next(folders))


@pytest.fixture(scope="module")
def exam() -> Exam:
    return task.make(0, "smoke")


def told(exam: Exam) -> Context:
    return Context(0, 60.0, 1, "cpu", exam.facts)


def numbers(exam: Exam, Y: np.ndarray) -> dict[str, float]:
    scores = task.score(exam, {}, {"Y": Y})
    return {"visible": scores.visible, "heldout": scores.heldout, **scores.extra}


# ---------------------------------------------------------------------------------------------
# The chains


def by_hand(seed: list[int], rate: list[float], batch: list[int], decay: list[float], burn_in: int,
            recorded: int, width: int) -> tuple[list[list[np.ndarray]], np.ndarray]:  # fmt: skip
    """Run the same chains one after another, by automatic differentiation in double precision."""
    rows = np.random.default_rng(seed)
    batches = [
        rows.integers(N, size=(steps, len(seed), max(batch))) for steps in (burn_in, recorded)
    ]
    order = np.concatenate(batches)
    settled, records = [], []
    for r, own in enumerate(seed):
        rng = np.random.default_rng(own)
        X, digit = digits_arrays()
        X = X.reshape(1797, 64).astype(np.float64)
        chosen = rng.permutation(1797)[: N + N_OUTPUTS]
        X = X[chosen] - X[chosen[:N]].mean(0)
        X = torch.from_numpy(4 * X / np.linalg.norm(X, axis=1)[:, None])
        y = torch.from_numpy(np.where(digit[chosen[:N]] <= 4, 1.0, -1.0))
        shapes = ((64, width), (width, width), (width, 1))
        weights = [
            torch.tensor(rng.standard_normal((1, m, k))[0] / np.sqrt(m), requires_grad=True)
            for m, k in shapes
        ]

        def f(x: torch.Tensor, W: list[torch.Tensor] = weights) -> torch.Tensor:
            return (torch.tanh(torch.tanh(x @ W[0]) @ W[1]) @ W[2])[:, 0]

        optimizer = torch.optim.SGD(weights, rate[r], weight_decay=decay[r])
        mine = []
        for step in range(burn_in + recorded):
            if step == burn_in:
                settled.append([W.detach().numpy().copy() for W in weights])
            drawn = order[step, r, : batch[r]]
            optimizer.zero_grad()
            ((f(X[drawn]) - y[drawn]) ** 2 / 2).mean().backward()
            optimizer.step()
            if step >= burn_in and (step - burn_in + 1) % 5 == 0:
                mine.append(f(X[N:]).detach().numpy())
        records.append(np.stack(mine, 1))
    return settled, np.stack(records)


def test_chains_are_those_that_a_loop_over_networks_takes(monkeypatch):
    # `together` draws the batches of as many steps at once as here.
    monkeypatch.setattr(chains.together, "CHUNK", 10_000)
    settings = {"seed": [5, 6, 7], "rate": [0.02, 0.1, 0.05], "batch": [2, 16, 4]}
    lengths = {"burn_in": 60, "recorded": 90, "width": 5}
    decay = [1e-3, 0.01, 0.0]
    weights, data, records = chains.run(**settings, weight_decay=decay, **lengths)
    settled, wanted = by_hand(**settings, decay=decay, **lengths)
    assert records.shape == (3, N_OUTPUTS, 18)
    np.testing.assert_allclose(records, wanted, atol=2e-5)
    for k, W in enumerate(weights):
        np.testing.assert_allclose(W, np.stack([net[k] for net in settled]), atol=2e-5)
    for X, Y, unseen in data:
        np.testing.assert_allclose(np.linalg.norm(np.concatenate([X, unseen]), axis=1), 4)
        assert set(Y.ravel()) == {-1.0, 1.0} and len(unseen) == N_OUTPUTS
        assert not {x.tobytes() for x in X} & {x.tobytes() for x in unseen}


def test_drift_between_windows_is_no_noise():
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(2, 3, 4000))
    drift = np.repeat(np.linspace(-50, 50, 20), 200)
    off = chains.windowed(noise + drift)
    np.testing.assert_allclose(off, chains.windowed(noise), atol=1e-12)
    # A window of 200 takes a two-hundredth of the variance of independent records.
    assert off.var() == pytest.approx(1 - 1 / 200, rel=0.02)
    assert chains.windowed(noise[..., :450]).shape == (2, 3, 400)
    assert chains.windowed(noise[..., :70]).shape == (2, 3, 70)


def test_scatter_is_that_of_laws_whose_moments_are_known():
    rng = np.random.default_rng(1)
    n = 400_000
    gaussian, heavy = rng.normal(0, 0.3, n), rng.standard_t(12, n)
    skewed = rng.gamma(4.0, size=n)
    found = chains.scatter(np.stack([gaussian, heavy, skewed])[None])
    variance, excess = found["targets"][0, :, 0], 10 ** found["targets"][0, :, 1] - 1
    shrink = 1 - 1 / 200
    np.testing.assert_allclose(10**variance, shrink * np.array([0.09, 12 / 10, 4]), rtol=0.02)
    np.testing.assert_allclose(excess[1:], [6 / (12 - 4), 6 / 4], rtol=0.2)
    assert excess[0] < 0.05
    np.testing.assert_allclose(found["skew"][0], [0, 0, 1], atol=0.1)
    np.testing.assert_allclose(found["targets"][0, 0, 2:], stats.norm.ppf(LEVELS), atol=0.02)
    np.testing.assert_allclose(found["halves"][0].mean(1), variance, atol=0.01)
    assert found["blocks"].shape == (1, 3, n // 4)
    np.testing.assert_allclose(found["blocks"].mean(2), 0, atol=1e-4)


def settled_network(width: int = 3) -> tuple[MLP, chains.Data]:
    data = chains.draw(np.random.default_rng(3))
    net = draw_mlp((64, width, width, 1), 1.0, 0, "tanh", dtype=np.float64)
    return net, data


def test_theory_is_that_of_automatic_derivatives_and_a_solver_of_lyapunov():
    net, (X, Y, unseen) = settled_network()
    rate, batch, decay = 2.0, 8, 0.05
    shapes = [W.shape for W in net.weights]
    theta = torch.from_numpy(np.concatenate([W.ravel() for W in net.weights]))

    def f(flat: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        parts = flat.split([m * k for m, k in shapes])
        W = [part.reshape(shape) for part, shape in zip(parts, shapes, strict=True)]
        return (torch.tanh(torch.tanh(x @ W[0]) @ W[1]) @ W[2])[..., 0]

    x, y, asked = (torch.from_numpy(a) for a in (X, Y[:, 0], unseen))
    by = torch.autograd.functional
    H = by.hessian(lambda t: ((f(t, x) - y) ** 2).mean() / 2, theta).numpy()
    G = by.jacobian(lambda t: (f(t, x) - y) ** 2 / 2, theta).numpy()
    J = by.jacobian(lambda t: f(t, asked), theta).numpy()
    C = np.cov(G.T, bias=True)
    w, U = np.linalg.eigh(H)
    assert w[0] < 0 and rate * (w[-1] + decay) > chains.STABLE  # both repairs are at work
    convex = np.maximum(w, 0) + decay
    A = np.eye(len(w)) - rate * (U * np.minimum(convex, chains.STABLE / rate)) @ U.T
    S = solve_discrete_lyapunov(A, rate**2 / batch * C)
    found = dict(zip(FEATURES, chains.theory(net, X, Y, unseen, rate, batch, decay).T, strict=True))
    wanted = {
        "log10_ou_variance": np.log10(np.diag(J @ S @ J.T)),
        "log10_jj": np.log10(np.diag(J @ J.T)),
        "log10_jcj": np.log10(np.diag(J @ C @ J.T)),
        "log10_trace_c": np.log10(np.trace(C)),
        "top_eigenvalue": convex[-1],
        "rate": rate,
        "batch": batch,
        "weight_decay": decay,
        "loss": float(((f(theta, x) - y) ** 2).mean() / 2),
        "rate_times_top": rate * convex[-1],
    }
    assert found.keys() == wanted.keys()
    for name, values in wanted.items():
        np.testing.assert_allclose(found[name], np.broadcast_to(values, N_OUTPUTS), rtol=1e-7)


def test_theory_is_proportional_to_rate_over_batch_where_rates_are_small():
    net, data = settled_network()
    one, two, four = (
        chains.theory(net, *data, rate, batch, 0.05)[:, 0]
        for rate, batch in ((1e-6, 2), (2e-6, 2), (1e-6, 8))
    )
    np.testing.assert_allclose(two - one, np.log10(2), atol=1e-5)
    np.testing.assert_allclose(four - one, -np.log10(4), atol=1e-12)


def test_a_chain_that_diverged_is_left_out_and_the_next_one_taken(monkeypatch):
    real = chains.run

    def one_diverges(*settings):
        weights, data, records = real(*settings)
        records[0], records[3] = np.nan, 0.5
        return weights, data, records

    settings = {
        "rate": [0.02, 0.03, 0.05, 0.1, 0.2], "batch": [2] * 5, "weight_decay": [0.01] * 5,
        "seed": [1, 2, 3, 4, 5], "burn_in": 20, "recorded": 1000, "width": 3,
        "wanted": [2, 1], "drawn": [3, 2],
    }  # fmt: skip
    whole = chains.simulate(**settings)
    monkeypatch.setattr(chains, "run", one_diverges)
    left = chains.simulate(**settings)
    column = FEATURES.index("rate")
    rates = [of["features"].reshape(3, N_OUTPUTS, -1)[:, 0, column] for of in (whole, left)]
    np.testing.assert_allclose(rates, [[0.02, 0.03, 0.1], [0.03, 0.05, 0.2]])
    assert left["large"].tolist() == [False] * 64 + [True] * 32
    assert all(np.isfinite(values).all() for values in left.values())


# ---------------------------------------------------------------------------------------------
# The exam


def test_the_same_seed_draws_the_same_exam_and_another_seed_another(empty_cache, monkeypatch):
    monkeypatch.setitem(task.SCALES, "smoke", SHORT)
    exam = task.make(3, "smoke")
    np.random.seed(5)
    torch.manual_seed(5)
    again, other = task.make(3, "smoke"), task.make(4, "smoke")
    assert exam.facts == again.facts == other.facts
    for part in ("train", "inputs", "truth"):
        first, second, third = (getattr(e, part) for e in (exam, again, other))
        assert first.keys() == second.keys() == third.keys()
        for name in first:
            assert first[name].tobytes() == second[name].tobytes(), name
            assert (first[name].shape, first[name].dtype) == (third[name].shape, third[name].dtype)
    assert not set(exam.inputs["X"][:, 0]) & set(other.inputs["X"][:, 0])


def test_small_rates_are_shown_and_large_ones_asked(exam):
    rate, batch, decay = (FEATURES.index(name) for name in ("rate", "batch", "weight_decay"))
    seen, X = exam.truth["seen"], exam.inputs["X"]
    for rows, low, high in ((seen, 10**-1.7, 0.1), (~seen, 0.1, 10**-0.65)):
        assert low <= X[rows, rate].min() and X[rows, rate].max() <= high
    assert set(X[:, batch]) <= {2, 4, 8, 16}
    assert X[:, decay].min() >= 10**-3.3 and X[:, decay].max() <= 0.01
    assert set(exam.inputs) == {"X"} and set(exam.train) == {"X", "Y", "known", "group"}
    assert (exam.train["X"][:, rate] < 0.1).all() and exam.train["known"].all()
    assert np.bincount(exam.train["group"]).tolist() == [N_OUTPUTS] * 4
    shown = {row.tobytes() for row in exam.train["Y"]}
    assert not shown & {row.tobytes() for row in exam.truth["Y"][~seen]}


def test_what_was_recorded_goes_with_its_question(exam):
    blocks, Y = exam.truth["blocks"].astype(float), exam.truth["Y"]
    # Means of four neighbours keep most of the variance, and quartiles.
    assert blocks.var(1).min() > 0.8 and blocks.var(1).max() <= 1 + 1e-6
    inner = [2 + LEVELS.index(q) for q in (0.25, 0.5, 0.75)]
    np.testing.assert_allclose(
        np.quantile(blocks, (0.25, 0.5, 0.75), axis=1).T, Y[:, inner], atol=0.1
    )
    # Windows have no mean, so the variance of all is the mean of the halves'.
    np.testing.assert_allclose((10 ** exam.truth["halves"]).mean(1), 10 ** Y[:, 0], rtol=1e-9)
    runs = exam.truth["run"]
    rate = exam.inputs["X"][:, FEATURES.index("rate")]
    assert len(np.unique(runs)) == 7
    assert all(len(np.unique(rate[runs == r])) == 1 for r in np.unique(runs))


@pytest.mark.slow
def test_a_run_of_full_size_is_one_of_a_wider_network(empty_cache, monkeypatch):
    short = {"visible": 1, "heldout": 1, "burn_in": 50, "recorded": 2000}
    scale = dataclasses.replace(task.SCALES["full"], **short)
    monkeypatch.setitem(task.SCALES, "full", scale)
    exam = task.make(0, "full")
    assert exam.inputs["X"].shape == (2 * N_OUTPUTS, 10)
    assert scale.width == 32


# ---------------------------------------------------------------------------------------------
# The measures


def test_the_truth_errs_nowhere_and_beats_a_gaussian(exam):
    found = numbers(exam, exam.truth["Y"])
    assert found["visible"] == found["heldout"] == found["kurtosis_heldout"] == 0
    for part in ("visible", "heldout"):
        assert found[f"pinball_{part}"] * found[f"gaussian_{part}"] == pytest.approx(1)
        assert found[f"pinball_{part}"] < 1


def test_gaussian_quantiles_of_the_true_variance_are_what_losses_are_told_by(exam):
    Y = baseline.gaussian(exam.truth["Y"][:, 0], stats.norm.ppf(LEVELS))
    found = numbers(exam, Y)
    assert found["pinball_visible"] == found["pinball_heldout"] == pytest.approx(1)
    wide = Y.copy()
    wide[:, 0] += 0.5
    assert numbers(exam, wide)["pinball_visible"] > 1.02


def test_errors_are_root_mean_squares_of_each_part(exam):
    seen = exam.truth["seen"]
    Y = exam.truth["Y"] + np.where(seen, 0.1, -0.3)[:, None]
    found = numbers(exam, Y)
    assert found["visible"] == pytest.approx(0.1) and found["heldout"] == pytest.approx(0.3)
    assert found["kurtosis_visible"] == pytest.approx(0.1)
    assert found["kurtosis_heldout"] == pytest.approx(0.3)


def test_the_loss_of_a_quantile_has_a_closed_form():
    # Of a standard Gaussian, at its own quantile: the density there.
    values = stats.norm.ppf((np.arange(100_000) + 0.5) / 100_000)[None]
    claims = stats.norm.ppf(LEVELS)[None]
    found = task.pinball(values, claims)
    assert found[0] == pytest.approx(stats.norm.pdf(claims).mean(), rel=1e-3)
    for off in (-0.1, 0.1):  # and nothing else does better
        assert task.pinball(values, claims + off)[0] > found[0]
    two = task.pinball(np.array([[-1.0, 1.0]]), np.zeros((1, len(LEVELS))))
    assert two[0] == pytest.approx(0.5)


def test_the_order_of_questions_changes_no_score(exam):
    order = np.random.default_rng(0).permutation(len(exam.truth["Y"]))
    truth = {name: values[order] for name, values in exam.truth.items()}
    shuffled = Exam(exam.train, {"X": exam.inputs["X"][order]}, truth, exam.facts)
    Y = exam.truth["Y"] + np.random.default_rng(1).normal(0, 0.2, exam.truth["Y"].shape)
    first, second = numbers(exam, Y), numbers(shuffled, Y[order])
    assert first.keys() == second.keys()
    for name, value in first.items():
        assert second[name] == pytest.approx(value, rel=1e-12), name
    charts = [task.score(e, {}, {"Y": y}).series for e, y in ((exam, Y), (shuffled, Y[order]))]
    for name, values in charts[0]["rows"].items():
        np.testing.assert_array_equal(values, charts[1]["rows"][name])


def test_facts_of_the_runs_do_not_depend_on_who_is_examined(exam):
    one, other = numbers(exam, exam.truth["Y"]), numbers(exam, exam.truth["Y"] - 0.2)
    facts = [name for name in one if name.split("_")[0] in ("gaussian", "median", "floor")]
    assert len(facts) == 8
    assert all(one[name] == other[name] for name in facts)
    halves = exam.truth["halves"][exam.truth["seen"]]
    assert one["floor_visible"] == pytest.approx(np.sqrt(np.mean(np.diff(halves) ** 2)) / 2)


def test_the_standard_error_counts_runs_and_not_outputs(exam):
    run, seen = exam.truth["run"], exam.truth["seen"]
    off = np.where(run == run[~seen].min(), 0.6, 0.1)
    scores = task.score(exam, {}, {"Y": exam.truth["Y"] + off[:, None]})
    squares = np.array([0.36, 0.01, 0.01])
    wanted = squares.std(ddof=1) / np.sqrt(3) / (2 * np.sqrt(squares.mean()))
    assert scores.stderr == pytest.approx(wanted)


def test_charts_have_their_columns_and_few_rows(exam):
    series = task.score(exam, {}, {"Y": exam.truth["Y"]}).series
    for chart in TASK.charts:
        columns = series[chart.series]
        assert {chart.x, chart.y, chart.facet, chart.guide} - {None} <= columns.keys()
        assert len({len(values) for values in columns.values()}) == 1
        assert 0 < len(columns[chart.x]) <= 300
    rows = series["rows"]
    np.testing.assert_allclose(rows["true"], rows["predicted"])
    small = rows["part"] == "small rates"
    assert small.sum() == 4 * task.SHOWN and (~small).sum() == 3 * task.SHOWN


@pytest.mark.parametrize(
    "spoil, message",
    [
        (lambda Y: Y[:, :8], r"predict\['Y'\] must have shape \(224, 9\), got \(224, 8\)"),
        (lambda Y: Y[:0], r"predict\['Y'\] must have shape \(224, 9\), got \(0, 9\)"),
        (lambda Y: Y.astype(int), r"predict\['Y'\] must be float, got int64"),
        (lambda Y: Y + 1e7, "must be within 1e"),
    ],
)
def test_other_answers_are_refused(spoil, message, exam):
    with pytest.raises(Refused, match=message):
        task.score(exam, {}, {"Y": spoil(exam.truth["Y"])})


BASELINE = {"visible": 0.15, "heldout": 0.5}


@pytest.mark.parametrize(
    "mine, lacks",
    [
        ({}, ""),
        ({"visible": 0.18, "heldout": 0.6}, ""),
        ({"heldout": 0.61}, "error at larger rates 0.61, wanted at most 0.6"),
        ({"visible": 0.19}, "error at small rates 0.19, wanted at most 0.18"),
    ],
)
def test_the_target_is_held_on_both_sides(mine, lacks):
    assert task.shortfall(BASELINE | mine, BASELINE) == lacks


# ---------------------------------------------------------------------------------------------
# The submissions


def made_up(slope: float = 1.0) -> tuple[Arrays, Context]:
    """Return rows whose variance is a power of the theory's, ten runs of 32, and their facts."""
    rng = np.random.default_rng(0)
    X = rng.uniform(0.1, 1, (320, len(FEATURES)))
    X[:, 0] = rng.normal(-3, 1, 320)
    Y = baseline.gaussian(slope * X[:, 0] - 0.5, stats.norm.ppf(LEVELS))
    train = {"X": X, "Y": Y, "known": np.ones(Y.shape, bool), "group": np.repeat(np.arange(10), 32)}
    facts = {"features": list(FEATURES), "targets": list(chains.TARGETS), "levels": list(LEVELS)}
    return train, Context(0, 60.0, 1, "cpu", facts)


def test_the_baseline_answers_the_theory_and_a_gaussian():
    train, context = made_up()
    Y = baseline.predict(baseline.fit(train, context), {"X": train["X"]})["Y"]
    np.testing.assert_array_equal(Y[:, 0], train["X"][:, 0])
    np.testing.assert_allclose(Y[:, 2:], np.tile(stats.norm.ppf(LEVELS), (320, 1)), atol=1e-6)
    assert not Y[:, 1].any()


@pytest.mark.parametrize(
    "law", [sgd_noise_line, sgd_noise_ridge, sgd_noise_ridge_gaussian], ids=["line", "ridge", "rg"]
)
def test_a_fitted_law_finds_an_offset(law):
    train, context = made_up()
    Y = law.predict(law.fit(train, context), {"X": train["X"]})["Y"]
    np.testing.assert_allclose(Y[:, 0], train["Y"][:, 0], atol=1e-3)


def test_a_line_finds_a_power():
    train, context = made_up(0.8)
    Y = sgd_noise_line.predict(sgd_noise_line.fit(train, context), {"X": train["X"]})["Y"]
    np.testing.assert_allclose(Y[:, 0], train["Y"][:, 0], atol=1e-5)


def test_the_two_ridge_laws_differ_in_quantiles_alone(exam):
    inputs = {"X": exam.inputs["X"]}
    both, some = (
        law.predict(law.fit(exam.train, told(exam)), inputs)["Y"]
        for law in (sgd_noise_ridge, sgd_noise_ridge_gaussian)
    )
    np.testing.assert_array_equal(both[:, :2], some[:, :2])
    np.testing.assert_allclose(
        some[:, 2:], np.tile(stats.norm.ppf(LEVELS), (len(some), 1)), atol=1e-6
    )
    assert np.abs(both[:, 2:] - some[:, 2:]).max() > 1e-3


def test_scaling_knows_no_curvature_and_boosting_no_theory(exam):
    blind = {"scaling": (sgd_noise_scaling, ("log10_jcj", "rate", "batch")),
             "boosting": (sgd_noise_boosting, FEATURES[1:])}  # fmt: skip
    rng = np.random.default_rng(0)
    for law, knows in blind.values():
        hidden = [FEATURES.index(name) for name in FEATURES if name not in knows]
        noisy = {name: values.copy() for name, values in exam.train.items()}
        noisy["X"][:, hidden] = rng.normal(size=noisy["X"][:, hidden].shape)
        one, other = (law.fit(train, told(exam)) for train in (exam.train, noisy))
        for name in one:
            np.testing.assert_array_equal(one[name], other[name])
        asked = exam.inputs["X"].copy()
        asked[:, hidden] = 0.5
        np.testing.assert_array_equal(
            law.predict(one, {"X": exam.inputs["X"]})["Y"], law.predict(one, {"X": asked})["Y"]
        )


def test_scaling_is_the_rate_over_the_batch_times_the_noise():
    train, context = made_up()
    of = dict(zip(FEATURES, train["X"].T, strict=True))
    train["Y"][:, 0] = of["log10_jcj"] + np.log10(of["rate"] / of["batch"]) + 0.7
    Y = sgd_noise_scaling.predict(sgd_noise_scaling.fit(train, context), {"X": train["X"]})["Y"]
    np.testing.assert_allclose(Y[:, 0], train["Y"][:, 0], atol=1e-12)


def test_boosting_learns_a_step_and_a_sum():
    train, context = made_up()
    train["Y"][:, 0] = np.where(train["X"][:, 3] > 0.5, 1.0, -1.0) + train["X"][:, 5]
    found = sgd_noise_boosting.predict(sgd_noise_boosting.fit(train, context), {"X": train["X"]})
    assert np.sqrt(np.mean((found["Y"][:, 0] - train["Y"][:, 0]) ** 2)) < 0.05


@pytest.mark.slow
def test_at_standard_theory_holds_at_small_rates_and_noise_is_gaussian_there_alone():
    exam = task.make(0, "standard")
    laws = {"theory": baseline, "scaling": sgd_noise_scaling}
    found = {
        name: numbers(exam, law.predict(law.fit(exam.train, told(exam)), exam.inputs)["Y"])
        for name, law in laws.items()
    }
    theory = found["theory"]
    assert theory["visible"] < 0.25 < theory["heldout"]
    assert theory["heldout"] < found["scaling"]["heldout"]
    assert theory["floor_visible"] < 0.06
    assert theory["median_kurtosis_visible"] < 0.2 < theory["median_kurtosis_heldout"]
    assert theory["gaussian_visible"] < 1.005 < 1.006 < theory["gaussian_heldout"]
