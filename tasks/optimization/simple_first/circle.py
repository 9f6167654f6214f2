"""Networks that learn a sum of waves on the circle, and the step at which each wave is learned.

Full-batch gradient descent on 96 points x with inputs (cos x, sin x), targets y = sum_k a_k
cos(k x + p_k) and loss half the mean squared distance. Hidden layers after the first are plain,
h <- relu(h W), or residual, h <- h + relu(h W). The first has a bias. The rate is 0.9 over the
largest eigenvalue of the kernel K = J J^T / 96 at the start, J the derivative of all outputs by
all weights. Networks of one shape advance together, and leave when they have learned all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from harness.kernels.mlp import MLP, forward
from harness.kernels.ntk import ntk
from harness.vocabulary import Arrays
from tasks._data import runs
from tasks._data.laws import Bank

N = 96
FREQUENCIES = (1, 2, 3, 4, 5, 6, 8, 10)
GAINS = (0.7, 1.0, 1.4)
"""Of He's initialization."""
BIAS = 0.5
"""Standard deviation of the first layer's."""
LEARNED = 0.2
"""A wave is learned when less than this part of it is left."""
NORMALIZED = 0.9
"""The rate times the largest eigenvalue of the kernel at the start."""
LONGEST = 1e6
"""Steps after which the linear dynamics are no longer asked."""
N_LOOKS = 25
"""Looks at what is left of every wave, evenly in the logarithm of steps."""
ROLES = ("shown", "unseen", "residual")
"""Plain networks that `fit` sees; plain networks that it does not; residual ones."""
FEATURES = (
    "log10_kernel_steps", "log10_frequency", "depth", "residual", "gain", "log10_width",
    "amplitude", "log10_share", "log10_linear_steps", "log10_rate",
)  # fmt: skip
TARGETS = ("log10_steps",)


@dataclass(frozen=True)
class Scale:
    """How many networks of each depth and width are trained, and for how long."""

    shown: int = 3
    unseen: int = 2
    residual: int = 4
    depths: tuple[int, ...] = (1, 2, 3, 4)
    widths: tuple[int, ...] = (48, 96)
    n_steps: int = 3000


def bank(rng: np.random.Generator, scale: Scale) -> tuple[dict[str, Bank], Arrays]:
    """Return the rows of every role, and what is left of every wave at `looks(n_steps)`.

    That is `plain` and `residual`, each (looks, waves), a mean over networks of the part of the
    amplitude. A group is a network, its waves follow one another by frequency.
    """
    parts: dict[str, list[Arrays]] = {role: [] for role in ROLES}
    for residual in (False, True):
        for depth in scale.depths:
            for width in scale.widths:
                recipe = {
                    "depth": depth,
                    "width": width,
                    "residual": residual,
                    "n_networks": scale.residual if residual else scale.shown + scale.unseen,
                    "n_steps": scale.n_steps,
                    "seed": int(rng.integers(2**31)),
                }
                found = {name: a[0] for name, a in runs.runs([recipe], measure).items()}
                roles = {"residual": slice(None)}
                if not residual:
                    roles = {"shown": slice(scale.shown), "unseen": slice(scale.shown, None)}
                for role, nets in roles.items():
                    parts[role].append({name: a[nets] for name, a in found.items()})
    joined = {
        role: {name: np.concatenate([part[name] for part in of]) for name in of[0]}
        for role, of in parts.items()
    }
    plain = np.concatenate([joined[role]["left"] for role in ("shown", "unseen")])
    left = {"plain": plain.mean(0), "residual": joined["residual"]["left"].mean(0)}
    return {role: _rows(of, scale.n_steps) for role, of in joined.items()}, left


def _rows(of: Arrays, n_steps: int) -> Bank:
    """Return a row a wave; one that is not learned by the end is known to take at least so long."""
    steps = of["steps"].ravel()
    known = steps > 0
    return Bank(
        features=of["features"].reshape(-1, len(FEATURES)),
        targets=np.log10(np.where(known, steps, n_steps))[:, None],
        known=known[:, None],
        group=np.repeat(np.arange(len(of["steps"])), len(FREQUENCIES)),
    )


def looks(n_steps: int) -> list[int]:
    """Return after how many steps to look at what is left."""
    return sorted({round(t) for t in np.geomspace(1, n_steps, N_LOOKS)})


# ---------------------------------------------------------------------------------------------


def measure(
    depth: int, width: int, residual: bool, n_networks: int, n_steps: int, seed: int
) -> Arrays:
    """Train networks of one shape.

    Returns
    -------
    features (R, waves, features), steps (R, waves), int64, 0 where a wave is not learned, and left
    (R, looks, waves).
    """
    rng = np.random.default_rng(seed)
    gain = rng.choice(GAINS, n_networks)
    nets = [draw(rng, depth, width, g, residual) for g in gain]
    amplitude = rng.uniform(0.4, 1, (n_networks, len(FREQUENCIES)))
    waves = np.stack([waves_of(phase) for phase in rng.uniform(0, 2 * np.pi, amplitude.shape)])
    Y = np.einsum("rk,rkn->rn", amplitude, waves)
    X = inputs()
    features, rate = [], np.empty(n_networks)
    for r, net in enumerate(nets):
        K = ntk(net, X)[0, :, 0] / N
        start = forward(net, X).output[:, 0] - Y[r]
        rate[r], q, linear = theory(K, start, waves[r], amplitude[r])
        columns = {
            "log10_kernel_steps": np.log10(np.log(1 / LEARNED) / (rate[r] * q)),
            "log10_frequency": np.log10(FREQUENCIES),
            "depth": depth,
            "residual": residual,
            "gain": gain[r],
            "log10_width": np.log10(width),
            "amplitude": amplitude[r],
            "log10_share": np.log10(q / q.sum()),
            "log10_linear_steps": np.log10(linear),
            "log10_rate": np.log10(rate[r]),
        }
        features.append(np.stack([np.broadcast_to(columns[name], q.shape) for name in FEATURES], 1))
    steps, left = train(nets, Y, waves, amplitude, rate, n_steps)
    return {"features": np.stack(features).astype(np.float64), "steps": steps, "left": left}


def inputs() -> np.ndarray:
    """Return (cos x, sin x, 1), float64 (N, 3)."""
    x = 2 * np.pi * np.arange(N) / N - np.pi
    return np.stack([np.cos(x), np.sin(x), np.ones(N)], axis=1)


def waves_of(phases: np.ndarray) -> np.ndarray:
    """Return cos(k x + p_k), float64 (waves, N): orthogonal, of mean square 1/2."""
    x = 2 * np.pi * np.arange(N) / N - np.pi
    waves: np.ndarray = np.cos(np.outer(FREQUENCIES, x) + phases[:, None])
    return waves


def draw(rng: np.random.Generator, depth: int, width: int, gain: float, residual: bool) -> MLP:
    """Draw a network: weights from N(0, 2 gain^2 / fan_in), the first bias from N(0, 1/4).

    Residual layers are divided by the root of the depth, so that outputs stay of one size.
    """
    first = np.concatenate(
        [gain * rng.standard_normal((2, width)), BIAS * rng.standard_normal((1, width))]
    )
    scale = gain * (2 / width) ** 0.5
    within = scale / depth**0.5 if residual else scale
    hidden = [within * rng.standard_normal((width, width)) for _ in range(depth - 1)]
    return MLP([first, *hidden, scale * rng.standard_normal((width, 1))], "relu", 1.0, residual)


def theory(
    K: np.ndarray, start: np.ndarray, waves: np.ndarray, amplitude: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Return the rate, q_k = mode_k^T K mode_k, and the steps of the linear dynamics, (waves,).

    mode_k is the wave at length 1. If the kernel stays as it is, what is left of f - y after t
    steps is (1 - rate K)^t of what it was; if modes were eigenvectors, exp(-t rate q_k) of them.
    """
    values, V = np.linalg.eigh(K)
    rate = NORMALIZED / values[-1]
    modes = waves / np.linalg.norm(waves, axis=1, keepdims=True)
    q = np.einsum("kn,nm,km->k", modes, K, modes)
    steps = np.unique(np.round(np.geomspace(1, LONGEST, 2000)))
    decay = (1 - rate * np.maximum(values, 0))[:, None] ** steps
    left = np.abs((waves @ V) * (V.T @ start) @ decay) * (2 / N)
    learned = left < LEARNED * amplitude[:, None]
    first = np.where(learned.any(1), steps[learned.argmax(1)], LONGEST)
    return float(rate), q, first


def train(
    nets: Sequence[MLP],
    Y: np.ndarray,
    waves: np.ndarray,
    amplitude: np.ndarray,
    rate: np.ndarray,
    n_steps: int,
    dtype: torch.dtype = torch.float32,
) -> tuple[np.ndarray, np.ndarray]:
    """Train networks of one shape and watch their waves; `nets` do not change.

    Single precision: double gave steps that differ by 0.003 decades, root mean square.

    Parameters
    ----------
    nets : R networks of one shape
    Y : (R, N)
    waves, amplitude : (R, waves, N) and (R, waves)
    rate : (R,)

    Returns
    -------
    The first step after which less than `LEARNED` of a wave is left, int64 (R, waves), 0 where
    there is none; and which part of it is left at `looks(n_steps)`, (R, looks, waves), held from
    when a network has learned all.
    """
    residual = nets[0].residual
    X = torch.from_numpy(inputs()).to(dtype)
    layers = zip(*(net.weights for net in nets), strict=True)
    weights = [torch.from_numpy(np.stack(layer)).to(dtype) for layer in layers]
    target = torch.from_numpy(Y).to(dtype)[..., None]
    parts = torch.from_numpy(waves * (2 / N) / amplitude[..., None]).to(dtype)
    scale = torch.from_numpy(rate / N).to(dtype)[:, None, None]
    steps = torch.zeros(amplitude.shape, dtype=torch.int64)
    at = {step: number for number, step in enumerate(looks(n_steps))}
    left = torch.zeros((len(nets), len(at), amplitude.shape[1]), dtype=dtype)
    active = torch.arange(len(nets))
    for step in range(n_steps + 1):
        a, h, output = _forward(weights, X, residual)
        off = output.sub_(target)
        if step:
            rest = torch.bmm(parts, off)[..., 0].abs()
            mine = steps[active]
            mine[(mine == 0) & (rest < LEARNED)] = step
            steps[active] = mine
            if step in at:
                left[active, at[step]] = rest
            going = (mine == 0).any(1)
            if not going.all():
                for look, number in at.items():
                    if look > step:
                        left[active[~going], number] = rest[~going]
                if not going.any():
                    break
                active, target, parts, scale, off = (
                    of[going] for of in (active, target, parts, scale, off)
                )
                weights, a, h = ([of[going] for of in each] for each in (weights, a, h))
        _step(weights, X, a, h, off.mul_(scale), residual)
    return steps.numpy(), left.double().numpy()


def _forward(
    weights: list[Tensor], X: Tensor, residual: bool
) -> tuple[list[Tensor], list[Tensor], Tensor]:
    """Return what activations and what layers give, each (R, N, width), and outputs (R, N, 1)."""
    a = [torch.matmul(X, weights[0]).relu_()]
    h = [a[0]]
    for W in weights[1:-1]:
        a.append(torch.bmm(h[-1], W).relu_())
        h.append(a[-1] + h[-1] if residual else a[-1])
    return a, h, torch.bmm(h[-1], weights[-1])


def _step(
    weights: list[Tensor], X: Tensor, a: list[Tensor], h: list[Tensor], D: Tensor, residual: bool
) -> None:
    """Take one step in place; `D` (R, N, 1) is the rate times the derivative by outputs."""
    G = torch.bmm(D, weights[-1].mT)
    weights[-1].baddbmm_(h[-1].mT, D, alpha=-1)
    for k in range(len(weights) - 2, 0, -1):
        delta = G * (a[k] > 0)
        back = torch.bmm(delta, weights[k].mT)
        weights[k].baddbmm_(h[k - 1].mT, delta, alpha=-1)
        G = back.add_(G) if residual else back
    weights[0].sub_(torch.matmul(X.mT, G * (a[0] > 0)))
