"""Sparsity of rows against loops, limits and what must not matter."""

import math

import numpy as np
import pytest
import torch

from harness.kernels.sparsity import entropy, gini, holding, hoyer

MEASURES = [gini, hoyer, entropy, holding]


def rows(n=9, m=20):
    return np.random.default_rng(0).exponential(size=(m, n)) ** 2


def naive_gini(a):
    """Half the mean distance of two entries over their mean."""
    return sum(abs(x - y) for x in a for y in a) / (2 * len(a) ** 2 * np.mean(a))


def naive_hoyer(a):
    root = math.sqrt(len(a))
    return (root - sum(a) / math.sqrt(sum(x * x for x in a))) / (root - 1)


def naive_entropy(a):
    return -sum(x / sum(a) * math.log(x / sum(a)) for x in a if x) / math.log(len(a))


def naive_holding(a, share=0.9):
    held, taken = 0.0, 0
    for x in sorted(a, reverse=True):
        held, taken = held + x, taken + 1
        if held >= share * sum(a):
            break
    return taken / len(a)


@pytest.mark.parametrize(
    ("measure", "naive"),
    [
        (gini, naive_gini),
        (hoyer, naive_hoyer),
        (entropy, naive_entropy),
        (holding, naive_holding),
    ],
)
def test_a_row_is_measured_as_by_hand(measure, naive):
    a = rows()
    a[:5, :3] = 0
    np.testing.assert_allclose(measure(a), [naive(row) for row in a.tolist()], rtol=1e-12)


@pytest.mark.parametrize("n", [2, 7, 100])
def test_equal_numbers_and_a_single_one_are_the_ends(n):
    equal, single = np.full(n, 3.0), np.eye(n)[n // 2]
    ends = [(0, 1 - 1 / n), (0, 1), (1, 0), (math.ceil(0.9 * n) / n, 1 / n)]
    for measure, (low, high) in zip(MEASURES, ends, strict=True):
        assert float(measure(equal)) == pytest.approx(low, abs=1e-12)
        assert float(measure(single)) == pytest.approx(high, abs=1e-12)


@pytest.mark.parametrize("measure", MEASURES)
def test_scale_and_order_do_not_matter(measure):
    a = rows()
    order = np.random.default_rng(1).permutation(a.shape[1])
    for other in (1e-100 * a, a[:, order]):
        np.testing.assert_allclose(measure(other), measure(a), rtol=1e-12)


@pytest.mark.parametrize("measure", MEASURES)
def test_shapes_are_kept_but_for_the_last(measure):
    a = torch.from_numpy(rows(6, 24)).float().reshape(2, 3, 4, 6)
    assert measure(a).shape == (2, 3, 4)
    assert measure(a).dtype == torch.float64
    assert measure(a[0, 0, 0]).shape == ()
    assert measure(a[:0]).shape == (0, 3, 4)


@pytest.mark.parametrize("n", [3, 10, 63, 1000])
def test_all_of_a_sum_is_held_by_all_that_is_not_zero(n):
    a = np.concatenate([np.full(n, 0.1), np.zeros(n)])
    assert float(holding(a, 1.0)) == 0.5


def test_gini_and_hoyer_grow_when_the_poor_give_to_the_rich():
    a = np.array([1.0, 2.0, 3.0, 4.0])
    b = np.array([0.5, 2.0, 3.0, 4.5])
    assert gini(b) > gini(a) and hoyer(b) > hoyer(a) and entropy(b) < entropy(a)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    "bad", [[1.0], [1.0, -1e-9], [0.0, 0.0], [1.0, np.nan], [np.inf, 1.0], 1.0]
)
def test_what_is_no_row_is_refused(measure, bad):
    with pytest.raises(ValueError, match="row|finite"):
        measure(np.array(bad))


@pytest.mark.parametrize("share", [0, -0.1, 1.1, np.nan])
def test_a_share_is_from_above_zero_to_one(share):
    with pytest.raises(ValueError, match="share"):
        holding(rows(), share)
