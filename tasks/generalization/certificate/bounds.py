"""From a prior and a posterior to a bound on the risk; nobody else's word is taken for any of it.

What is returned before the sample is shown says by its names which theorem is used:

    mu, log_sigma    a Gaussian prior; the posterior has the same names: PAC-Bayes-kl
    origin, spread   where a random subspace of weights lies; then `coordinates` in it: Occam
    weights          one network; nothing follows: a hold-out
    nothing          a line of the board alone: then `weights`, and a norm bound

All numbers are kept in half precision, before anything is measured. It does not know how a
network is trained.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from scipy.special import betaincinv

from harness import arrays as named
from harness.kernels.binary_kl import binary_kl_inverse
from harness.kernels.code_length import code_bytes, code_length
from harness.kernels.empirical_bernstein import empirical_bernstein
from harness.kernels.gibbs_error import gibbs_errors, n_parameters, outputs
from harness.vocabulary import Arrays, Refused

MOST_UNITS = 128
LOG_SIGMA = (math.log(1e-6), math.log(10))
LARGEST = 1e4
"""Of any mean, weight, spread or coordinate, in absolute value."""
MOST_SCALES, MOST_COORDINATES = 100, 1000
DELTA = 0.05
MONTE_CARLO = 0.2
"""Of delta, what pays for the finite number of drawn networks."""
N_DRAWS, N_SAMPLES = 2000, 500
SUBSPACE_SEED = 21
"""Public: direction j of the subspace comes from the seeds (21, j)."""
CHUNK = 2000
"""Samples that one network is asked at once."""


class Data(NamedTuple):
    """Independent samples of one distribution."""

    X: np.ndarray  # float32 (n, d)
    y: np.ndarray  # int64 (n,)
    n_classes: int


class Certificate(NamedTuple):
    """What is known of one network, or of a Gaussian of networks."""

    bound: float
    """On the risk, at confidence 1 - DELTA."""
    sure: float
    """The same at confidence 1 - 1e-4."""
    of_100: float
    """The same for the best of 100 submissions."""
    empirical: float
    """Error on the samples that the prior was not shown."""
    monte_carlo: float
    """What is added to it since few networks were drawn."""
    risk: float
    stderr: float
    """Of the risk."""
    mean_error: float
    """Error on unseen samples of the network in the middle of the Gaussian, or of the only one."""
    kl: float
    """Nats; of a code, its length."""
    n_bytes: int
    n_parameters: int


def network(n: int, data: Data, what: str) -> list[int]:
    """Return the widths d, W, W, C of a network with n parameters, or refuse it."""
    d = data.X.shape[1]
    for units in range(1, MOST_UNITS + 1):
        widths = [d, units, units, data.n_classes]
        if n_parameters(widths) == n:
            return widths
    raise Refused(
        f"{what} must be the parameters of a network {d}-W-W-{data.n_classes} with W from 1 to "
        f"{MOST_UNITS}, W^2 + {d + data.n_classes + 2} W + {data.n_classes} of them, got {n}."
    )


def keep_prior(arrays: Arrays, data: Data, may_be_nothing: bool) -> Arrays:
    """Check what was returned before the sample was shown; return it in half precision."""
    what = "fit (prior)"
    if "mu" in arrays:
        named.require({"mu": arrays["mu"]}, {"mu": (None,)}, what)
        network(len(arrays["mu"]), data, f"{what}['mu']")
        D, k = len(arrays["mu"]), len(np.atleast_1d(arrays.get("log_sigma", 0)))
        shapes: list[tuple[int | None, ...]] = [(), (D,), (k, 1), (k, D)]
        _one_of(arrays, {"mu": (D,)}, "log_sigma", shapes, what)
        if arrays["log_sigma"].ndim == 2 and not 1 <= k <= MOST_SCALES:
            raise Refused(f"{what}['log_sigma'] may hold 1 to {MOST_SCALES} scales, got {k}.")
        _scale(arrays["log_sigma"], what)
    elif "origin" in arrays:
        named.require({"origin": arrays["origin"]}, {"origin": (None,)}, what)
        D = len(arrays["origin"])
        network(D, data, f"{what}['origin']")
        _one_of(arrays, {"origin": (D,)}, "spread", [(), (D,)], what)
    elif arrays or not may_be_nothing:
        named.require(arrays, {"weights": (None,)}, what)
        network(len(arrays["weights"]), data, f"{what}['weights']")
    return _half(arrays, what)


def keep_posterior(arrays: Arrays, prior: Arrays, data: Data) -> Arrays:
    """Check what was returned after the sample was shown; return it in half precision."""
    what = "fit (posterior)"
    if "mu" in prior:
        D = len(prior["mu"])
        _one_of(arrays, {"mu": (D,)}, "log_sigma", [(), (D,)], what)
        _scale(arrays["log_sigma"], what)
    elif "origin" in prior:
        named.require(arrays, {"coordinates": (None,)}, what)
        if not 1 <= len(arrays["coordinates"]) <= MOST_COORDINATES:
            raise Refused(
                f"{what}['coordinates'] may be 1 to {MOST_COORDINATES} numbers, got "
                f"{len(arrays['coordinates'])}."
            )
    else:
        named.require(arrays, {"weights": (None,)}, what)
        network(len(arrays["weights"]), data, f"{what}['weights']")
    return _half(arrays, what)


def _one_of(
    arrays: Arrays,
    others: dict[str, tuple[int | None, ...]],
    name: str,
    shapes: list[tuple[int | None, ...]],
    what: str,
) -> None:
    """Refuse `arrays` unless one of them has one of several shapes, the others theirs."""
    got = arrays[name].shape if name in arrays else ()
    named.require(arrays, {**others, name: got if got in shapes else shapes[-1]}, what)


def _scale(log_sigma: np.ndarray, what: str) -> None:
    low, high = LOG_SIGMA
    # A limit itself may be a rounding outside.
    if not ((log_sigma >= low - 1e-6) & (log_sigma <= high + 1e-6)).all():
        raise Refused(
            f"{what}['log_sigma'] must lie between {low:.3f} and {high:.3f}, where sigma is 1e-6 "
            f"and 10, got {log_sigma.min():.3f} to {log_sigma.max():.3f}."
        )


def _half(arrays: Arrays, what: str) -> Arrays:
    for name, array in arrays.items():
        if array.size and not np.abs(array).max() <= LARGEST:
            raise Refused(
                f"{what}[{name!r}] must be at most {LARGEST:g} in absolute value, "
                f"got {np.abs(array).max():g}."
            )
    return {name: array.astype(np.float16) for name, array in arrays.items()}


# ---------------------------------------------------------------------------------------------
# Bounds


def certify(
    prior: Arrays, posterior: Arrays, counted: Data, unseen: Data, rng: np.random.Generator
) -> Certificate:
    """Bound the risk of a posterior, and measure it.

    Parameters
    ----------
    prior, posterior
        As they were kept.
    counted
        The samples that the prior was not shown.
    unseen
        Fresh samples, which no bound looks at.
    rng
        Draws networks, after all was returned.

    Raises
    ------
    Refused
        The risk is above what the bound says at confidence 1 - 1e-4: then a proof, this program or
        the wall is broken.
    """
    if "mu" in prior:
        found = _pac_bayes(prior, posterior, counted, unseen, rng)
    elif "origin" in prior:
        w = decode(prior, posterior["coordinates"])
        bits = price(posterior["coordinates"])
        n = len(counted.y)
        found = _one_network(
            w,
            counted,
            unseen,
            lambda q, delta: float(
                binary_kl_inverse(q, (bits * math.log(2) - math.log(delta)) / n)
            ),
            bits * math.log(2),
            -(-bits // 8),
        )
    elif prior:
        w = prior["weights"].astype(np.float32)
        n_bytes = code_bytes([prior["weights"]])
        found = _one_network(w, counted, unseen, _clopper_pearson(len(counted.y)), 0.0, n_bytes)
    else:
        return _norm(posterior["weights"], counted, unseen)
    if found.risk - 4 * found.stderr > found.sure:
        raise Refused(
            f"The risk is {found.risk:.4f}, the bound {found.bound:.4f}; {found.sure:.4f} should "
            "hold but once in 10,000 exams. Please report it: something is broken."
        )
    return found


def _pac_bayes(
    prior: Arrays, posterior: Arrays, counted: Data, unseen: Data, rng: np.random.Generator
) -> Certificate:
    mu = posterior["mu"].astype(np.float32)
    sigma = np.exp(posterior["log_sigma"].astype(np.float64)).astype(np.float32)
    widths = network(len(mu), counted, "fit")
    seeds = [int(seed) for seed in rng.integers(2**31, size=2)]
    Z, fresh = (
        gibbs_errors(mu, sigma, widths, part.X, part.y, N_DRAWS, min(N_SAMPLES, len(part.y)), seed)
        for part, seed in zip((counted, unseen), seeds, strict=True)
    )
    n, nats = len(counted.y), divergence(prior, posterior)

    def bound(delta: float) -> tuple[float, float]:
        upper = min(1.0, float(empirical_bernstein(Z, MONTE_CARLO * delta)))
        c = (nats + math.log(2 * math.sqrt(n) / ((1 - MONTE_CARLO) * delta))) / n
        return float(binary_kl_inverse(upper, c)), upper

    found, upper = bound(DELTA)
    risk = float(fresh.mean())
    return Certificate(
        bound=found,
        sure=bound(1e-4)[0],
        of_100=bound(DELTA / 100)[0],
        empirical=float(Z.mean()),
        monte_carlo=upper - float(Z.mean()),
        risk=risk,
        stderr=math.sqrt(fresh.var() / N_DRAWS + risk * (1 - risk) / len(unseen.y)),
        mean_error=float(np.mean(answers(mu, unseen) != unseen.y)),
        kl=nats,
        n_bytes=code_bytes(posterior[name] for name in ("mu", "log_sigma")),
        n_parameters=len(mu),
    )


def divergence(prior: Arrays, posterior: Arrays) -> float:
    """Return KL(Q || P) of diagonal Gaussians in nats.

    Where P is a mixture of k scales in equal parts, KL(Q || P) <= min_j KL(Q || P_j) + ln k.
    """
    mu, log_s = (prior[name].astype(np.float64) for name in ("mu", "log_sigma"))
    nu, log_t = (posterior[name].astype(np.float64) for name in ("mu", "log_sigma"))
    scales = log_s if log_s.ndim == 2 else log_s[None]
    nats = [
        np.broadcast_to(
            s - log_t + (np.exp(2 * log_t) + (nu - mu) ** 2) / (2 * np.exp(2 * s)) - 0.5, mu.shape
        ).sum()
        for s in scales
    ]
    return max(0.0, float(min(nats))) + math.log(len(scales))


def decode(prior: Arrays, coordinates: np.ndarray) -> np.ndarray:
    """Return origin + spread * sum_j coordinates_j a_j with public random directions a_j."""
    origin = prior["origin"].astype(np.float32)
    moved = np.zeros_like(origin)
    for j, v in enumerate(coordinates.astype(np.float32)):
        direction = np.random.default_rng([SUBSPACE_SEED, j])
        moved += v * direction.standard_normal(len(origin), dtype=np.float32)
    return np.asarray(origin + prior["spread"].astype(np.float32) * moved)


def price(coordinates: np.ndarray) -> int:
    """Return the bits of the coordinates' code, and of their number in Elias' gamma code."""
    return code_length(coordinates) + 2 * (len(coordinates).bit_length() - 1) + 1


def _occam(n: int, nats: float) -> Callable[[float, float], float]:
    def bound(q: float, delta: float) -> float:
        return float(binary_kl_inverse(q, (nats - math.log(delta)) / n))

    return bound


def _clopper_pearson(n: int) -> Callable[[float, float], float]:
    def bound(q: float, delta: float) -> float:
        wrong = round(q * n)
        return 1.0 if wrong == n else float(betaincinv(wrong + 1, n - wrong, 1 - delta))

    return bound


def _one_network(
    w: np.ndarray,
    counted: Data,
    unseen: Data,
    bound: Callable[[float, float], float],
    nats: float,
    n_bytes: int,
) -> Certificate:
    """Return the certificate of one network: `bound(its error, delta)`, exact without draws."""
    q, risk = (float(np.mean(answers(w, part) != part.y)) for part in (counted, unseen))
    return Certificate(
        bound=bound(q, DELTA),
        sure=bound(q, 1e-4),
        of_100=bound(q, DELTA / 100),
        empirical=q,
        monte_carlo=0.0,
        risk=risk,
        stderr=math.sqrt(risk * (1 - risk) / len(unseen.y)),
        mean_error=risk,
        kl=nats,
        n_bytes=n_bytes,
        n_parameters=len(w),
    )


def _said(w: np.ndarray, data: Data) -> np.ndarray:
    widths = network(len(w), data, "fit")
    W = torch.from_numpy(w.astype(np.float32))[None]
    parts = [
        outputs(W, torch.from_numpy(data.X[start : start + CHUNK])[None], widths)[0]
        for start in range(0, len(data.X), CHUNK)
    ]
    return torch.cat(parts).numpy()


def answers(w: np.ndarray, data: Data) -> np.ndarray:
    """Return the classes that one network says."""
    return np.asarray(_said(w, data).argmax(1))


def _norm(w: np.ndarray, counted: Data, unseen: Data) -> Certificate:
    r"""Return less than what a bound by Frobenius norms says, at the best of all margins.

    .. math::
        R_{S, \gamma} + \frac{2}{\gamma n} \prod_l \|W_l\|_F (\sqrt{2 L \ln 2} + 1)
            \sqrt{\textstyle\sum_i \|x_i\|^2} + 3 \sqrt{\frac{\ln (2 / \delta)}{2 n}}

    N. Golowich, A. Rakhlin, O. Shamir, *Size-Independent Sample Complexity of Neural Networks*,
    COLT 2018, Theorem 1; not checked against the source. Left out is what several classes, biases
    and the choice of the margin and of the norms cost: the true bound is larger.
    """
    widths, n = network(len(w), counted, "fit"), len(counted.y)
    said = _said(w, counted)
    right = said[np.arange(n), counted.y].copy()
    said[np.arange(n), counted.y] = -np.inf
    margins = right - said.max(1)
    norms, place = 1.0, 0
    for m, k in zip(widths[:-1], widths[1:], strict=True):
        norms *= float(np.linalg.norm(w[place : place + m * k].astype(np.float64)))
        place += (m + 1) * k
    depth, length = len(widths) - 1, float(np.linalg.norm(counted.X.astype(np.float64)))
    capacity = norms * (math.sqrt(2 * depth * math.log(2)) + 1) * length / n
    gammas = np.quantile(margins[margins > 0], np.linspace(0, 1, 101)) if margins.max() > 0 else []

    def bound(q: float, delta: float) -> float:
        rest = 3 * math.sqrt(math.log(2 / delta) / (2 * n))
        sums = [float(np.mean(margins <= g)) + 2 * capacity / g + rest for g in gammas]
        return min(sums, default=1 + rest)

    nothing = float("nan")
    found = _one_network(w.astype(np.float32), counted, unseen, bound, nothing, code_bytes([w]))
    return found
