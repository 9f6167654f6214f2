"""Networks as data against a loop over neurons, what is counted, and what a network may be."""

import math

import numpy as np
import pytest
from scipy import sparse

from harness.kernels import relu_net
from harness.kernels.relu_net import arrays, read, values

ACTIVATE = {
    "relu": lambda z: max(z, 0.0),
    "tanh": math.tanh,
    "softplus": lambda z: math.log1p(math.exp(-abs(z))) + max(z, 0.0),
}


def draw(d=3, widths=(4, 1, 5), density=0.5, seed=0, activation="relu"):
    """Draw a network that reads whatever came before."""
    rng = np.random.default_rng(seed)
    layers, n = [], d
    for width in widths:
        matrix = rng.normal(size=(width, n)) * (rng.random((width, n)) < density)
        layers.append((matrix, rng.normal(size=width)))
        n += width
    return arrays(layers, rng.normal(size=n), 0.3, activation)


def naive(named, x, activation):
    """Compute one point and one neuron after the other."""
    n_layers = sum(name.endswith("indptr") for name in named)
    found = []
    for point in x:
        known = [float(v) for v in point]
        for k in range(n_layers):
            indptr, indices, data, bias = (
                named[f"l{k}.{part}"] for part in ("indptr", "indices", "data", "bias")
            )
            new = []
            for row in range(len(bias)):
                z = float(bias[row])
                for j in range(indptr[row], indptr[row + 1]):
                    z += float(data[j]) * known[indices[j]]
                new.append(ACTIVATE[activation](z))
            known += new
        out = float(named["out.bias"][0])
        for index, weight in zip(named["out.indices"], named["out.data"], strict=True):
            out += float(weight) * known[index]
        found.append(out)
    return np.array(found)


@pytest.mark.parametrize("activation", relu_net.ACTIVATIONS)
@pytest.mark.parametrize("n", [0, 1, relu_net.CHUNK, 2 * relu_net.CHUNK + 3])
def test_values_are_those_of_a_loop_over_neurons(activation, n):
    named = draw(activation=activation)
    x = np.random.default_rng(1).uniform(-1, 1, (n, 3))
    net = read(named, 3)
    wanted = naive(named, x, activation)
    np.testing.assert_allclose(values(net, x), wanted, rtol=1e-12, atol=1e-12)
    single = values(net, x, np.float32)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, wanted, rtol=1e-4, atol=1e-5)


def test_large_networks_get_small_chunks(monkeypatch):
    named, x = draw(), np.random.default_rng(1).uniform(-1, 1, (50, 3))
    whole = values(read(named, 3), x)
    monkeypatch.setattr(relu_net, "MOST_NUMBERS", 5)  # one point at a time
    np.testing.assert_allclose(values(read(named, 3), x), whole, rtol=1e-13)


def test_float32_shows_a_cancellation_that_float64_hides():
    layer = np.array([[1e4], [1e4]]), np.array([1e-3, 0.0])  # 1e4 x + 1e-3 and 1e4 x
    net = read(arrays([layer], np.array([0.0, 1e3, -1e3])), 1)
    x = np.linspace(0.1, 0.9, 100)[:, None]
    assert np.abs(values(net, x) - 1).max() < 1e-4
    assert np.abs(values(net, x, np.float32) - 1).max() > 0.01


def test_numbers_that_are_not_zero_are_counted_however_they_are_stored():
    layers = [
        (np.array([[1.0, 0.0], [0.0, 2.0]]), np.array([0.0, -1.0])),
        (np.array([[0.0, 0.0, 3.0, 0.0]]), np.array([0.0])),
    ]
    named = arrays(layers, np.array([0.0, 1.0, 0.0, 0.0, 1.0]), 0.5)
    net = read(named, 2)
    assert (net.weights, net.neurons, net.depth, net.largest) == (7, 3, 2, 3.0)

    padded = dict(named)
    padded["l1.indptr"] = np.array([0, 2], np.int32)
    padded["l1.indices"] = np.array([0, 2], np.int32)
    padded["l1.data"] = np.array([0.0, 3.0], np.float32)
    again = read(padded, 2)
    assert (again.weights, again.depth) == (7, 2)
    assert padded["l1.data"].tolist() == [0.0, 3.0]  # the caller's array is left alone


def test_depth_is_the_longest_path_to_the_output_and_not_the_number_of_layers():
    chain = [(np.array([[1.0]]), np.zeros(1)), (np.array([[0.0, 1.0]]), np.zeros(1))]
    assert read(arrays(chain, np.array([0.0, 1.0, 1.0])), 1).depth == 2
    assert read(arrays(chain, np.array([0.0, 1.0, 0.0])), 1).depth == 1  # the second hangs loose
    assert read(arrays(chain, np.array([1.0, 0.0, 0.0])), 1).depth == 0
    assert read(arrays([], np.array([1.0])), 1).neurons == 0


def test_a_matrix_may_be_sparse_and_names_a_column_twice():
    row = sparse.coo_array((np.array([1.0, 1.0, 2.0]), ([0, 0, 0], [1, 1, 0])), shape=(1, 2))
    named = arrays([(row.tocsr(), np.zeros(1))], np.array([0.0, 0.0, 1.0]))
    assert named["l0.indices"].tolist() == [0, 1]
    assert named["l0.data"].tolist() == [2.0, 2.0]


BROKEN = {
    "a name that is not wanted": ({"l7.bias": np.zeros(1, np.float32)}, "no array of a network"),
    "no activation": ({"act": None}, "'act' must be an integer array"),
    "an unknown activation": ({"act": np.array([3])}, "'act' must hold one of 0 relu"),
    "several activations": ({"act": np.array([0, 0])}, "'act' must hold one of"),
    "a missing bias": (
        {"l0.bias": None},
        r"'l0.bias' must be float32 of shape \(4,\), got nothing",
    ),
    "float64": ({"l0.bias": np.zeros(4)}, "'l0.bias' must be float32"),
    "a short bias": ({"l0.bias": np.zeros(3, np.float32)}, "got float32 of shape"),
    "NaN": ({"l0.bias": np.full(4, np.nan, np.float32)}, "finite"),
    "a huge weight": ({"out.bias": np.array([2e4], np.float32)}, "at most 10000 in size"),
    "a neuron that reads itself": ({"l0.indices": "last is 3"}, r"must lie in 0..2"),
    "a negative index": ({"l0.indices": "first is -1"}, r"must lie in 0..2"),
    "a column twice": ({"l0.indices": "all 0"}, "must increase strictly"),
    "falling pointers": ({"l0.indptr": np.array([0, 3, 2, 4, 4])}, "must rise from 0"),
    "pointers beyond": ({"l0.indptr": np.array([0, 1, 2, 3, 99])}, "must rise from 0"),
    "no pointers": ({"l0.indptr": np.array([], np.int32)}, "must rise from 0"),
    "float indices": ({"out.indices": np.zeros(1)}, "'out.indices' must be an integer array"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_no_network_is_refused_in_words(case):
    change, words = BROKEN[case]
    named = draw(density=1.0)
    for name, value in change.items():
        if isinstance(value, str):
            indices = named[name].copy()
            if value == "all 0":
                indices[:] = 0
            else:
                where, _, number = value.partition(" is ")
                indices[0 if where == "first" else -1] = int(number)
            named[name] = indices
        elif value is None:
            del named[name]
        else:
            named[name] = value
    with pytest.raises(ValueError, match=words):
        read(named, 3)


def test_a_network_has_a_largest_size(monkeypatch):
    monkeypatch.setattr(relu_net, "MOST_WEIGHTS", 8)
    with pytest.raises(ValueError, match="may have 8 weights and as many neurons"):
        read(draw(), 3)
    monkeypatch.setattr(relu_net, "MOST_LAYERS", 2)
    with pytest.raises(ValueError, match="may have 2 layers, got 3"):
        read(draw(), 3)


def test_points_of_another_shape_are_refused():
    net = read(draw(), 3)
    for x in (np.zeros((5, 2)), np.zeros(3)):
        with pytest.raises(ValueError, match=r"x must have shape \(N, 3\)"):
            values(net, x)
