r"""Values and size of a network given as data: every neuron may read every earlier one.

With the input :math:`x \in R^d` and :math:`h_0 = x`, layer l is

.. math:: z_l = \sigma(W_l h_{l-1} + b_l), \qquad h_l = (h_{l-1}, z_l),

the output is :math:`w \cdot h_L + c`, and sigma is relu, tanh or softplus. A strictly layered net
is the special case in which most of W_l is zero. Such networks with relu are those of D. Yarotsky,
*Error bounds for approximations with deep ReLU networks*, Neural Networks 94, 2017 (section 2, not
checked against the source). Counted are the numbers that are not zero, not those that are stored.

As named arrays ("relu-net/1"): for each layer `l{l}.indptr` (n_l + 1,), `l{l}.indices` (nnz_l,),
integer, and `l{l}.data` (nnz_l,), float32, the rows of W_l in compressed form, and `l{l}.bias`
(n_l,), float32; `out.indices`, `out.data` and `out.bias` (1,) for w and c; `act` (1,), integer:
0 relu, 1 tanh, 2 softplus. Layers are numbered from 0; indices increase strictly within a row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy import sparse

ACTIVATIONS = ("relu", "tanh", "softplus")
MOST_LAYERS = 512
MOST_WEIGHTS = 2_000_000
LARGEST = 1e4
"""Of any weight or bias: larger ones buy accuracy by cancellation, not by a network."""
CHUNK = 128
"""Points that go through all layers at once: their neurons stay in the processor's cache."""
MOST_NUMBERS = 1 << 24
"""Held at once; larger networks get smaller chunks."""

Layer = tuple["sparse.csr_array", np.ndarray]


@dataclass(frozen=True)
class Network:
    """A network of the format, checked; explicit zeros are gone."""

    n_inputs: int
    layers: tuple[Layer, ...]  # W_l (n_l, n_inputs + earlier neurons) and b_l, float32
    out: Layer  # (1, n_inputs + neurons) and (1,)
    activation: str

    @property
    def weights(self) -> int:
        """Weights and biases that are not zero, the output's included."""
        return sum(int(w.nnz) + int(np.count_nonzero(b)) for w, b in (*self.layers, self.out))

    @property
    def neurons(self) -> int:
        """All of them, read by another or not."""
        return sum(len(b) for _, b in self.layers)

    @property
    def depth(self) -> int:
        """Neurons on the longest path from the input to the output."""
        depth = np.zeros(self.n_inputs, dtype=np.int64)
        for w, _ in self.layers:
            depth = np.concatenate([depth, 1 + _largest_of_rows(w, depth)])
        return int(_largest_of_rows(self.out[0], depth)[0])

    @property
    def largest(self) -> float:
        """The largest absolute weight or bias."""
        arrays = [a for w, b in (*self.layers, self.out) for a in (w.data, b)]
        return float(max((np.abs(a).max() for a in arrays if a.size), default=0.0))


def _largest_of_rows(w: sparse.csr_array, values: np.ndarray) -> np.ndarray:
    """Return the largest of the values, at least 0, that each row reads."""
    found = np.zeros(w.shape[0], dtype=np.int64)
    np.maximum.at(found, np.repeat(np.arange(w.shape[0]), np.diff(w.indptr)), values[w.indices])
    return found


def read(arrays: Mapping[str, np.ndarray], n_inputs: int) -> Network:
    """Return named arrays as a network.

    Raises
    ------
    ValueError
        A name is missing or not wanted, shapes or kinds do not fit, an index is out of its range
        or out of order, a number is not finite or above `LARGEST`, or there are more layers or
        weights than `MOST_LAYERS` and `MOST_WEIGHTS`.
    """
    n_layers = 0
    while f"l{n_layers}.indptr" in arrays:
        n_layers += 1
    parts = ("indptr", "indices", "data", "bias")
    names = {f"l{k}.{part}" for k in range(n_layers) for part in parts}
    names |= {"out.indices", "out.data", "out.bias", "act"}
    for name in arrays:
        if name not in names:
            raise ValueError(f"{name!r} is no array of a network with {n_layers} layers.")
    if n_layers > MOST_LAYERS:
        raise ValueError(f"a network may have {MOST_LAYERS} layers, got {n_layers}.")
    act = _integers(arrays, "act")
    if act.shape != (1,) or not 0 <= act[0] < len(ACTIVATIONS):
        known = ", ".join(f"{k} {name}" for k, name in enumerate(ACTIVATIONS))
        raise ValueError(f"'act' must hold one of {known}, got {act[:8].tolist()}.")
    for part in (".data", ".bias"):
        total = sum(arrays[name].size for name in names if name.endswith(part) and name in arrays)
        if total > MOST_WEIGHTS:
            raise ValueError(
                f"a network may have {MOST_WEIGHTS:,} weights and as many neurons, got {total:,}."
            )
    layers: list[Layer] = []
    n = n_inputs
    for k in range(n_layers):
        layers.append(_layer(arrays, f"l{k}", _integers(arrays, f"l{k}.indptr"), n))
        n += len(layers[-1][1])
    n_out = len(_integers(arrays, "out.indices"))
    out = _layer(arrays, "out", np.array([0, n_out]), n)
    return Network(n_inputs, tuple(layers), out, ACTIVATIONS[int(act[0])])


def arrays(
    layers: Sequence[tuple[np.ndarray | sparse.csr_array, np.ndarray]],
    out: np.ndarray,
    bias: float = 0.0,
    activation: str = "relu",
) -> dict[str, np.ndarray]:
    """Return a network as named arrays, rounded to float32.

    Parameters
    ----------
    layers
        Pairs of W_l (n_l, n_inputs + earlier neurons), dense or sparse, and b_l (n_l,).
    out : array of shape (n_inputs + neurons,)
    bias, activation

    Examples
    --------
    The absolute value, |x| = 2 relu(x) - x, from one neuron with a way around it:

    >>> net = read(arrays([(np.array([[1.0]]), np.zeros(1))], np.array([-1.0, 2.0])), 1)
    >>> net.weights, net.neurons, net.depth
    (3, 1, 1)
    >>> values(net, np.array([[-3.0], [0.0], [2.0]]))
    array([3., 0., 2.])
    """
    named: dict[str, np.ndarray] = {"act": np.array([ACTIVATIONS.index(activation)], np.uint8)}
    rows = [*layers, (np.asarray(out)[None], np.array([bias]))]
    for k, (matrix, b) in enumerate(rows):
        w = sparse.csr_array(cast("np.ndarray", matrix)).astype(np.float32)  # a copy
        w.sum_duplicates()
        w.eliminate_zeros()
        name = f"l{k}" if k < len(layers) else "out"
        if k < len(layers):
            named[f"{name}.indptr"] = w.indptr.astype(np.int32)
        named[f"{name}.indices"] = w.indices.astype(np.int32)
        named[f"{name}.data"] = w.data
        named[f"{name}.bias"] = np.asarray(b, dtype=np.float32)
    return named


def values(net: Network, x: np.ndarray, dtype: type[np.floating] = np.float64) -> np.ndarray:
    """Return the network's output at many points.

    Parameters
    ----------
    net : Network
    x : float array of shape (N, d)
    dtype : float64 or float32
        In which it is computed; the weights are float32 in both.

    Returns
    -------
    array of shape (N,) and of `dtype`; not finite where a sum overflows.

    Raises
    ------
    ValueError
        If `x` has another shape.
    """
    if x.ndim != 2 or x.shape[1] != net.n_inputs:
        raise ValueError(f"x must have shape (N, {net.n_inputs}), got {x.shape}.")
    layers = [(w.astype(dtype), b.astype(dtype)[:, None]) for w, b in net.layers]
    w_out, b_out = (a.astype(dtype) for a in net.out)
    activate = _ACTIVATE[net.activation]
    found = np.empty(len(x), dtype=dtype)
    size = net.n_inputs + net.neurons
    chunk = max(1, min(CHUNK, MOST_NUMBERS // size))
    h = np.empty((size, chunk), dtype=dtype)
    for start in range(0, len(x), chunk):
        part = x[start : start + chunk]
        if len(part) < chunk:
            h = np.empty((size, len(part)), dtype=dtype)
        n = net.n_inputs
        h[:n] = part.T
        for w, b in layers:
            z = w @ h[:n]
            z += b
            activate(z, h[n : n + len(b)])
            n += len(b)
        found[start : start + len(part)] = (w_out @ h)[0] + b_out
    return found


def _relu(z: np.ndarray, out: np.ndarray) -> None:
    np.maximum(z, 0, out=out)


def _tanh(z: np.ndarray, out: np.ndarray) -> None:
    np.tanh(z, out=out)


def _softplus(z: np.ndarray, out: np.ndarray) -> None:
    np.logaddexp(z, 0, out=out)


_ACTIVATE: dict[str, Callable[[np.ndarray, np.ndarray], None]] = {
    "relu": _relu,
    "tanh": _tanh,
    "softplus": _softplus,
}


def _integers(arrays: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    array = arrays.get(name)
    if array is None or array.dtype.kind not in "iu" or array.ndim != 1:
        got = "nothing" if array is None else f"{array.dtype} of shape {array.shape}"
        raise ValueError(f"{name!r} must be an integer array with one axis, got {got}.")
    return array.astype(np.int64)


def _floats(arrays: Mapping[str, np.ndarray], name: str, n: int) -> np.ndarray:
    array = arrays.get(name)
    if array is None or array.dtype != np.float32 or array.shape != (n,):
        got = "nothing" if array is None else f"{array.dtype} of shape {array.shape}"
        raise ValueError(f"{name!r} must be float32 of shape ({n},), got {got}.")
    if not np.isfinite(array).all() or (np.abs(array) > LARGEST).any():
        raise ValueError(f"{name!r} must be finite and at most {LARGEST:g} in size.")
    return array


def _layer(arrays: Mapping[str, np.ndarray], name: str, indptr: np.ndarray, n: int) -> Layer:
    """Return one layer that reads n numbers."""
    indices = _integers(arrays, f"{name}.indices")
    wanted = len(indptr) > 0 and indptr[0] == 0 and indptr[-1] == len(indices)
    if not wanted or (np.diff(indptr) < 0).any():
        raise ValueError(
            f"'{name}.indptr' must rise from 0 to {len(indices)}, the number of indices."
        )
    if len(indices) and (indices.min() < 0 or indices.max() >= n):
        raise ValueError(
            f"'{name}.indices' must lie in 0..{n - 1}, the inputs and earlier neurons."
        )
    row = np.repeat(np.arange(len(indptr) - 1), np.diff(indptr))
    if ((np.diff(indices) <= 0) & (np.diff(row) == 0)).any():
        raise ValueError(f"'{name}.indices' must increase strictly within a row.")
    data = _floats(arrays, f"{name}.data", len(indices))
    bias = _floats(arrays, f"{name}.bias", len(indptr) - 1)
    w = sparse.csr_array((data, indices, indptr), shape=(len(indptr) - 1, n), copy=True)
    w.eliminate_zeros()
    return w, bias
