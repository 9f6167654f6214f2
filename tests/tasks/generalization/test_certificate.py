"""Certificates: the exam, what may be returned when, the bounds, the score, the submissions."""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
from typing import Any

import numpy as np
import pytest
import torch
from scipy.integrate import trapezoid
from scipy.special import rel_entr
from scipy.stats import binomtest

from harness.kernels.binary_kl import binary_kl, binary_kl_inverse
from harness.kernels.code_length import code_length
from harness.kernels.empirical_bernstein import empirical_bernstein
from harness.kernels.gibbs_error import outputs
from harness.vocabulary import Arrays, Context, Exam, Refused
from submissions.baselines.generalization import certificate as baseline
from submissions.baselines.generalization import certificate_open as hold_out
from submissions.references.generalization import certificate_occam as occam
from tasks import _data
from tasks.generalization import certificate
from tasks.generalization.certificate import TASK, bounds
from tasks.generalization.certificate.bounds import Data

D4 = 24 * 4 + 4 + 4 * 4 + 4 + 4 * 4 + 4
"""Parameters of a network 24-4-4-4."""


class Direct:
    """A submission's `fit` without the wall."""

    def __init__(self, function: Any, division: str = "train_set", plan: Any = None) -> None:
        self.function, self.division, self.planned = function, division, plan or [{}]
        self.chosen = None
        self.notes: dict[str, float] = {}
        self.calls: list[tuple[Arrays, dict[str, Any]]] = []
        self.plans: list[dict[str, Any]] = []

    def __call__(self, train: Arrays, facts: Any = None, oracle: Any = None) -> Arrays:
        told = {**certificate.make(0, "smoke").facts, **facts}
        self.calls.append((train, told))
        found: Arrays = self.function(dict(train), Context(0, 60.0, 1, "cpu", told))
        return found

    def plan(self, facts: Any) -> Any:
        self.plans.append(dict(facts))
        return self.planned

    def record(self, series: str, **row: Any) -> None:
        raise AssertionError("certificate records nothing on the way")


def random_network(seed: int = 0, n: int = D4) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=n).astype(np.float32)


def stands_still(train: Arrays, context: Context) -> Arrays:
    """Return the same Gaussian in both stages."""
    return {"mu": random_network(), "log_sigma": np.array(-2.0)}


@pytest.fixture(scope="module")
def exam() -> Exam:
    return certificate.make(0, "smoke")


def sample(exam: Exam, n: int | None = None) -> tuple[Data, Data]:
    """Return what counts and what nobody sees."""
    seen = Data(exam.train["motif/2000/X"][:n], exam.train["motif/2000/y"][:n], 4)
    return seen, Data(exam.truth["motif/X"], exam.truth["motif/y"], 4)


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


# ---------------------------------------------------------------------------------------------
# The exam


def test_the_same_seed_draws_the_same_exam_and_another_seed_another_of_the_same_form(exam):
    np.random.seed(5)
    again, other = certificate.make(0, "smoke"), certificate.make(1, "smoke")
    assert exam.facts == again.facts == other.facts
    for part in ("train", "truth"):
        first, second, third = (getattr(e, part) for e in (exam, again, other))
        assert first.keys() == second.keys() == third.keys()
        for name in first:
            assert first[name].tobytes() == second[name].tobytes()
            assert (first[name].shape, first[name].dtype) == (third[name].shape, third[name].dtype)
            assert first[name].tobytes() != third[name].tobytes()


@pytest.mark.parametrize("size, rungs", [("smoke", (1000, 2000)), ("standard", (2000, 4000, 8000))])
def test_smaller_samples_are_the_beginning_of_larger_ones(size, rungs):
    exam = certificate.make(3, size)
    assert list(exam.train) == [f"motif/{n}/{name}" for n in rungs for name in "Xy"]
    for n in rungs:
        for name in "Xy":
            whole = exam.train[f"motif/{rungs[-1]}/{name}"]
            np.testing.assert_array_equal(exam.train[f"motif/{n}/{name}"], whole[:n])
    assert len(exam.truth["motif/y"]) == 50_000


def test_nothing_of_the_truth_is_shown(exam):
    shown = {row.tobytes() for row in exam.train["motif/2000/X"]}
    assert len(shown) == 2000
    assert not shown & {row.tobytes() for row in exam.truth["motif/X"]}
    assert exam.inputs == {}
    assert set(exam.facts) == {"delta", "most_units", "log_sigma", "subspace_seed"}
    json.dumps(exam.facts)


def test_full_size_offline_is_refused_and_says_what_to_do(monkeypatch):
    monkeypatch.delenv("HARNESS_ONLINE", raising=False)
    with pytest.raises(Refused, match="size full needs the hub dataset ylecun/mnist .*--online"):
        certificate.make(0, "full")


def test_full_size_pools_three_data_sets_in_a_drawn_order_and_turns_them(monkeypatch):
    """The hub is out of reach here: arrays of its form stand in for the three."""
    shapes = {"mnist": (1, 28, 28), "fashion": (1, 28, 28), "cifar10": (3, 32, 32)}

    def parts(name: str) -> Any:
        drawn = np.random.default_rng(len(name))
        X = drawn.random((70, *shapes[name]), dtype=np.float32)
        y = np.arange(70) % 10
        return (X[:60], y[:60]), (X[60:], y[60:])

    def labelled(name: str) -> Any:
        return tuple(_data.photographs.Labelled(*part) for part in parts(name))

    names = {certificate.MNIST: "mnist", certificate.FASHION: "fashion"}
    monkeypatch.setattr(certificate, "scans", lambda source: labelled(names[source]))
    monkeypatch.setattr(_data, "cifar10", lambda: labelled("cifar10"))
    monkeypatch.setitem(
        certificate.RUNGS, "full", {"mnist": (60,), "fashion": (60,), "cifar10": (50,)}
    )
    monkeypatch.setattr(  # the real one takes seconds
        _data, "turn", lambda rng, d: np.diag(rng.choice([-1.0, 1.0], d))
    )
    exam = certificate.make(0, "full")
    for name, shape in shapes.items():
        n = 50 if name == "cifar10" else 60
        X, y = exam.train[f"{name}/{n}/X"], exam.train[f"{name}/{n}/y"]
        assert (X.shape, X.dtype) == ((n, math.prod(shape)), np.float32)
        assert exam.truth[f"{name}/X"].shape == (70 - n, math.prod(shape))
        # Signs are turned here, sizes are not: which picture is which can be told.
        (seen, label), (more, others) = parts(name)
        pool = np.concatenate([seen, more]).reshape(70, -1)
        whole = np.concatenate([X, exam.truth[f"{name}/X"]]).astype(float)
        order = np.random.default_rng([0, list(shapes).index(name)]).permutation(70)
        centred = pool[order] - pool[order][:n].mean(0)
        centred /= centred[:n].std()
        np.testing.assert_allclose(np.abs(whole), np.abs(centred), atol=1e-4)
        assert (np.sign(whole) != np.sign(centred)).any()
        labels = np.concatenate([y, exam.truth[f"{name}/y"]])
        np.testing.assert_array_equal(labels, np.concatenate([label, others])[order])


# ---------------------------------------------------------------------------------------------
# Who is shown what, and when


def test_a_prior_is_laid_down_without_data_and_a_posterior_knows_both(exam):
    fit = Direct(stands_still)
    artifact = certificate.teach(exam, fit)
    assert [facts["stage"] for _, facts in fit.calls] == ["prior", "posterior"] * 2
    assert [facts["n_samples"] for _, facts in fit.calls] == [1000, 1000, 2000, 2000]
    for (nothing, _), (shown, told) in zip(fit.calls[::2], fit.calls[1::2], strict=True):
        assert nothing == {}
        assert set(shown) == {"X", "y", "prior/mu", "prior/log_sigma"}
        np.testing.assert_array_equal(shown["X"], exam.train[f"motif/{len(shown['y'])}/X"])
        np.testing.assert_array_equal(shown["prior/mu"], random_network().astype(np.float16))
        assert (told["n_prior"], told["n_features"], told["n_classes"]) == (0, 24, 4)
        json.dumps(told)
    assert not fit.plans
    assert {name.removeprefix("motif/2000/") for name in artifact if "2000" in name} == {
        "n_prior", "prior/mu", "prior/log_sigma", "posterior/mu", "posterior/log_sigma",
    }  # fmt: skip
    assert artifact["motif/1000/posterior/mu"].dtype == np.float16


def test_what_is_done_to_the_shown_prior_does_not_change_the_kept_one(exam):
    def writes(train: Arrays, context: Context) -> Arrays:
        if "prior/mu" in train:
            train["prior/mu"][:] = 0
        return stands_still(train, context)

    artifact = certificate.teach(exam, Direct(writes))
    np.testing.assert_array_equal(
        artifact["motif/2000/prior/mu"], random_network().astype(np.float16)
    )


def test_in_the_open_division_a_prior_is_shown_the_beginning_it_planned_for(exam):
    fit = Direct(stands_still, "open", [{"prior_share": 0.3}])
    artifact = certificate.teach(exam, fit)
    assert [plan["n_samples"] for plan in fit.plans] == [1000, 2000]
    assert all("X" not in plan and "stage" not in plan for plan in fit.plans)
    for n, (shown, told) in zip((1000, 2000), fit.calls[::2], strict=True):
        assert set(shown) == {"X", "y"}
        np.testing.assert_array_equal(shown["X"], exam.train[f"motif/{n}/X"][: 3 * n // 10])
        assert told["n_prior"] == artifact[f"motif/{n}/n_prior"] == 3 * n // 10
    assert {len(shown["y"]) for shown, _ in fit.calls[1::2]} == {1000, 2000}


@pytest.mark.parametrize(
    "plan", [[{"prior_share": 0.96}], [{"prior_share": -0.1}], [{"prior_share": "all"}],
             [{"prior_share": math.nan}], [{"prior_share": True}], [], [{}, {}]],
)  # fmt: skip
def test_a_plan_that_is_no_share_is_refused(plan, exam):
    fit = Direct(stands_still, "open", plan)
    fit.planned = plan
    with pytest.raises(Refused, match="plan must return .* 0 to 0.95, got "):
        certificate.teach(exam, fit)
    assert not fit.calls


def test_a_hold_out_is_asked_once_and_without_a_plan_nothing_is_shown(exam):
    fit = Direct(lambda train, context: {"weights": random_network()}, "open")
    certificate.teach(exam, fit)
    assert [(shown, facts["stage"]) for shown, facts in fit.calls] == [({}, "prior")] * 2


def test_a_line_alone_may_return_nothing_first(exam):
    def later(train: Arrays, context: Context) -> Arrays:
        return {"weights": random_network()} if train else {}

    scores = certificate.score(exam, certificate.teach(exam, Direct(later, "line")), {})
    assert scores.quality > 1
    for division in ("train_set", "open"):
        with pytest.raises(Refused, match=r"fit \(prior\)\['weights'\] is missing; got nothing"):
            certificate.teach(exam, Direct(later, division))


# ---------------------------------------------------------------------------------------------
# The format


PRIORS: dict[str, tuple[Any, str]] = {
    "no such network": (
        {"mu": np.zeros(D4 + 1), "log_sigma": np.zeros(())},
        rf"\['mu'\] must be the parameters .* 24-W-W-4 .* W\^2 \+ 30 W \+ 4 of them, got {D4 + 1}",
    ),
    "a matrix": ({"mu": np.zeros((2, D4))}, r"\['mu'\] must have shape \(any,\)"),
    "an empty prior": ({"mu": np.zeros(0), "log_sigma": np.zeros(())}, "got 0"),
    "no scale": ({"mu": np.zeros(D4)}, r"\['log_sigma'\] is missing"),
    "half a scale": (
        {"mu": np.zeros(D4), "log_sigma": np.zeros(3)}, r"\['log_sigma'\] must have shape",
    ),
    "no scales": ({"mu": np.zeros(D4), "log_sigma": np.zeros((0, 1))}, "1 to 100 scales, got 0"),
    "too many": ({"mu": np.zeros(D4), "log_sigma": np.zeros((101, 1))}, "1 to 100 scales, got 101"),
    "integers": ({"mu": np.zeros(D4, int), "log_sigma": np.zeros(())}, "must be float, got int64"),
    "nan": ({"mu": np.full(D4, np.nan), "log_sigma": np.zeros(())}, r"\['mu'\] must be at most"),
    "nan scale": ({"mu": np.zeros(D4), "log_sigma": np.array(np.nan)}, "must lie between"),
    "sigma 0": ({"mu": np.zeros(D4), "log_sigma": np.array(-np.inf)}, "must lie between"),
    "a wide scale": ({"mu": np.zeros(D4), "log_sigma": np.full(D4, 2.31)}, "must lie between"),
    "a narrow one": ({"mu": np.zeros(D4), "log_sigma": np.full(D4, -13.9)}, "must lie between"),
    "large": ({"weights": np.full(D4, 10_001.0)}, "at most 10000 in absolute value, got 10001"),
    "both": (
        {"mu": np.zeros(D4), "log_sigma": np.zeros(()), "weights": np.zeros(D4)}, "is not wanted",
    ),
    "no spread": ({"origin": np.zeros(D4)}, r"\['spread'\] is missing"),
    "infinite spread": (
        {"origin": np.zeros(D4), "spread": np.array(np.inf)}, r"\['spread'\] must be at most",
    ),
    "a name of its own": ({"bound": np.zeros(())}, r"\['weights'\] is missing; got 'bound'"),
}  # fmt: skip


@pytest.mark.parametrize("prior, message", PRIORS.values(), ids=PRIORS)
def test_what_is_no_prior_is_refused(prior, message, exam):
    with pytest.raises(Refused, match=r"fit \(prior\).*" + message):
        bounds.keep_prior(prior, sample(exam)[0], False)


GAUSSIAN = {"mu": np.zeros(D4, np.float16), "log_sigma": np.zeros((), np.float16)}
SUBSPACE = {"origin": np.zeros(D4, np.float16), "spread": np.ones((), np.float16)}
POSTERIORS: dict[str, tuple[Any, Any, str]] = {
    "another network": (
        GAUSSIAN, {"mu": np.zeros(1988), "log_sigma": np.zeros(())}, r"\['mu'\] must have shape",
    ),
    "many scales": (
        GAUSSIAN, {"mu": np.zeros(D4), "log_sigma": np.zeros((2, 1))}, r"\['log_sigma'\] must have",
    ),
    "sigma too small": (
        GAUSSIAN, {"mu": np.zeros(D4), "log_sigma": np.array(-14.0)}, "must lie between",
    ),
    "no coordinates": (SUBSPACE, {"coordinates": np.zeros(0)}, "1 to 1000 numbers, got 0"),
    "too many": (SUBSPACE, {"coordinates": np.zeros(1001)}, "1 to 1000 numbers, got 1001"),
    "weights": (SUBSPACE, {"weights": np.zeros(D4)}, r"\['coordinates'\] is missing"),
    "large": (SUBSPACE, {"coordinates": np.full(3, -2e4)}, "at most 10000 in absolute value"),
    "another theorem": (GAUSSIAN, {"coordinates": np.zeros(3)}, r"\['mu'\] is missing"),
}  # fmt: skip


@pytest.mark.parametrize("prior, posterior, message", POSTERIORS.values(), ids=POSTERIORS)
def test_what_is_no_posterior_is_refused(prior, posterior, message, exam):
    with pytest.raises(Refused, match=r"fit \(posterior\).*" + message):
        bounds.keep_posterior(posterior, prior, sample(exam)[0])


@pytest.mark.parametrize("shape", [(), (D4,), (1, 1), (100, 1), (3, D4)])
@pytest.mark.parametrize("sigma", [1e-6, 10.0])
def test_scales_within_the_limits_are_kept(shape, sigma, exam):
    given = {"mu": random_network(), "log_sigma": np.full(shape, math.log(sigma))}
    kept = bounds.keep_prior(given, sample(exam)[0], False)
    assert {(name, a.dtype.name) for name, a in kept.items()} == {
        ("mu", "float16"), ("log_sigma", "float16"),
    }  # fmt: skip
    np.testing.assert_allclose(kept["log_sigma"], given["log_sigma"], atol=0.004)


def test_widths_are_read_from_the_number_of_parameters(exam):
    data = sample(exam)[0]
    assert bounds.network(1988, data, "") == [24, 32, 32, 4]
    assert bounds.network(128**2 + 30 * 128 + 4, data, "") == [24, 128, 128, 4]
    with pytest.raises(Refused):
        bounds.network(129**2 + 30 * 129 + 4, data, "")


# ---------------------------------------------------------------------------------------------
# The bounds


def gaussians(seed: int = 0, scales: int = 0) -> tuple[Arrays, Arrays]:
    drawn = np.random.default_rng(seed)
    shape = (scales, D4) if scales else (D4,)
    prior = {"mu": drawn.normal(size=D4), "log_sigma": drawn.uniform(-2, 0, shape)}
    posterior = {"mu": drawn.normal(size=D4), "log_sigma": drawn.uniform(-4, 0, D4)}
    halves = [{n: a.astype(np.float16) for n, a in one.items()} for one in (prior, posterior)]
    return halves[0], halves[1]


def test_the_divergence_is_that_of_torch():
    def normal(one: Arrays) -> torch.distributions.Normal:
        mu, log_sigma = (torch.as_tensor(one[n].astype(float)) for n in ("mu", "log_sigma"))
        return torch.distributions.Normal(mu, log_sigma.exp().expand(mu.shape))

    prior, posterior = gaussians()
    theirs = torch.distributions.kl_divergence(normal(posterior), normal(prior)).sum()
    assert bounds.divergence(prior, posterior) == pytest.approx(float(theirs), rel=1e-12)
    one = {**prior, "log_sigma": np.array(-1.5, np.float16)}
    theirs = torch.distributions.kl_divergence(normal(posterior), normal(one)).sum()
    assert bounds.divergence(one, posterior) == pytest.approx(float(theirs), rel=1e-12)


def test_to_stay_costs_nothing_and_a_choice_of_scales_its_logarithm():
    prior, posterior = gaussians(scales=5)
    single = [
        bounds.divergence({**prior, "log_sigma": scale}, posterior) for scale in prior["log_sigma"]
    ]
    assert bounds.divergence(prior, posterior) == pytest.approx(min(single) + math.log(5))
    assert bounds.divergence(posterior, posterior) == 0


def test_what_a_mixture_is_charged_is_at_least_its_divergence():
    """On one weight, where the divergence from a mixture is an integral."""
    x = np.linspace(-12, 12, 200_001)

    def density(mu: float, log_sigma: float) -> np.ndarray:
        sigma = math.exp(log_sigma)
        return np.exp(-(((x - mu) / sigma) ** 2) / 2) / (sigma * math.sqrt(2 * math.pi))

    for nu, log_t in itertools.product((0.0, 0.7, -2.0), (-1.5, 0.0)):
        q = density(nu, log_t)
        mixture = np.mean([density(0.2, s) for s in (-1.0, 0.0, 0.5)], axis=0)
        exact = trapezoid(rel_entr(q, mixture), x)
        prior = {"mu": np.array([0.2]), "log_sigma": np.array([[-1.0], [0.0], [0.5]])}
        posterior = {"mu": np.array([nu]), "log_sigma": np.array([log_t])}
        assert bounds.divergence(prior, posterior) >= exact - 1e-6


def test_pac_bayes_spends_four_fifths_of_delta_on_the_theorem_and_one_on_the_draws(
    exam, monkeypatch
):
    seen, unseen = sample(exam)
    prior, posterior = gaussians()
    drawn: list[np.ndarray] = []
    errors = bounds.gibbs_errors

    def watched(*given: Any) -> np.ndarray:
        drawn.append(errors(*given))
        return drawn[-1]

    monkeypatch.setattr(bounds, "gibbs_errors", watched)
    found = bounds.certify(prior, posterior, seen, unseen, rng())
    Z, fresh = drawn
    assert (len(Z), found.empirical, found.risk) == (2000, Z.mean(), fresh.mean())
    upper = float(empirical_bernstein(Z, 0.01))
    assert found.monte_carlo == pytest.approx(upper - Z.mean())
    c = (bounds.divergence(prior, posterior) + math.log(2 * math.sqrt(2000) / 0.04)) / 2000
    assert float(binary_kl(upper, found.bound)) == pytest.approx(c, rel=1e-9)
    assert found.risk < found.bound < found.of_100 < found.sure + 0.1
    assert found.kl == bounds.divergence(prior, posterior)


def test_a_posterior_that_stays_is_bounded_by_little_more_than_its_error(exam):
    seen, unseen = sample(exam)
    prior, _ = gaussians()
    found = bounds.certify(prior, prior, seen, unseen, rng())
    assert found.kl == 0
    assert found.empirical < found.bound < found.empirical + 0.08


def test_networks_drawn_are_the_secrets_and_no_one_elses(exam):
    seen, unseen = sample(exam)
    prior, posterior = gaussians()
    first, again, other = (
        bounds.certify(prior, posterior, seen, unseen, np.random.default_rng(s)) for s in (1, 1, 2)
    )
    assert first == again
    assert first.empirical != other.empirical
    assert first.empirical == pytest.approx(other.empirical, abs=0.01)


def test_directions_are_the_public_ones_and_a_code_pays_for_its_length():
    u = np.array([0.5, -1.0, 0.0], np.float16)
    spread = np.linspace(0, 1, D4).astype(np.float16)
    origin = random_network().astype(np.float16)
    A = np.stack(
        [np.random.default_rng([21, j]).standard_normal(D4, dtype=np.float32) for j in range(3)], 1
    )
    wanted = origin + spread.astype(float) * (A @ u)
    found = bounds.decode({"origin": origin, "spread": spread}, u)
    np.testing.assert_allclose(found, wanted, atol=1e-5)
    assert bounds.price(u) == code_length(u) + 3
    # Elias' gamma codes of all numbers, and so of all lengths, are prefix-free: Kraft's inequality.
    gammas = [bounds.price(np.zeros(m, np.float16)) - 32 for m in range(1, 1001)]
    assert sum(2.0**-g for g in gammas) < 1


def test_occams_bound_is_its_formula(exam):
    seen, unseen = sample(exam)
    prior = {"origin": random_network().astype(np.float16), "spread": np.float16(0.1).reshape(())}
    u = np.tile(np.array([1, -1, 0.5], np.float16), 10)
    found = bounds.certify(prior, {"coordinates": u}, seen, unseen, rng())
    bits = bounds.price(u)
    wrong = np.mean(bounds.answers(bounds.decode(prior, u), seen) != seen.y)
    c = (bits * math.log(2) + math.log(20)) / 2000
    assert found.bound == pytest.approx(float(binary_kl_inverse(wrong, c)))
    assert (found.empirical, found.monte_carlo) == (wrong, 0)
    assert (found.kl, found.n_bytes) == (bits * math.log(2), math.ceil(bits / 8))


def test_a_hold_out_is_scipys_clopper_pearson_limit(exam):
    seen, unseen = sample(exam)
    w = {"weights": random_network().astype(np.float16)}
    found = bounds.certify(w, {}, seen, unseen, rng())
    wrong = int(np.sum(bounds.answers(w["weights"], seen) != seen.y))
    limit = binomtest(wrong, 2000, alternative="less").proportion_ci(0.95, "exact").high
    assert found.bound == pytest.approx(limit, rel=1e-9)
    assert found.risk == np.mean(bounds.answers(w["weights"], unseen) != unseen.y)


@pytest.mark.parametrize("n", [1, 50])
def test_a_hold_out_of_no_or_nothing_but_errors(n, exam):
    seen, unseen = sample(exam, n)
    w = {"weights": random_network().astype(np.float16)}
    said = bounds.answers(w["weights"], seen)
    wrong = seen._replace(y=(said + 1) % 4)
    assert bounds.certify(w, {}, wrong, unseen, rng()).bound == 1
    right = bounds._clopper_pearson(n)(0.0, 0.05)
    assert right == pytest.approx(1 - 0.05 ** (1 / n))


def test_a_risk_that_no_exam_should_have_is_an_alarm(exam):
    """Labels of what counts are the network's own answers: no sample of the same distribution."""
    seen, unseen = sample(exam)
    w = {"weights": random_network().astype(np.float16)}
    same = seen._replace(y=bounds.answers(w["weights"], seen))
    with pytest.raises(Refused, match="once in 10,000 exams. Please report it"):
        bounds.certify(w, {}, same, unseen, rng())


def test_samples_that_the_prior_was_shown_do_not_count(exam):
    fit = Direct(
        lambda train, context: {"weights": random_network()}, "open", [{"prior_share": 0.5}]
    )
    artifact = certificate.teach(exam, fit)
    spoiled = {**exam.train, "motif/2000/y": exam.train["motif/2000/y"].copy()}
    spoiled["motif/2000/y"][:1000] += 1
    spoiled["motif/2000/y"][:1000] %= 4
    first = certificate.score(exam, artifact, {})
    second = certificate.score(dataclasses.replace(exam, train=spoiled), artifact, {})
    assert (first.quality, first.visible) == (second.quality, second.visible)
    assert first.extra["n_prior"] == 1000


def test_who_counts_what_trained_it_passes_below_the_truth():
    """Why the prior must not see what counts: its error on it would be a bound of KL = 0."""
    violated = 0
    for seed in range(5):
        exam = certificate.make(seed, "smoke")
        seen, unseen = sample(exam, 400)
        context = Context(seed, 60.0, 1, "cpu", {"n_features": 24, "n_classes": 4})
        w = hold_out.trained({"X": seen.X, "y": seen.y}, context, 20).numpy()
        said = bounds.answers(w, seen)
        q = float(np.mean(said != seen.y))
        risk = np.mean(bounds.answers(w, unseen) != unseen.y)
        violated += bounds._clopper_pearson(400)(q, 0.05) < risk
    assert violated >= 4


def test_the_norm_bound_is_its_formula_at_some_margin_and_least_there(exam):
    seen, unseen = sample(exam)
    w = random_network().astype(np.float16)
    found = bounds.certify({}, {"weights": w}, seen, unseen, rng()).bound
    said = outputs(
        torch.from_numpy(w.astype(np.float32))[None], torch.from_numpy(seen.X)[None], [24, 4, 4, 4]
    )[0].numpy()
    own = said[np.arange(2000), seen.y]
    rest = np.where(np.eye(4)[seen.y] == 1, -np.inf, said).max(1)
    W, norms = w.astype(float), 1.0
    for start, stop in ((0, 96), (100, 116), (120, 136)):
        norms *= np.sqrt((W[start:stop] ** 2).sum())
    capacity = norms * (math.sqrt(6 * math.log(2)) + 1) * math.sqrt((seen.X**2).sum()) / 2000
    sums = [
        np.mean(own - rest <= g) + 2 / g * capacity + 3 * math.sqrt(math.log(40) / 4000)
        for g in (own - rest)[own > rest]
    ]
    assert found == pytest.approx(min(sums), rel=0.01)


# ---------------------------------------------------------------------------------------------
# The score and the target


@pytest.fixture(scope="module")
def still(exam: Exam) -> Arrays:
    return certificate.teach(exam, Direct(stands_still))


def test_the_score_is_of_the_largest_sample_and_the_series_are_tidy(exam, still):
    scores = certificate.score(exam, still, {})
    sizes, parts, points = (scores.series[name] for name in ("sizes", "parts", "points"))
    assert sizes["n"].tolist() == [1000, 2000]
    assert scores.quality == scores.extra["bound"] == sizes["bound"][-1] == points["bound"][0]
    assert scores.heldout == sizes["risk"][-1] == points["diagonal"][0]
    assert scores.extra["slack"] == pytest.approx(scores.quality - scores.heldout)
    value = dict(zip(parts["part"].tolist(), parts["value"].tolist(), strict=True))
    total = value["empirical error"] + value["drawn networks"] + value["complexity"]
    assert total == pytest.approx(value["bound"] + 0, abs=1e-12)
    assert value["true risk"] == scores.heldout
    assert scores.visible == value["empirical error"]
    assert all(math.isfinite(x) for x in scores.extra.values())
    assert {chart.series for chart in TASK.charts} == set(scores.series)
    for chart in TASK.charts:
        wanted = {chart.x, chart.y, chart.facet, chart.guide} - {None}
        assert wanted <= set(scores.series[chart.series])
    assert scores.extra["guess"] == 0.75
    assert scores.extra["bits"] == scores.extra["kl"] == 0


def test_the_same_arrays_score_the_same_again(exam, still):
    first, again = (certificate.score(exam, still, {}) for _ in range(2))
    assert (first.quality, first.extra) == (again.quality, again.extra)


def test_the_order_of_the_samples_does_not_matter(exam):
    fit = Direct(lambda train, context: {"weights": random_network()})
    artifact = certificate.teach(exam, fit)
    order, mixed = np.random.default_rng(0).permutation(2000), np.random.default_rng(1)
    train = {n: a[order] if "2000" in n else a for n, a in exam.train.items()}
    other = mixed.permutation(50_000)
    truth = {n: a[other] if a.ndim else a for n, a in exam.truth.items()}
    first = certificate.score(exam, artifact, {})
    second = certificate.score(dataclasses.replace(exam, train=train, truth=truth), artifact, {})
    assert first.extra == pytest.approx(second.extra, rel=1e-9)
    # Of a Gaussian other networks meet other samples: the same but for the draws.
    still = certificate.teach(exam, Direct(stands_still))
    first = certificate.score(exam, still, {})
    second = certificate.score(dataclasses.replace(exam, train=train, truth=truth), still, {})
    assert first.quality == pytest.approx(second.quality, abs=0.01)


BOUND = {"bound": 0.5, "guess": 0.75, "n_prior": 0.0}
HELD = {"bound": 0.09, "guess": 0.75, "n_prior": 6400.0}


@pytest.mark.parametrize(
    "mine, rival, lacks",
    [
        ({}, BOUND, ""),
        ({"bound": 0.51}, BOUND, ""),
        ({"bound": 0.5101}, BOUND, "bound: 0.5101, wanted at most 0.5100, 0.01 above the baseline"),
        ({"bound": 0.75}, {**BOUND, "bound": 0.8}, "bound: 0.750, guessing errs by 0.750"),
        ({"bound": math.nan}, BOUND, "bound: nan, guessing"),
        ({"bound": 0.09}, HELD, ""),
        ({"bound": 0.0901}, HELD, "bound: 0.0901, wanted at most 0.0900, the hold-out's"),
    ],
)
def test_the_target_is_below_guessing_and_no_worse_than_the_rival(mine, rival, lacks):
    found = certificate.shortfall({**rival, **mine}, rival)
    assert found.startswith(lacks) if lacks else found == ""


# ---------------------------------------------------------------------------------------------
# The submissions


def told(stage: str, n: int = 400, **more: Any) -> Context:
    facts = dict(certificate.make(0, "smoke").facts) | {"n_samples": n, "n_features": 24}
    facts |= {"n_classes": 4, "n_prior": 0, "stage": stage, **more}
    return Context(0, 60.0, 1, "cpu", facts)


def test_its_networks_are_those_of_the_task(exam):
    w, X = baseline.start(told("prior")), exam.train["motif/1000/X"][:50]
    mine = baseline.forward(torch.from_numpy(w), torch.from_numpy(X), [24, 32, 32, 4])
    theirs = outputs(torch.from_numpy(w)[None], torch.from_numpy(X)[None], [24, 32, 32, 4])[0]
    torch.testing.assert_close(mine, theirs, rtol=1e-4, atol=1e-5)


def test_noise_on_what_units_read_is_noise_on_the_weights():
    """Of one layer, where the local reparametrization is exact."""
    sizes, draw = [6, 3], torch.Generator().manual_seed(0)
    mu, sigma, x = (torch.randn(n, generator=draw) for n in (21, 21, 6))
    X = x.expand(40_000, 6)
    local = baseline.noisy(mu, sigma, X, sizes, draw)
    w = mu + sigma * torch.randn(40_000, 21, generator=draw)
    drawn = outputs(w, X[:, None], sizes)[:, 0]
    torch.testing.assert_close(local.mean(0), drawn.mean(0), atol=0.1, rtol=0)
    torch.testing.assert_close(local.std(0), drawn.std(0), rtol=0.03, atol=0)


def test_the_bounded_loss_lies_in_the_unit_interval_and_is_a_cross_entropy_within():
    said = torch.tensor([[0.0, 1.0], [100.0, 0.0], [0.0, 100.0]])
    losses = [float(baseline.bounded(said[[k]], torch.tensor([1]))) for k in range(3)]
    assert losses[0] == pytest.approx(math.log(1 + math.exp(-1)) / math.log(1e4))
    assert losses[1:] == [1, pytest.approx(0, abs=1e-6)]


def test_the_codes_of_the_reference_are_decoded_to_the_network_it_trained(exam, monkeypatch):
    monkeypatch.setattr(occam, "EPOCHS", 2)
    monkeypatch.setattr(occam, "FINE_EPOCHS", 1)
    data = Data(exam.train["motif/1000/X"], exam.train["motif/1000/y"], 4)
    prior = bounds.keep_prior(occam.fit({}, told("prior")), data, False)
    shown = {f"prior/{n}": a.astype(np.float32) for n, a in prior.items()}
    A = occam.directions(shown["prior/spread"], 21)
    posterior = occam.fit({"X": data.X, "y": data.y, **shown}, told("posterior", 1000))
    u = bounds.keep_posterior(posterior, prior, data)["coordinates"]
    assert len(u) == 100 and len(np.unique(u)) <= max(occam.LEVELS)
    mine = shown["prior/origin"] + (A @ torch.from_numpy(u.astype(np.float32))).numpy()
    np.testing.assert_allclose(bounds.decode(prior, u), mine, atol=1e-4)
    assert occam.worst(0.3, 0.05) == pytest.approx(float(binary_kl_inverse(0.3, 0.05)), abs=1e-6)
    bits = occam.nats(u) / math.log(2)
    assert bounds.price(u) == pytest.approx(bits + 32 + 13, abs=1.001)


def test_a_hold_out_beats_guessing_at_once_and_keeps_to_its_share(exam):
    fit = Direct(hold_out.fit, "open", hold_out.plan({}))
    scores = certificate.score(exam, certificate.teach(exam, fit), {})
    assert scores.extra["n_prior"] == 1600
    assert scores.quality < 0.4


def test_the_baseline_returns_what_the_task_keeps(exam, monkeypatch):
    monkeypatch.setattr(baseline, "EPOCHS", 1)
    monkeypatch.setattr(baseline, "WARM_EPOCHS", 1)
    scores = certificate.score(exam, certificate.teach(exam, Direct(baseline.fit)), {})
    assert scores.extra["parameters"] == 1988
    assert 0 < scores.extra["kl"] < 1e5
