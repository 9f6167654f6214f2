"""Can an autoencoder learn to show any object in the standard view?

Idea: 19, invariant autoencoders. An oracle rectifies images of objects to a standard viewpoint:
    train a deep autoencoder to do the same, first for scaling, translation and rotation in the
    image plane, which "should work", then for rotation in depth.

Papers: Anselmi, Leibo, Rosasco, Mutch, Tacchetti, Poggio, Unsupervised Learning of Invariant
    Representations in Hierarchical Architectures, arXiv 1311.4158. Leibo, Liao, Anselmi, Poggio,
    The Invariance Hypothesis Implies Domain-Specific Regions in Visual Cortex, PLOS Comp. Biol.
    11 (2015). Jaderberg, Simonyan, Zisserman, Kavukcuoglu, Spatial Transformer Networks, NIPS
    2015. Hinton, Krizhevsky, Wang, Transforming Auto-encoders, ICANN 2011. None was checked;
    nothing here rests on their numbers.

Question: How well is an object seen for the first time rectified, of a known class and of an
    unknown one; how invariant is the result; and does one example a class then go further? The
    theory: what is a group of maps of images transfers from any object to any other, rotation in
    depth only within a class of similar objects.

fit: called once for each kind, which `context.facts["kind"]` names. `train` holds view, float32
    (n, V, side, side) in [0, 1], each object from V viewpoints that nobody tells; canonical,
    float32 (n, side, side), the same objects in the standard view; label, int64 (n,).
    `affine`: digits of 8 x 8 pixels, each deformed at random, turned by any angle, scaled by 0.7
    to 1.25 and shifted by up to 4 pixels. `depth`: ten Gaussian blobs in the unit ball, turned by
    up to 60 degrees about the vertical and 20 about the horizontal axis. `effort` is 1, and less
    at smoke size: how much work is expected.

predict: called once with image, float32 (m, side, side), and kind, int64 (m,): 0 for affine, 1 for
    depth. The artifact has every array of both calls of fit under the kind's name, as 'affine/W'.
    It returns image, float of the same shape: the object in the standard view.

visible: fraction of variance unexplained, FVU, the squared error over that of the mean standard
    view of train, on fresh views of objects of train; mean of both kinds. 1 is the mean image.

held-out: the same on views of new objects of the same classes.

quality: the held-out FVU. Ranked are submissions that explain (1 - FVU), on either kind, on seen
    and on new objects, at least 2/3 of what the baseline explains on new objects. A prototype's
    targets, an FVU of at most 0.85 (affine) and 0.60 (depth) where its baseline had 0.77 and 0.425,
    are this ratio within 0.02; the mean image explains nothing and cannot reach it. The digits are
    public, but lookup does not pay: each is deformed by its own random field, in train and in
    the questions, so that the scan which a view resembles most is further from the standard view
    than what `moments` learns to answer (a test holds it). Still scikit-learn's copy is to be out
    of reach, and trials in which it was not are not ranked.

baseline: a dense autoencoder, 784-256-48-256-784, trained on the squared error by AdamW.
    References: the same behind a normalization of the image's moments (affine), a convolutional
    one; failed: a spatial transformer; naive: moments alone, the nearest training view, the view
    itself, the mean image. Bytes are those of the artifact, the clock is that of `predict`.

claim: One autoencoder leaves less unexplained of a new object than the mean image does, by a
    tenth. One labelled example a class goes further on its outputs than on pixels. A group's
    rectification transfers: with moments taken out, the same holds on classes never seen. Depth is
    class-specific: on classes never seen the autoencoder is worse than the view itself.

extra: for either kind the FVU on seen, new and `novel` objects (of classes never seen; the standard
    view of an unknown digit is not defined, so this is shown and not ranked), the orbit ratio
    (0: every view of an object gives the same output; 1: views differ as much as objects do, and by
    definition for a constant), and the accuracy of a nearest neighbour with one labelled view a
    class, on outputs and on pixels; series by pose and by number of labelled views.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from harness import arrays as named
from harness.kernels.orbit_ratio import orbit_ratio
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
from tasks._data import blobs

from . import draw

KINDS = ("affine", "depth")
ASKED = ("visible", "heldout", "novel")
SHOTS = (1, 2, 4, 8)
N_DRAWS = 20
"""Random choices of the labelled views over which accuracies are averaged."""
SHARE = 2 / 3
"""Of what the baseline explains, how much is to be explained."""
DEGREE = np.pi / 180
PARAMETERS = {
    "affine": {
        "rotation": (0, DEGREE, (-draw.POSES.rotation, draw.POSES.rotation)),
        "log_scale": (1, 1.0, draw.POSES.log_scale),
    },
    "depth": {
        "yaw": (0, DEGREE, (-blobs.YAW, blobs.YAW)),
        "pitch": (1, DEGREE, (-blobs.PITCH, blobs.PITCH)),
    },
}
"""Which column of a pose errors are shown by, in which unit, and its range."""
N_BINS = 12


def make(seed: int, size: Size) -> Exam:
    """Draw objects of both kinds, their views, and the order of the questions."""
    train: Arrays = {}
    truth: Arrays = {}
    images, kinds = [], []
    for index, kind in enumerate(KINDS):
        rng = np.random.default_rng([seed, index])
        drawn = draw.groups(rng, size, kind)
        learned = drawn["train"]
        train |= {
            f"{kind}/view": learned.view,
            f"{kind}/canonical": learned.canonical,
            f"{kind}/label": learned.label,
        }
        for name in ASKED:
            group = drawn[name]
            images.append(group.view.reshape(-1, *group.view.shape[2:]))
            kinds.append(np.full(len(images[-1]), index, np.int64))
            truth |= {
                f"{kind}/{name}/canonical": group.canonical,
                f"{kind}/{name}/label": group.label,
                f"{kind}/{name}/pose": group.pose,
            }
            if name != "visible":
                truth[f"{kind}/{name}/shown"] = _shown(rng, group.label)
    order = np.random.default_rng([seed, len(KINDS)]).permutation(sum(map(len, kinds)))
    truth["place"] = np.argsort(order)
    return Exam(
        train=train,
        inputs={"image": np.concatenate(images)[order], "kind": np.concatenate(kinds)[order]},
        truth=truth,
        facts={
            "kinds": list(KINDS),
            "side": draw.SIDES[size],
            "effort": 0.2 if size == "smoke" else 1.0,
        },
    )


def _shown(rng: np.random.Generator, label: np.ndarray) -> np.ndarray:
    """Choose labelled views: (N_DRAWS, n_classes, shots, 2) of object and view, objects distinct.

    As many as the last of `SHOTS`, or half of the objects of the smallest class.
    """
    members = [np.flatnonzero(label == each) for each in np.unique(label)]
    most = max(1, min(SHOTS[-1], min(map(len, members)) // 2))
    objects = [[rng.permutation(rows)[:most] for rows in members] for _ in range(N_DRAWS)]
    views = rng.integers(draw.N_ASKED_VIEWS, size=(N_DRAWS, len(members), most))
    return np.stack([np.array(objects), views], -1)


def teach(exam: Exam, fit: Fit) -> Arrays:
    """Call `fit` once for each kind; the artifact has its arrays under the kind's name."""
    artifact: Arrays = {}
    for kind in KINDS:
        train = named.part(exam.train, kind)
        learned = named.check(fit(train, {"kind": kind}), f"fit ({kind})")
        artifact |= {f"{kind}/{name}": array for name, array in learned.items()}
    return artifact


# ---------------------------------------------------------------------------------------------


def score(exam: Exam, artifact: Arrays, outputs: Arrays) -> Scores:
    """Hold the outputs against the standard views, kind by kind."""
    del artifact
    named.require(outputs, {"image": exam.inputs["image"].shape}, "predict")
    place = exam.truth["place"]
    answers, questions = outputs["image"][place], exam.inputs["image"][place]
    extra: dict[str, float] = {}
    stderr = 0.0
    rows: dict[str, list[dict[str, Any]]] = {"errors": [], "poses": [], "shots": []}
    start = 0
    for kind in KINDS:
        mean = exam.train[f"{kind}/canonical"].mean(0, dtype=np.float64)
        for name in ASKED:
            truth = {
                key: exam.truth[f"{kind}/{name}/{key}"] for key in ("canonical", "label", "pose")
            }
            n, n_views = truth["pose"].shape[:2]
            part = slice(start, start + n * n_views)
            start = part.stop
            shape = (n, n_views, *mean.shape)
            answer, view = answers[part].reshape(shape), questions[part].reshape(shape)
            error, scale = _errors(answer, truth["canonical"], mean)
            fvu = error.sum() / scale.sum()
            orbit = orbit_ratio(answer)
            extra |= {f"{kind}_{name}": float(fvu), f"{kind}_{name}_orbit": orbit}
            rows["errors"].append({"kind": kind, "cases": name, "fvu": fvu, "orbit": orbit})
            if name == "visible":
                continue
            rows["poses"] += _by_pose(kind, name, truth["pose"], error, scale)
            shown = exam.truth[f"{kind}/{name}/shown"]
            for what, z in (("", answer), ("_of_pixels", view)):
                accuracy = _few_shots(z, truth["label"], shown)
                extra[f"{kind}_{name}_one_shot{what}"] = accuracy[1]
                if not what:
                    rows["shots"] += [
                        {"classes": f"{kind}, {_classes(name)}", "shots": shots, "accuracy": value}
                        for shots, value in accuracy.items()
                    ]
            if name == "heldout":
                rest = error.sum(1) - fvu * scale.sum(1)  # views of an object stand together
                stderr += float(np.sum(rest**2)) / float(scale.sum()) ** 2
    visible, heldout = (
        float(np.mean([extra[f"{kind}_{name}"] for kind in KINDS]))
        for name in ("visible", "heldout")
    )
    return Scores(
        visible=visible,
        heldout=heldout,
        quality=heldout,
        stderr=float(np.sqrt(stderr)) / len(KINDS),
        extra=extra,
        series={
            name: {key: np.asarray([row[key] for row in table]) for key in table[0]}
            for name, table in rows.items()
        },
    )


def _errors(
    answer: np.ndarray, canonical: np.ndarray, mean: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return squared errors of the answers and of the mean image, (n, V) each."""
    wanted = canonical.astype(np.float64)
    error = np.stack(
        [((answer[:, v] - wanted) ** 2).sum((1, 2)) for v in range(answer.shape[1])], 1
    )
    scale = ((wanted - mean) ** 2).sum((1, 2))
    return error, np.broadcast_to(scale[:, None], error.shape)


def _classes(cases: str) -> str:
    return "seen classes" if cases == "heldout" else "unseen classes"


def _by_pose(
    kind: str, cases: str, pose: np.ndarray, error: np.ndarray, scale: np.ndarray
) -> list[dict[str, Any]]:
    """Return FVU by each parameter of the pose, in bins of equal width."""
    classes = _classes(cases)
    rows = []
    for parameter, (column, unit, ends) in PARAMETERS[kind].items():
        edges = np.linspace(*ends, N_BINS + 1)  # the same in every exam, to be averaged
        bins = np.clip(np.digitize(pose[:, :, column], edges) - 1, 0, N_BINS - 1)
        for b in np.unique(bins):
            here = bins == b
            rows.append(
                {
                    "parameter": f"{parameter}, {classes}",
                    "value": float(edges[b : b + 2].mean() / unit),
                    "fvu": float(error[here].sum() / scale[here].sum()),
                }
            )
    return rows


def _few_shots(z: np.ndarray, label: np.ndarray, shown: np.ndarray) -> dict[int, float]:
    """Return the accuracy of the nearest labelled output, by the number of labelled views a class.

    Each is a mean over draws, and over all views of the objects of which none is labelled.
    """
    n, n_views = z.shape[:2]
    z = z.reshape(n, n_views, -1).astype(np.float64)
    known = z[shown[..., 0], shown[..., 1]]  # (draws, n_classes, shots, side * side)
    # One product of matrices for all draws; what is the same for every labelled view is left out.
    product = z.reshape(n * n_views, -1) @ known.reshape(-1, z.shape[2]).T
    distance = (known**2).sum(3) - 2 * product.reshape(n, n_views, *known.shape[:3])
    classes = np.unique(label)
    found: dict[int, list[float]] = {}
    for turn, objects in enumerate(shown[..., 0]):
        rest = np.setdiff1d(np.arange(n), objects)
        for shots in SHOTS:
            if shots <= objects.shape[1]:
                nearest = distance[rest, :, turn, :, :shots].min(3).argmin(2)
                right = float(np.mean(classes[nearest] == label[rest, None]))
                found.setdefault(shots, []).append(right)
    return {shots: float(np.mean(values)) for shots, values in found.items()}


def shortfall(mine: Mapping[str, float], baseline: Mapping[str, float]) -> str:
    """Say where less is explained than the target, relative to the baseline, asks for."""
    lacking = []
    for kind in KINDS:
        least = SHARE * (1 - baseline[f"{kind}_heldout"])
        for name, words in (("visible", "seen"), ("heldout", "new")):
            explained = 1 - mine[f"{kind}_{name}"]
            if not explained >= least:
                lacking.append(
                    f"{kind}: {explained:.3f} explained on {words} objects, "
                    f"wanted at least {least:.3f}"
                )
    return "; ".join(lacking)


TASK = Task(
    name="rectify",
    title="Can an autoencoder learn to show any object in the standard view?",
    idea=19,
    metric=Metric(
        name="held-out error",
        unit="FVU",
        resolution=0.02,
        target=(
            "on either kind, on seen and on new objects, 1 - FVU at least 2/3 of the baseline's "
            "on new objects"
        ),
        shortfall=shortfall,
    ),
    make=make,
    score=score,
    teach=teach,
    timed="predict",
    axes=("compression", "speed"),
    claims=(
        Claim(
            "An autoencoder rectifies new objects turned, scaled and shifted in the image: their "
            "FVU is a tenth below that of the mean image.",
            Contrast("baseline", "mean", "affine_heldout", margin=-0.1),
        ),
        Claim(
            "One labelled view a class goes further on rectified digits than on their pixels.",
            Contrast("identity", "baseline", "affine_heldout_one_shot"),
        ),
        Claim(
            "A group's rectification transfers: with moments taken out, one labelled view goes "
            "further than pixels on classes of digits never seen.",
            Contrast("identity", "moments", "affine_novel_one_shot"),
        ),
        Claim(
            "Rectification in depth is class-specific: on classes never seen an autoencoder is "
            "worse than the view itself.",
            Contrast("identity", "baseline", "depth_novel"),
        ),
    ),
    charts=(
        Chart("What is left unexplained", "errors", "cases", "fvu", "bar", "kind"),
        Chart("How much the viewpoint still shows", "errors", "cases", "orbit", "bar", "kind"),
        Chart("Error by pose", "poses", "value", "fvu", facet="parameter"),
        Chart(
            "Accuracy by labelled views a class",
            "shots",
            "shots",
            "accuracy",
            facet="classes",
            log_x=True,
        ),
    ),
    seconds={"smoke": 30.0, "standard": 180.0, "full": 7200.0},
    needs=("masked data",),
)
