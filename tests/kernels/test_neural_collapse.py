"""Neural collapse against loops and closed forms."""

import numpy as np
import pytest
import torch
from scipy.stats import ortho_group

from harness.kernels.neural_collapse import (
    class_means,
    effective_depth,
    nc1,
    nc1_pinv,
    nc2,
    nc3,
    nc4,
    ncc_error,
    nearest_class_mean,
)
from harness.kernels.simplex_etf import simplex_etf

C, P = 5, 9


@pytest.fixture
def sample():
    """Overlapping classes of unequal sizes, far from the origin, every class present."""
    rng = np.random.default_rng(0)
    y = rng.permutation(np.concatenate([np.arange(C), rng.integers(0, C, 60)]))
    centers = rng.normal(size=(C, P))
    return 10 + centers[y] + rng.normal(size=(len(y), P)), y


@pytest.fixture
def collapsed():
    """Four copies of every vertex of a simplex, and the readout that is dual to it."""
    E = simplex_etf(P, C, seed=0)
    y = np.repeat(np.arange(C), 4)
    return 3 * E.T[y] + 1, y, E


def naive_statistics(H, y, C=C):
    """Return class means, S_W and S_B, one sample at a time."""
    m = sum(H) / len(H)
    means = np.array([H[y == c].mean(0) for c in range(C)])
    S_W = sum(np.outer(h - means[c], h - means[c]) for h, c in zip(H, y, strict=True)) / len(H)
    S_B = sum(np.outer(mean - m, mean - m) for mean in means) / C
    return m, means, S_W, S_B


def test_class_means_agree_with_loops(sample):
    H, y = sample
    np.testing.assert_allclose(class_means(H, y), naive_statistics(H, y)[1])


def test_nc1_agrees_with_scatter_matrices(sample):
    _, _, S_W, S_B = naive_statistics(*sample)
    assert nc1(*sample) == pytest.approx(np.trace(S_W) / np.trace(S_B), rel=1e-12)


@pytest.mark.parametrize("p", [P, 3])
def test_nc1_pinv_agrees_with_the_pseudo_inverse(sample, p):
    H, y = sample[0][:, :p], sample[1]
    _, _, S_W, S_B = naive_statistics(H, y)
    expected = np.trace(S_W @ np.linalg.pinv(S_B, rcond=1e-10)) / C
    assert nc1_pinv(H, y) == pytest.approx(expected, rel=1e-10)


def test_nc2_agrees_with_loops(sample):
    m, means, _, _ = naive_statistics(*sample)
    norms = [np.linalg.norm(mean - m) for mean in means]
    errors = [
        abs((means[a] - m) @ (means[b] - m) / norms[a] / norms[b] + 1 / (C - 1))
        for a in range(C)
        for b in range(C)
        if a != b
    ]
    equinorm, equiangle = nc2(*sample)
    assert equinorm == pytest.approx(np.std(norms) / np.mean(norms), rel=1e-12)
    assert equiangle == pytest.approx(np.mean(errors), rel=1e-12)


def test_nc3_agrees_with_its_definition(sample):
    A = np.random.default_rng(1).normal(size=(P, C))
    m, means, _, _ = naive_statistics(*sample)
    M = (means - m).T
    expected = np.linalg.norm(A / np.linalg.norm(A) - M / np.linalg.norm(M))
    assert nc3(A, *sample) == pytest.approx(expected, rel=1e-12)


def test_nearest_mean_error_and_nc4_agree_with_loops(sample):
    H, y = sample
    F = np.random.default_rng(1).normal(size=(len(H), C))
    means = naive_statistics(H, y)[1]
    nearest = np.array([np.argmin([np.linalg.norm(h - mean) for mean in means]) for h in H])
    np.testing.assert_array_equal(nearest_class_mean(H, means), nearest)
    assert ncc_error(H, y) == pytest.approx(np.mean(nearest != y))
    assert 0 < ncc_error(H, y) < 1
    assert nc4(F, H, y) == pytest.approx(np.mean(nearest != F.argmax(1)))


def test_a_simplex_is_collapsed_in_every_respect(collapsed):
    H, y, E = collapsed
    assert nc1(H, y) == pytest.approx(0, abs=1e-25)
    assert nc1_pinv(H, y) == pytest.approx(0, abs=1e-25)
    assert nc2(H, y) == pytest.approx((0, 0), abs=1e-13)
    assert nc3(2 * E, H, y) == pytest.approx(0, abs=1e-13)
    assert nc4(H @ E, H, y) == 0
    assert ncc_error(H, y) == 0


def test_the_opposite_readout_is_two_away_and_never_agrees(collapsed):
    H, y, E = collapsed
    assert nc3(-E, H, y) == pytest.approx(2)
    assert nc4(-H @ E, H, y) == 1


def test_nc1_of_isotropic_noise_on_a_simplex_is_the_ratio_of_variances():
    """Noise of +-s along every axis: tr S_W = P s^2 exactly, tr S_B = 1."""
    s, noise = 0.3, np.concatenate([np.eye(P), -np.eye(P)]) * np.sqrt(P) * 0.3
    E = simplex_etf(P, C, seed=0)
    H = (E.T[:, None] + noise).reshape(-1, P)
    y = np.repeat(np.arange(C), len(noise))
    assert nc1(H, y) == pytest.approx(P * s**2)
    # S_B = 1/(C - 1) on the C - 1 dimensions that the simplex spans.
    assert nc1_pinv(H, y) == pytest.approx((C - 1) ** 2 * s**2 / C)


@pytest.mark.parametrize("change", ["scale", "rotate", "shift", "permute", "relabel"])
def test_collapse_does_not_depend_on_what_it_should_not(sample, change):
    H, y = sample
    before = [nc1(H, y), nc1_pinv(H, y), *nc2(H, y), ncc_error(H, y)]
    rng = np.random.default_rng(2)
    if change == "scale":
        H = 1e-3 * H
    elif change == "rotate":
        H = H @ ortho_group.rvs(P, random_state=3)
    elif change == "shift":
        H = H + 100 * rng.normal(size=P)
    elif change == "permute":
        order = rng.permutation(len(y))
        H, y = H[order], y[order]
    else:
        y = rng.permutation(C)[y]
    after = [nc1(H, y), nc1_pinv(H, y), *nc2(H, y), ncc_error(H, y)]
    assert after == pytest.approx(before, rel=1e-9)


def test_nc1_pinv_alone_ignores_a_linear_map(sample):
    H, y = sample[0][:, :3], sample[1]
    T = np.diag([1.0, 10.0, 100.0])
    assert nc1_pinv(H @ T, y) == pytest.approx(nc1_pinv(H, y), rel=1e-9)
    assert nc1(H @ T, y) != pytest.approx(nc1(H, y), rel=1e-2)


def test_a_large_offset_costs_no_digits(sample):
    H, y = 2.0**30 + sample[0], sample[1]
    near = H - 2.0**30  # exact
    assert nc1(H, y) == pytest.approx(nc1(near, y), rel=1e-13)
    assert nc1_pinv(H, y) == pytest.approx(nc1_pinv(near, y), rel=1e-12)
    assert nc2(H, y) == pytest.approx(nc2(near, y), rel=1e-12)
    assert ncc_error(H, y) == ncc_error(near, y)


def test_two_classes_span_one_direction_whatever_the_rounding():
    """tr(S_W S_B^+) / C = v^T S_W v / |v|^2 / tr S_B / C along v = m_1 - m_0."""
    rng = np.random.default_rng(0)
    for n in range(50, 80):
        H, y = rng.normal(size=(n, 2)), np.arange(n) % 2
        _, means, S_W, S_B = naive_statistics(H, y, 2)
        v = means[1] - means[0]
        expected = v @ S_W @ v / (v @ v) / np.trace(S_B) / 2
        assert nc1_pinv(H, y) == pytest.approx(expected, rel=1e-10)


def test_feature_maps_are_flattened_and_single_precision_is_accepted(sample):
    H, y = sample
    maps = torch.tensor(H.reshape(-1, 1, 3, 3), dtype=torch.float32)
    assert nc1(maps, torch.tensor(y)) == pytest.approx(nc1(H, y), rel=1e-5)


def test_held_out_samples_are_measured_against_given_means(sample):
    H, y = sample
    means = class_means(H[:40], y[:40], C)
    expected = np.mean(nearest_class_mean(H[40:], means).numpy() != y[40:])
    assert ncc_error(H[40:], y[40:], means) == pytest.approx(expected)


def test_the_effective_depth_is_the_first_layer_that_parts_the_classes(sample):
    H, y = sample
    error = ncc_error(H, y)
    E = simplex_etf(P, C, seed=0).T[y]
    assert effective_depth([H, H, E, E], y) == 3
    assert effective_depth([E, H], y) == 1
    assert effective_depth([H, H], y) is None
    assert effective_depth([H, E], y, threshold=error) == 1
    assert effective_depth([H, E], y, threshold=error - 1e-9) == 2
    swapped = class_means(E, y, C).roll(1, 0)
    assert effective_depth([E, E], y, means=[swapped, class_means(E, y)]) == 2
    with pytest.raises(ValueError, match="at least one layer"):
        effective_depth([], y)


@pytest.mark.parametrize("measure", [nc1, nc1_pinv, nc2])
def test_a_class_without_samples_is_an_error_that_names_it(measure):
    with pytest.raises(ValueError, match=r"none of \[1\] among 3 classes"):
        measure(np.eye(3), np.array([0, 2, 2]))
    with pytest.raises(ValueError, match=r"none of \[2\] among 3 classes"):
        measure(np.eye(3), np.array([0, 1, 1]), 3)


@pytest.mark.parametrize("measure", [nc1, nc1_pinv, nc2])
@pytest.mark.parametrize(
    "H",
    [np.zeros((6, 2)), np.full((6, 2), 0.1), np.array([[0.1], [0.7], [0.3]] * 2)],
    ids=["zero", "constant", "same means"],
)
def test_classes_with_the_same_mean_are_an_error(measure, H):
    with pytest.raises(ValueError, match="tr S_B is zero"):
        measure(H, np.array([0, 0, 0, 1, 1, 1]))


def test_one_class_is_an_error():
    with pytest.raises(ValueError, match="two classes"):
        nc1(np.eye(3), np.zeros(3, int))


def test_a_mean_in_the_middle_has_no_angle():
    with pytest.raises(ValueError, match="mean of one class is the mean of all"):
        nc2(np.array([[-1.0], [0.0], [1.0]]), np.arange(3))


@pytest.mark.parametrize(
    ("H", "y", "message"),
    [
        (np.eye(3), np.arange(2), "share n > 0"),
        (np.ones(3), np.arange(3), "share n > 0"),
        (np.empty((0, 2)), np.empty(0, int), "share n > 0"),
        (np.eye(2), np.array([0.0, 1.0]), "integers"),
        (np.eye(2), np.array([-1, 0]), "Labels must be 0 to 0, got -1 to 0"),
        (np.full((2, 2), np.nan), np.arange(2), "finite"),
    ],
)
def test_bad_samples_are_errors_that_say_why(H, y, message):
    with pytest.raises(ValueError, match=message):
        nc1(H, y)


def test_a_label_beyond_the_stated_classes_is_an_error():
    with pytest.raises(ValueError, match="Labels must be 0 to 1, got 0 to 2"):
        nc1(np.eye(3), np.arange(3), 2)


def test_a_readout_that_does_not_fit_or_is_zero_is_an_error(collapsed):
    H, y, _ = collapsed
    with pytest.raises(ValueError, match=r"must have shape \(9, 5\), got \(4, 5\)"):
        nc3(np.ones((4, C)), H, y)
    with pytest.raises(ValueError, match="readout is zero"):
        nc3(np.zeros((P, C)), H, y)
    with pytest.raises(ValueError, match=r"must have shape \(20, C\), got \(3, 5\)"):
        nc4(np.ones((3, C)), H, y)
