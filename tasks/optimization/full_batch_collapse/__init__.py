"""Can gradient descent reach intermediate neural collapse?

Idea: 14, gradient descent and intermediate neural collapse. In a trained classifier the features of
    each class gather around their mean, in hidden layers too. The idea conjectures that gradient
    descent cannot bring this about and that the noise of SGD is needed. So: find a full-batch rule
    that does what SGD does.

Papers: Papyan, Han, Donoho, Prevalence of Neural Collapse during the Terminal Phase of Deep
    Learning Training, PNAS 117(40), 2020. Han, Papyan, Donoho, Neural Collapse under MSE Loss,
    arXiv 2106.02073. Rangamani, Lindegaard, Galanti, Poggio, Feature Learning in Deep Classifiers
    through Intermediate Neural Collapse, ICML 2023, PMLR 202:28729-28745. Not checked against the
    texts.

Question: Which update rule, shown gradients of all samples and never a sample, collapses the hidden
    layers as far as SGD? At as many updates, and at as many samples: one without the other is a
    confusion, as SGD of batch 16 takes 32 updates where gradient descent takes one.

fit: an update rule that never sees data. It is called once for each of two tracks, with the start
    in `train`: `W0` to `W4`, float32, a network 64-64-64-64-64-10 of ReLUs without biases, He's
    size. `context.oracle({W0, .., W4})` answers with `loss`, half the mean squared distance to the
    one-hot labels less 0.1, and its gradient under the same names. The first question is the start,
    every question is an iterate, and the last iterate is what `fit` returns, of which no gradient
    is told. `context.facts` holds `track`, `budget`, `n_samples` and `n_classes`: on the track
    'updates' 3000 questions are answered, on 'samples' as many as 48000 samples last, 93 of all.
    In the division full_batch every answer is about all 512 samples; in `open` a question may hold
    `batch`, a whole number, and the task draws so many rows in shuffled passes. The data are
    scikit-learn's digits, less their mean, over their deviation plus 1 (of 0 to 16), and turned by
    an orthogonal matrix that is drawn afresh. At smoke 256 samples and 150 updates. At full 4096
    photographs of CIFAR-10 from the hub and width 128; no figure was measured there, and the
    convolutional networks of the papers are not built.

predict: never called. The weights are the answer, and the task runs them.

visible: mean over the hidden layers of log10 NC1 = log10(tr S_W / tr S_B) on the samples descended
    on, at most 3, which a dead layer has, on the track of updates. It is the mean over the last
    iterate and eight that are drawn, from the exam's secret, out of the last tenth of the questions
    (the last 300 at most): the end of the run counts. Loss is told, so a rule that returns to its
    best iterate cannot be told from one that steps there; but to gain by it, it has to stay, and
    who stays has stopped.

held-out: the same on the other 1285 digits, around their own class means.

quality: the visible number. Ranked are rules whose last network on the track of updates errs on at
    most 1 % of the samples descended on, and whose collapse is, on these and on the others, at most
    0.05 above that of the division's baseline: a prototype's target of -0.90, where its baseline
    had -0.95. Compression compares not bytes but `stored`: the numbers left of the last network
    after the task has cut every layer's small singular values, with one threshold relative to the
    largest, as far as its held-out error stays within half a point of the mean over the measured
    iterates; so who cuts ranks as a last touch gains nothing. Who does so earlier trades held-out
    error for numbers: it may be at most a point above the baseline's. Explicit penalties of rank
    are allowed. Speed is the processor time of `fit` on both tracks: of the rule and its questions,
    not of the gradients, which the task computes. The gap is shown and not ranked: the further a
    rule collapses both parts, the further they are apart, and the rule that collapses neither would
    win. What a label cannot prove: answers at crafted weights could be solved for the samples, and
    a network trained on them in secret. `largest_step` and the series of the way are all there is
    to see it by. Who has the digits needs no oracle: trials in which they were in reach are not
    ranked.

baseline: gradient descent, step 0.1, weight decay 5e-3; in `open` SGD with batches of 16 and the
    same settings. References: twice the step; momentum 0.9 with step 0.03; AdamW with decay 0.5;
    a nuclear norm penalty by soft thresholds. Naive: both baselines without weight decay.

claim: SGD collapses further than gradient descent of as many updates; of as many samples. And
    against the conjecture: gradient descent with weight decay collapses further than SGD without;
    with momentum, further than SGD at as many updates; and at as many samples?

extra: error and error_heldout of the last network; the same with `samples_` in front and
    samples_quality, samples_heldout on the other track; updates and samples asked for; stored;
    spread, the standard deviation of the visible number over the measured iterates; largest_step,
    the largest change of an update relative to the layer; stable_rank, mean of the hidden layers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from harness import arrays as named
from harness.kernels.mlp import MLP, draw_mlp, forward
from harness.kernels.neural_collapse import class_means, ncc_error
from harness.kernels.stable_rank import stable_rank
from harness.vocabulary import (
    Arrays,
    Chart,
    Claim,
    Contrast,
    Exam,
    Fit,
    Metric,
    Scores,
    Size,
    Task,
)
from tasks import _data

from .descent import TRACKS, Data, Oracle, Track, bounded, collapse, error

N_CLASSES = 10
DEPTH = 5
WIDTHS: dict[Size, int] = {"smoke": 64, "standard": 64, "full": 128}
SAMPLES: dict[Size, int] = {"smoke": 256, "standard": 512, "full": 4096}
UPDATES: dict[Size, int] = {"smoke": 150, "standard": 3000, "full": 3000}
SAMPLES_PER_UPDATE = 16
"""Of the SGD that the track of samples is cut to."""
MARGIN = 0.05
"""What a collapse may lack of the baseline's."""
WORSE = 0.5
"""Points of held-out error that cutting ranks may cost."""


def make(seed: int, size: Size) -> Exam:
    """Draw who is descended on, the turn of the inputs, and the start."""
    rng = np.random.default_rng([seed, 0])
    n = SAMPLES[size]
    if size == "full":
        (X, y), (X_heldout, y_heldout) = _data.cifar10()
        rows = rng.permutation(len(y))[:n]
        X = np.concatenate([X[rows], X_heldout]).reshape(n + len(y_heldout), -1) * 16
        y = np.concatenate([y[rows], y_heldout])
    else:
        X, y = _data.digits_arrays()
        order = rng.permutation(len(y))
        X, y = X[order].reshape(len(y), -1) * 16, y[order]
    X = (X - X[:n].mean(0)) / (X[:n].std(0) + 1)
    X = (X @ _data.turn(rng, X.shape[1])).astype(np.float32)
    widths = (X.shape[1], *[WIDTHS[size]] * (DEPTH - 1), N_CLASSES)
    start = draw_mlp(widths, 2**0.5, rng).weights
    return Exam(
        train={"X": X[:n], "y": y[:n]} | {f"W{k}": W for k, W in enumerate(start)},
        inputs={},
        truth={
            "X": X[n:],
            "y": y[n:],
            "seed": np.array(seed),
            "updates": np.array(UPDATES[size]),
        },
        facts={"n_samples": n, "n_classes": N_CLASSES},
    )


def teach(exam: Exam, fit: Fit) -> Arrays:
    """Have the start descended from on both tracks; keep what is to be measured of each."""
    data = _of(exam.train)
    start = {name: W for name, W in exam.train.items() if name.startswith("W")}
    artifact: Arrays = {}
    for number, track in enumerate(TRACKS):
        budget = int(exam.truth["updates"]) * (1 if track == "updates" else SAMPLES_PER_UPDATE)
        rng = np.random.default_rng([int(exam.truth["seed"]), 1, number])
        watch = _Watch(data, track, fit)
        oracle = Oracle(data, start, track, budget, rng, fit.division != "full_batch", watch)
        last = fit(start, {"track": track, "budget": budget}, oracle)
        what = f"fit (track of {track})"
        named.require(last, {name: W.shape for name, W in start.items()}, what)
        bounded(last, what)
        weights = [last[name].astype(np.float32) for name in start]
        watch(oracle.n_updates, oracle.n_samples, weights)
        oracle.moved(weights)
        artifact |= {f"{track}/{name}": W for name, W in oracle.end(last, rng).items()}
        prefix = "" if track == "updates" else "samples_"
        fit.notes |= {
            f"{prefix}updates": float(oracle.n_updates),
            f"{prefix}samples": float(oracle.n_samples),
            f"{prefix}largest_step": oracle.largest_step,
        }
    return artifact


class _Watch:
    """Writes down what an iterate on the way looks like."""

    def __init__(self, data: Data, track: Track, fit: Fit) -> None:
        self.data, self.track, self.fit = data, track, fit

    def __call__(self, n_updates: int, n_samples: int, weights: list[np.ndarray]) -> None:
        layers, output = collapse(weights, self.data)
        place = {"track": self.track, "updates": n_updates, "samples": n_samples}
        # A logarithmic axis has no place for the start.
        place |= {"updates": max(n_updates, 1), "samples": max(n_samples, 1)}
        wrong = error(output, self.data)
        self.fit.record("way", **place, collapse=float(layers.mean()), error=wrong)
        for layer, value in enumerate(layers.tolist(), start=1):
            self.fit.record("layers_on_the_way", **place, layer=layer, collapse=value)


def ask(exam: Exam, artifact: Arrays, predict: Any) -> Arrays:
    """Answer nothing: the weights are the artifact, and `score` runs them."""
    return {}


def _of(arrays: Arrays) -> Data:
    return Data(arrays["X"], arrays["y"], N_CLASSES)


# ---------------------------------------------------------------------------------------------


def score(exam: Exam, artifact: Arrays, outputs: Arrays) -> Scores:
    """Measure the end of both runs on the samples descended on and on the others."""
    del outputs
    seen, unseen = _of(exam.train), _of(exam.truth)
    found: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    extra: dict[str, float] = {}
    rows: list[dict[str, Any]] = []
    angles: list[dict[str, Any]] = []
    for track in TRACKS:
        own = named.part(artifact, track)
        iterates = list(zip(*(own[f"W{k}"] for k in range(DEPTH)), strict=True))
        last = list(iterates[-1])
        layers = tuple(
            np.array([collapse(list(weights), data)[0] for weights in iterates])
            for data in (seen, unseen)
        )
        found[track] = layers[0], layers[1]
        prefix = "" if track == "updates" else "samples_"
        extra |= {
            f"{prefix}error": error(forward(MLP(last), seen.X).output, seen),
            f"{prefix}error_heldout": error(forward(MLP(last), unseen.X).output, unseen),
        }
        rows += _layers(track, last, seen, layers)
        angles += _angles(track, last, seen)
    ends = zip(*(artifact[f"updates/W{k}"] for k in range(DEPTH)), strict=True)
    errors = [error(forward(MLP(list(weights)), unseen.X).output, unseen) for weights in ends]
    visible, heldout = (float(layers.mean()) for layers in found["updates"])
    last = [artifact[f"updates/W{k}"][-1] for k in range(DEPTH)]
    columns, corners = (
        {key: np.asarray([row[key] for row in table]) for key in table[0]}
        for table in (rows, angles)
    )
    hidden = (columns["track"] == "updates") & (columns["layer"] < DEPTH)
    extra |= {
        "samples_quality": float(found["samples"][0].mean()),
        "samples_heldout": float(found["samples"][1].mean()),
        "stored": float(stored(last, unseen, float(np.mean(errors)))),
        "spread": float(found["updates"][0].mean(1).std()),
        "stable_rank": float(columns["stable_rank"][hidden].mean()),
    }
    return Scores(
        visible=visible,
        heldout=heldout,
        quality=visible,
        extra=extra,
        series={"layers": columns, "angles": corners},
    )


def _layers(
    track: Track, last: list[np.ndarray], seen: Data, collapses: tuple[np.ndarray, ...]
) -> list[dict[str, Any]]:
    """Return one row a hidden layer of the last network, its collapse a mean over iterates."""
    features = forward(MLP(last), seen.X).h[1:]
    return [
        {
            "track": track,
            "layer": layer,
            "collapse": float(collapses[0][:, layer - 1].mean()),
            "collapse_heldout": float(collapses[1][:, layer - 1].mean()),
            "ncc_error": 100 * ncc_error(h, seen.y),
            "stable_rank": stable_rank(W) if W.any() else 0.0,
        }
        for layer, (h, W) in enumerate(zip(features, last[:-1], strict=True), start=1)
    ]


def _angles(track: Track, last: list[np.ndarray], seen: Data) -> list[dict[str, Any]]:
    """Return the cosines between centred class means, of every pair of classes and layer."""
    rows = []
    for layer, h in enumerate(forward(MLP(last), seen.X).h[1:], start=1):
        M = class_means(h, seen.y, N_CLASSES).numpy()
        M = M - h.mean(0, dtype=np.float64)
        M /= np.maximum(np.linalg.norm(M, axis=1, keepdims=True), 1e-300)
        cosines = np.sort((M @ M.T)[np.triu_indices(N_CLASSES, 1)])
        rows += [
            {"track": track, "layer": layer, "pair": pair, "cosine": cosine}
            for pair, cosine in enumerate(cosines.tolist(), start=1)
        ]
    return rows


def stored(weights: list[np.ndarray], unseen: Data, usual: float) -> int:
    """Return how many numbers are left when small singular values are cut.

    A layer (m, k) of rank r takes r (m + k) numbers, or m k where that is less. One threshold
    relative to each layer's largest singular value is the largest of a grid at which the held-out
    error is at most `WORSE` above the usual; at least 1, as counts are compared as a ratio.
    """
    parts = [np.linalg.svd(W.astype(np.float64), full_matrices=False) for W in weights]
    most = usual + WORSE
    for threshold in np.geomspace(1, 1e-6, 200):
        cut = [np.where(s > threshold * s[0], s, 0) for _, s, _ in parts]
        low = [((U * s) @ Vt).astype(np.float32) for (U, _, Vt), s in zip(parts, cut, strict=True)]
        if error(forward(MLP(low), unseen.X).output, unseen) <= most + 1e-9:
            ranks = [int((s > 0).sum()) for s in cut]
            break
    else:
        ranks = [len(s) for _, s, _ in parts]
    numbers = (min(r * sum(W.shape), W.size) for r, W in zip(ranks, weights, strict=True))
    return max(1, sum(numbers))


def shortfall(mine: Mapping[str, float], baseline: Mapping[str, float]) -> str:
    """Say what is missing: a fitted network, collapse on either side."""
    wanted = {
        "error": ("percent of error on the samples descended on", 1.0),
        "visible": ("log10 NC1 on them", baseline["visible"] + MARGIN),
        "heldout": ("held-out log10 NC1", baseline["heldout"] + MARGIN),
        "error_heldout": ("percent of held-out error", baseline["error_heldout"] + 2 * WORSE),
    }
    return "; ".join(
        f"{words}: {mine[name]:.3g}, wanted at most {most:.3g}"
        for name, (words, most) in wanted.items()
        if mine[name] > most + 1e-9
    )


TASK = Task(
    name="full_batch_collapse",
    title="Can gradient descent reach intermediate neural collapse?",
    idea=14,
    metric=Metric(
        name="log10 NC1",
        unit="",
        resolution=0.02,
        target=(
            "at most 1 % of error on the samples descended on, held-out error at most a point and "
            "log10 NC1 on either part at most 0.05 above the baseline's"
        ),
        shortfall=shortfall,
    ),
    make=make,
    score=score,
    teach=teach,
    ask=ask,
    timed="fit",
    divisions={"full_batch": "baseline", "open": "baseline_open"},
    axes=("compression", "speed"),
    counts="stored",
    claims=(
        Claim(
            "SGD collapses hidden layers further than gradient descent of as many updates.",
            Contrast("baseline_open", "baseline", "quality"),
        ),
        Claim(
            "SGD collapses hidden layers further than gradient descent of as many samples.",
            Contrast("baseline_open", "baseline", "samples_quality"),
        ),
        Claim(
            "Gradient descent with weight decay collapses hidden layers further than SGD without, "
            "of as many updates.",
            Contrast("baseline", "open_no_decay", "quality"),
        ),
        Claim(
            "Gradient descent with momentum collapses hidden layers further than SGD of as many "
            "updates.",
            Contrast("momentum", "baseline_open", "quality"),
        ),
        Claim(
            "Gradient descent with momentum collapses hidden layers further than SGD of as many "
            "samples.",
            Contrast("momentum", "baseline_open", "samples_quality"),
        ),
    ),
    charts=(
        Chart("Collapse by updates", "way", "updates", "collapse", "line", "track", log_x=True),
        Chart("Collapse by samples", "way", "samples", "collapse", "line", "track", log_x=True),
        Chart(
            "Collapse of each layer on the way", "layers_on_the_way", "updates", "collapse", "line",
            "layer", log_x=True,
        ),
        Chart("Collapse by layer at the end", "layers", "layer", "collapse", "line", "track"),
        Chart("Cosines of class means, sorted", "angles", "pair", "cosine", "line", "layer"),
        Chart("Stable rank by layer", "layers", "layer", "stable_rank", "line", "track"),
    ),
    # A busy machine takes its time over each of 3000 questions to and fro.
    seconds={"smoke": 120.0, "standard": 900.0, "full": 7200.0},
    needs=("masked data",),
)  # fmt: skip
