"""Random features have the inner products of their kernels; kernels are positive definite."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics.pairwise import laplacian_kernel, polynomial_kernel, rbf_kernel

from tasks._data import features
from tasks._data.features import draw_features, gram
from tasks._data.motif import motifs


def signals(n: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    return motifs(rng, 2, 1).draw(rng, n)[0]


@pytest.mark.parametrize("family", ["rbf", "laplace", "relu"])
def test_features_have_the_inner_products_of_their_kernel_on_average(family):
    x, p = signals(6), 200_000
    phi = draw_features(np.random.default_rng(1), family, x.shape[1], p)(x)
    product, exact = phi @ phi.T, gram(family, x)
    # Five standard deviations of a mean of p terms of the size of the kernel's values.
    assert np.abs(product - exact).max() < 5 * 1.5 * exact.max() / np.sqrt(p)


def test_tangent_features_are_the_gradient_of_a_network():
    x = signals(3).astype(np.float64)
    phi = draw_features(np.random.default_rng(1), "tangent", 24, 100)
    W, a = phi.W, phi.b
    assert phi(x).shape == (3, 4 * 25)

    def network(W: np.ndarray, a: np.ndarray) -> np.ndarray:
        return np.maximum(x @ W, 0) @ a / 2

    step = 1e-6
    for unit in range(4):
        for k in (0, 7, 23):
            moved = W.copy()
            moved[k, unit] += step
            slope = (network(moved, a) - network(W, a)) / step
            np.testing.assert_allclose(phi(x)[:, unit * 25 + k], slope, atol=1e-6)
        moved = a + step * np.eye(4)[unit]
        slope = (network(W, moved) - network(W, a)) / step
        np.testing.assert_allclose(phi(x)[:, unit * 25 + 24], slope, atol=1e-6)


def test_kernels_are_those_of_the_library():
    x = signals(8).astype(np.float64)
    np.testing.assert_allclose(gram("rbf", x), rbf_kernel(x, gamma=features.GAMMA))
    np.testing.assert_allclose(
        gram("polynomial", x), polynomial_kernel(x, degree=3, gamma=1 / 24, coef0=1)
    )
    # Of distances in a plane the library knows only the sum of both, so on a line.
    line = np.array([[0.0], [1.0], [5.0]])
    np.testing.assert_allclose(
        gram("laplace", line), laplacian_kernel(line, gamma=features.SIGMA), atol=1e-9
    )


def test_the_arc_cosine_kernel_has_its_values_at_known_angles():
    x = np.array([[1.0, 0.0], [0.0, 2.0], [-3.0, 0.0]])
    expected = np.array([[1.0, 2 / np.pi, 0.0], [2 / np.pi, 4.0, 6 / np.pi], [0.0, 6 / np.pi, 9.0]])
    np.testing.assert_allclose(gram("relu", x), expected / 2, atol=1e-12)


@pytest.mark.parametrize("kernel", features.KERNELS)
def test_kernels_are_symmetric_and_positive_definite(kernel):
    K = gram(kernel, signals(150))
    np.testing.assert_array_equal(K, K.T)
    assert np.linalg.eigvalsh(K).min() > 1e-10 * np.trace(K)


@pytest.mark.parametrize("family", features.FAMILIES)
def test_the_generator_alone_decides_what_is_drawn(family):
    x = signals(4)
    first, again, other = (
        draw_features(np.random.default_rng(seed), family, 24, 50)(x) for seed in (0, 0, 1)
    )
    assert first.dtype == np.float64
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_other_names_are_errors_that_say_which_there_are():
    with pytest.raises(ValueError, match="Families are rbf, laplace, relu, tangent, got 'fourier'"):
        draw_features(np.random.default_rng(0), "fourier", 24, 10)
    with pytest.raises(ValueError, match="Kernels are rbf, laplace, relu, polynomial, got 'ntk'"):
        gram("ntk", signals(3))
