"""The scale that is fixed: medians by hand, one scale for each orbit, and few tokens far away."""

import numpy as np
import pytest
import torch
from scipy.stats import median_abs_deviation

from harness.kernels.balanced_gauge import LEAST, gauge, spread


def heads(n=5, H=2, L=8, d=3, seed=0):
    return np.random.default_rng(seed).standard_normal((2, n, H, L, d))


@pytest.mark.parametrize("L", [1, 2, 7, 8])
def test_spread_is_scipys_in_the_mean_of_contexts(L):
    z, _ = heads(L=L)
    wanted = median_abs_deviation(z, axis=-2).mean(0)
    np.testing.assert_allclose(spread(z), wanted, rtol=1e-12, atol=1e-15)


def test_both_spread_alike_and_products_stay():
    q, c = heads()
    t, back = gauge(3 * q, c / 7)
    torch.testing.assert_close(
        spread(q * t.numpy()[:, None] * 3), spread(c * back.numpy()[:, None] / 7)
    )
    torch.testing.assert_close(t * back, torch.ones(2, 3, dtype=torch.float64))


@pytest.mark.parametrize("s", [2.0**-8, 0.5, 64.0])
def test_all_scales_of_a_head_end_at_the_same_one_exactly(s):
    q, c = heads()
    t, back = gauge(q, c)
    other, other_back = gauge(s * q, c / s)
    assert torch.equal(s * other, t) and torch.equal(other_back / s, back)


def test_where_tokens_stand_makes_no_difference():
    q, c = heads()
    torch.testing.assert_close(gauge(q + 5, c - 100), gauge(q, c))
    order = np.random.default_rng(1).permutation(8)
    torch.testing.assert_close(gauge(q[:, :, order], c), gauge(q, c))


def test_a_token_far_away_chooses_no_scale():
    q, c = heads(L=16)
    t, _ = gauge(q, c)
    c[:, :, 0] = 50
    far, _ = gauge(q, c)
    assert (far / t < 1.5).all() and (far / t > 0.67).all()


@pytest.mark.parametrize("which", [0, 1])
def test_a_dimension_in_which_most_are_alike_is_left_out(which):
    pair = heads()
    pair[which][..., :6, 1] = 2.0
    t, back = gauge(*pair)
    assert not t[:, 1].any() and not back[:, 1].any()
    assert (t[:, [0, 2]] > 0).all()
    # Nearly alike is alike: else the few others would be of any size.
    pair[which][..., :6, 1] += 1e-4 * np.random.default_rng(0).standard_normal((5, 2, 6))
    assert not gauge(*pair)[0][:, 1].any()
    pair[which][..., :6, 1] = np.random.default_rng(0).standard_normal((5, 2, 6)) * 20 * LEAST
    assert gauge(*pair)[0][:, 1].all()


@pytest.mark.parametrize("shape", [(0, 3, 2), (3, 0, 2), (3, 2)])
def test_what_is_no_set_of_contexts_is_refused(shape):
    with pytest.raises(ValueError, match=r"\(n, ..., L, d\)"):
        spread(np.zeros(shape))


def test_nan_and_unlike_heads_are_refused():
    q, c = heads()
    with pytest.raises(ValueError, match="alike"):
        gauge(q, c[..., :2])
    q[0, 0, 0, 0] = np.nan
    with pytest.raises(ValueError, match="finite"):
        gauge(q, c)
