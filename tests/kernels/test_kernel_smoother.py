"""A Gaussian kernel's weights and what is smoothed by them, against loops and attention."""

import math

import numpy as np
import pytest
import torch

from harness.kernels.kernel_smoother import smooth, weights


def points(m=6, n=6, d=3, k=2, heads=(2,), dtype=torch.float64, seed=0):
    draw = torch.Generator().manual_seed(seed)
    return [
        torch.randn(*heads, *shape, generator=draw, dtype=dtype)
        for shape in ((m, d), (n, d), (n, k))
    ]


def naive(q, c, v, causal):
    """Return smoothed values of one head, number by number."""
    found = []
    for i, one in enumerate(q):
        seen = range(i + 1) if causal else range(len(c))
        w = [math.exp(-sum((one - c[j]) ** 2) / 2) for j in seen]
        found.append(sum(w[j] * v[j] for j in seen) / sum(w))
    return np.array(found)


@pytest.mark.parametrize(("m", "n", "causal"), [(6, 6, True), (6, 6, False), (4, 7, False)])
@pytest.mark.parametrize(("d", "k"), [(3, 2), (2, 5), (1, 1), (8, 8)])
def test_it_is_the_mean_weighed_by_the_kernel(m, n, causal, d, k):
    q, c, v = points(m, n, d, k)
    wanted = np.stack([naive(*(of[h].numpy() for of in (q, c, v)), causal) for h in range(2)])
    np.testing.assert_allclose(smooth(q, c, v, causal), wanted, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(weights(q, c, causal) @ v, wanted, rtol=1e-10, atol=1e-12)


def test_rows_of_weights_sum_to_one_and_the_future_has_none():
    q, c, _ = points()
    A = weights(q, c, causal=True)
    torch.testing.assert_close(A.sum(-1), torch.ones(2, 6, dtype=torch.float64))
    assert not A.triu(1).any() and (A.tril() > 0).sum() == 2 * 21


def test_moving_all_moves_nothing_and_turning_neither():
    q, c, v = points()
    far = torch.tensor([1e3, -2e3, 5.0], dtype=torch.float64)
    R = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64))[0]
    for f in (lambda q, c: smooth(q, c, v, True), lambda q, c: weights(q, c, True)):
        torch.testing.assert_close(f(q + far, c + far), f(q, c), rtol=1e-7, atol=1e-9)
        torch.testing.assert_close(f(q @ R, c @ R), f(q, c))


def test_far_from_the_origin_single_precision_still_does():
    q, c, v = points(64, 64, 16, 16, (2, 2))
    wanted = smooth(q, c, v, True)
    found = smooth((q + 1e2).float(), (c + 1e2).float(), v.float(), True)
    torch.testing.assert_close(found.double(), wanted, rtol=1e-3, atol=1e-3)


def test_centers_of_one_length_make_it_softmax_attention_whatever_queries_are():
    q, c, v = points(8, 8, 4, 4)
    c = torch.nn.functional.normalize(c, dim=-1)
    softmax = torch.nn.functional.scaled_dot_product_attention
    wanted = softmax(5 * q, c, v, is_causal=True, scale=1.0)
    torch.testing.assert_close(smooth(5 * q, c, v, causal=True), wanted)
    longer = c * torch.linspace(0.5, 2, 8, dtype=torch.float64)[:, None]
    wanted = softmax(q, longer, v, is_causal=True, scale=1.0)
    assert (smooth(q, longer, v, causal=True) - wanted).abs().max() > 1e-2


def test_it_has_a_gradient():
    q, c, v = (of.requires_grad_() for of in points(3, 3))
    assert torch.autograd.gradcheck(lambda *of: smooth(*of, causal=True), (q, c, v))


@pytest.mark.parametrize(
    ("shapes", "causal"),
    [
        (((3, 2), (3, 4), (3, 2)), False),
        (((3, 2), (4, 2), (3, 2)), False),
        (((3, 2), (4, 2), (4, 2)), True),
        (((2, 3, 2), (3, 2), (3, 2)), False),
        (((3, 2), (0, 2), (0, 2)), False),
        (((2,), (2,), (2,)), False),
    ],
)
def test_what_does_not_fit_is_refused(shapes, causal):
    with pytest.raises(ValueError, match="must have shapes"):
        smooth(*(torch.zeros(shape) for shape in shapes), causal=causal)
