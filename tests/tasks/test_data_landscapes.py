"""Landscapes: their expansions, symmetries, and what a certificate can tell apart."""

import dataclasses

import numpy as np
import pytest

from harness.kernels.two_layer import Expansion, Net
from tasks._data import landscapes
from tasks._data.landscapes import Landscape, certify, critical, firsts, is_symmetry, matched, read

REGULARIZERS = ("additive", "generalised", "multiplicative")


def linear(regularizer="additive", seed=0, c=0.3):
    rng = np.random.default_rng(seed)
    net = Net(np.eye(4), rng.normal(size=(4, 3)), 4, "linear")
    coefficients = np.full(28, c)
    if regularizer == "generalised":
        coefficients *= rng.uniform(0.5, 1.5, 28)
    return Landscape(net, coefficients, regularizer, 1.0)


def found(landscape, n=200):
    rng = np.random.default_rng(1)
    scales = 10 ** rng.uniform(-2, 0.3, (n, 1))
    return landscapes.search(landscape, scales * rng.normal(size=(n, landscape.net.size)))


@pytest.mark.parametrize("regularizer", REGULARIZERS)
def test_an_expansion_agrees_with_finite_differences(regularizer):
    own = dataclasses.replace(linear(regularizer), weight=0.7)
    theta = np.random.default_rng(2).normal(size=(1, 28))
    _, gradient, hessian = own.expand(theta)
    for i, e in enumerate(1e-5 * np.eye(28)):
        up, down = own.expand(theta + e), own.expand(theta - e)
        assert gradient[0, i] == pytest.approx((up.value - down.value)[0] / 2e-5, abs=1e-7)
        np.testing.assert_allclose(
            hessian[0, i], (up.gradient - down.gradient)[0] / 2e-5, atol=1e-7
        )


@pytest.mark.parametrize(("regularizer", "q"), [("additive", 6), ("multiplicative", 7)])
def test_generators_are_tangents_along_which_nothing_changes(regularizer, q):
    own = linear(regularizer)
    theta = np.random.default_rng(2).normal(size=28)
    tangents = own.generators(theta)
    assert tangents.shape == (q, 28)
    for v in tangents:
        change = (
            own.expand((theta + 1e-5 * v)[None]).value - own.expand((theta - 1e-5 * v)[None]).value
        )
        assert abs(change[0]) < 1e-10


def test_a_generalised_or_curved_landscape_has_no_continuous_symmetry():
    theta = np.ones(28)
    assert linear("generalised").generators(theta).shape == (0, 28)
    own = linear()
    tanh = dataclasses.replace(own, net=own.net._replace(activation="tanh"))
    assert tanh.generators(theta).shape == (0, 28)


@pytest.mark.parametrize("regularizer", ["additive", "multiplicative"])
def test_rotated_points_are_one_orbit(regularizer):
    own = linear(regularizer)
    points = found(own)
    rng = np.random.default_rng(3)
    W1, W2 = points[:, :16].reshape(-1, 4, 4), points[:, 16:].reshape(-1, 3, 4)
    Q = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    turned = np.concatenate(
        [(Q @ W1).reshape(len(points), -1), (W2 @ Q.T).reshape(len(points), -1)], axis=1
    )
    both = critical(own, np.concatenate([points, turned]))
    assert len(both) == len(points) > 3
    assert matched(own.keys(points), own.keys(turned)).all()


def test_every_additive_orbit_is_morse_bott_and_every_generalised_point_is_morse():
    for one in map(lambda point: certify(linear(), point), found(linear())):
        assert one.state == "Morse-Bott" and one.confirmed
        assert one.nullity == one.orbit == one.manifold
    generalised = linear("generalised")
    for point in found(generalised):
        assert certify(generalised, point).nullity == 0


def test_the_orbits_have_the_dimensions_of_stiefel_manifolds():
    own = linear()
    for point in found(own):
        rank = np.linalg.matrix_rank(point[:16].reshape(4, 4), tol=1e-6)
        assert certify(own, point).orbit == 6 - (4 - rank) * (3 - rank) / 2


def test_a_bifurcation_is_degenerate_and_an_origin_on_a_manifold_is_not():
    own = linear()
    s = np.linalg.svd(own.net.Y, compute_uv=False)
    at = certify(linear(c=s[1]), np.zeros(28))
    assert (at.nullity, at.orbit, at.manifold) == (4, 0, 0)
    assert at.state == "degenerate" and at.confirmed
    origin = certify(linear("multiplicative"), np.zeros(28))
    assert (origin.nullity, origin.orbit, origin.manifold) == (4, 0, 4)
    assert origin.state == "Morse-Bott"


def test_nearly_degenerate_is_undecided_or_not_confirmed():
    s = np.linalg.svd(linear().net.Y, compute_uv=False)
    near = certify(linear(c=s[1] * (1 + 1e-6)), np.zeros(28))
    assert near.state == "undecided"
    nearer = certify(linear(c=s[1] * (1 + 2e-8)), np.zeros(28))
    assert nearer.nullity == 4 and not nearer.confirmed


def test_only_critical_points_within_bounds_are_kept():
    own = linear()
    assert len(critical(own, np.full((3, 28), 2.0))) <= 1
    assert len(critical(own, np.empty((0, 28)))) == 0
    assert not landscapes.is_critical(own, np.ones((1, 28)))[0]


def test_firsts_and_matched_know_what_is_near():
    keys = np.array([[0.0, 1], [0, 1 + 5e-5], [0, 2], [1, 2]])
    assert firsts(keys).tolist() == [0, 2, 3]
    assert matched(keys, keys[2:3]).tolist() == [False, False, True, False]
    assert matched(keys, keys[:0]).tolist() == [False] * 4
    assert firsts(keys[:0]).tolist() == []


def test_a_symmetry_is_told_from_what_is_nearly_one():
    own, rng = linear(), np.random.default_rng(0)
    omega = np.zeros((4, 4))
    omega[0, 1], omega[1, 0] = 1, -1
    A = np.zeros((28, 28))
    A[:16, :16], A[16:, 16:] = np.kron(omega, np.eye(4)), np.kron(np.eye(3), omega)
    assert is_symmetry(own, A, rng) and is_symmetry(own, 1e3 * A, rng)
    assert not is_symmetry(linear("generalised"), A, rng)
    A[0, 0] = 1e-6
    assert not is_symmetry(own, A, rng)


def test_what_is_missed_costs_as_much_as_its_weights_and_copies_cost_their_bytes():
    points = np.random.default_rng(0).normal(size=(40, 28))
    whole = landscapes.bytes_each([({"a": points}, 40, 0, 28)])
    assert whole == pytest.approx(8 * 28, rel=0.1)  # random numbers do not compress
    coarse = landscapes.bytes_each([({"a": points.astype(np.float16)}, 40, 0, 28)])
    assert coarse < 0.3 * whole
    half = landscapes.bytes_each([({"a": points.astype(np.float16)[:20]}, 20, 20, 28)])
    assert coarse < half < whole
    twice = landscapes.bytes_each([({"a": points}, 20, 0, 28), ({"b": points[:1]}, 1, 0, 28)])
    assert twice > 1.5 * whole
    assert landscapes.bytes_each([({"a": points[:0]}, 0, 5, 28)]) == pytest.approx(8 * 28 + 256 / 5)


def test_it_is_read_from_what_it_writes():
    own = linear("generalised")
    again = read(own.arrays(), 4, "linear", "generalised", 1.0)
    theta = np.random.default_rng(0).normal(size=(2, 28))
    one, other = own.expand(theta), again.expand(theta)
    assert isinstance(one, Expansion)
    np.testing.assert_array_equal(one.hessian, other.hessian)
