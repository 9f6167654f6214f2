"""A ridge on a dozen measures, fitted to the shown networks' gaps, cell by cell centred."""

import numpy as np

from submissions.baselines.generalization import complexity_measure as rho
from submissions.references.generalization import (
    complexity_measure_davies_bouldin as davies_bouldin,
)
from submissions.references.generalization import complexity_measure_margin as margin
from submissions.references.generalization import complexity_measure_n_parameters as n_parameters
from submissions.references.generalization import complexity_measure_path_norm as path_norm
from submissions.references.generalization import complexity_measure_sharpness as sharpness
from submissions.references.generalization import complexity_measure_shifts as shifts
from submissions.references.generalization import complexity_measure_spectral_margin as spectral
from submissions.references.generalization import complexity_measure_stable_rank as stable_rank

RIDGE = 3.0


def fit(train, context):
    """Fit within each data set and grid: only the order there counts."""
    nets = [
        {n.split("/", 2)[2]: a for n, a in train.items() if n.startswith(f"net/{i}/")}
        for i in range(len(train["gap"]))
    ]
    cells = np.array([net.pop("data") for net in nets]) * 100 + train["grid"]
    X = np.stack([measures(net, train, cell // 100) for net, cell in zip(nets, cells, strict=True)])
    y = train["gap"].copy()
    for cell in np.unique(cells):
        mine = cells == cell
        X[mine] -= X[mine].mean(0)
        y[mine] -= y[mine].mean()
    scale = X.std(0) + 1e-9
    X /= scale
    w = np.linalg.solve(X.T @ X + RIDGE * np.eye(X.shape[1]), X.T @ y)
    return {"w": (w / scale).astype(np.float32)}


def predict(artifact, inputs):
    """Return the weighted sum."""
    return {"score": np.array(features(inputs) @ artifact["w"].astype(np.float64))}


def measures(net, train, data):
    """Return the features of a shown network."""
    return features(net | {name: train[f"data/{data}/{name}"] for name in "xy"})


def features(inputs):
    """Return the measures of one network, logs where they are products."""
    found = [
        float(module.predict({}, inputs)["score"])
        for module in (rho, spectral, path_norm, stable_rank, sharpness, shifts)
    ]
    logits, y = margin.forward(inputs, inputs["x"])[-1], inputs["y"]
    top = logits.max(1, keepdims=True)
    loss = (np.log(np.exp(logits - top).sum(1)) + top[:, 0] - logits[np.arange(len(y)), y]).mean()
    return np.array(
        found
        + [
            np.log(n_parameters.predict({}, inputs)["score"]),
            np.log(margin.margin(inputs)),
            np.log(davies_bouldin.index(inputs)),
            davies_bouldin.mixed_error(inputs),
            np.log(loss + 1e-6),
            (logits.argmax(1) != y).mean(),
        ]
    )
