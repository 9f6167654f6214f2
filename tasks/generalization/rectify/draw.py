"""Objects and their views: two kinds, each split by who may see what.

`affine`: deformed digits, turned, scaled and shifted in the image. `depth`: clouds of blobs, turned
in space. Which classes are never shown, the objects and every pose are drawn from the exam's seed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.vocabulary import Size
from tasks import _data
from tasks._data import blobs, deformed
from tasks._data.scans import FASHION, MNIST

POSES = _data.Poses(np.pi, (float(np.log(0.7)), float(np.log(1.25))), 4.0)
RMS, SIGMA = 0.5 / 1.4, 1.6
"""The deformation of 8 x 8 scans, in their pixels; larger scans are deformed in proportion."""
FILLED = 2.2 * 8 / 28
"""The side of an upright scan over that of the image that shows it."""
SHARE_UNSEEN = 0.3
"""Of the classes of scans."""


@dataclass(frozen=True)
class Counts:
    """How much of one kind there is."""

    train: int
    """Objects that `fit` sees."""
    views: int
    """Views of each of them."""
    asked: int
    """Of the seen objects, how many are asked about in fresh views; new objects of seen classes."""
    unseen: int
    """New objects of unseen classes."""
    seen_classes: int = 6
    """Of blobs; of scans the share is fixed."""
    unseen_classes: int = 2


COUNTS: dict[Size, dict[str, Counts]] = {
    "smoke": {"affine": Counts(200, 10, 60, 60), "depth": Counts(120, 8, 60, 40)},
    "standard": {"affine": Counts(800, 20, 300, 300), "depth": Counts(480, 12, 150, 120)},
    "full": {
        "affine": Counts(20_000, 20, 2000, 2000, 14, 6),
        "depth": Counts(9600, 12, 1200, 480, 24, 8),
    },
}
SIDES: dict[Size, int] = {"smoke": 28, "standard": 28, "full": 40}
N_ASKED_VIEWS = 8


@dataclass(frozen=True)
class Group:
    """Objects in the standard view and in others."""

    canonical: np.ndarray
    """(n, side, side)"""
    label: np.ndarray
    """(n,)"""
    pose: np.ndarray
    """(n, V, p)"""
    view: np.ndarray
    """(n, V, side, side)"""


def groups(rng: np.random.Generator, size: Size, kind: str) -> dict[str, Group]:
    """Draw 'train', 'visible' (fresh views of objects of train), 'heldout' and 'novel'."""
    counts, side = COUNTS[size][kind], SIDES[size]
    draw = _affine if kind == "affine" else _depth
    return draw(rng, size, counts, side)


def _affine(rng: np.random.Generator, size: Size, counts: Counts, side: int) -> dict[str, Group]:
    images, label = _scans(size)
    classes = rng.permutation(label.max() + 1)
    n_seen = len(classes) - round(SHARE_UNSEEN * len(classes))
    place = np.empty_like(classes)  # labels tell nothing of which classes are left out
    place[classes] = np.arange(len(classes))
    order = rng.permutation(len(label))
    seen = order[place[label[order]] < n_seen][: counts.train + counts.asked]
    unseen = order[place[label[order]] >= n_seen][: counts.unseen]
    enlarged = images.shape[1] / 8
    zoom = FILLED * side / images.shape[1]
    reach = _data.Poses(POSES.rotation, POSES.log_scale, POSES.shift * side / 28)

    def show(rows: np.ndarray, n_views: int, objects: np.ndarray) -> Group:
        n = len(rows)
        pose = deformed.draw_poses(rng, reach, n, n_views)
        which = np.repeat(np.arange(n), n_views)
        view = deformed.render(objects, which, pose.reshape(-1, 4), side, zoom)
        upright = deformed.render(objects, np.arange(n), np.zeros((n, 4)), side, zoom)
        return Group(upright, place[label[rows]], pose, view.reshape(n, n_views, side, side))

    def objects_of(rows: np.ndarray) -> np.ndarray:
        return _data.deform(rng, images[rows], RMS * enlarged, SIGMA * enlarged)

    train, heldout = seen[: counts.train], seen[counts.train :]
    objects = objects_of(train)
    return {
        "train": show(train, counts.views, objects),
        "visible": show(train[: counts.asked], N_ASKED_VIEWS, objects[: counts.asked]),
        "heldout": show(heldout, N_ASKED_VIEWS, objects_of(heldout)),
        "novel": show(unseen, N_ASKED_VIEWS, objects_of(unseen)),
    }


def _scans(size: Size) -> tuple[np.ndarray, np.ndarray]:
    """Return scans (n, h, w) in [0, 1] and their classes."""
    if size != "full":
        X, y = _data.digits_arrays()
        return X[:, 0], y
    images, labels = [], []
    for k, (name, revision) in enumerate((MNIST, FASHION)):
        found = _data.hub(name, revision=revision, split="train", columns=("image", "label"))
        image = np.asarray(found.arrays["image"])
        images.append(image.reshape(len(image), *image.shape[-2:]).astype(np.float32) / 255)
        labels.append(np.asarray(found.arrays["label"], dtype=np.int64) + 10 * k)
    return np.concatenate(images), np.concatenate(labels)


def _depth(rng: np.random.Generator, size: Size, counts: Counts, side: int) -> dict[str, Group]:
    del size
    n_seen, n_unseen = counts.seen_classes, counts.unseen_classes
    classes = blobs.templates(rng, n_seen + n_unseen)

    def show(objects: _data.Blobs, label: np.ndarray, n_views: int) -> Group:
        n = len(label)
        pose = blobs.draw_directions(rng, n, n_views)
        which = np.repeat(np.arange(n), n_views)
        view = blobs.look(objects, which, pose.reshape(-1, 2), side)
        frontal = blobs.look(objects, np.arange(n), np.zeros((n, 2)), side)
        return Group(frontal, label, pose, view.reshape(n, n_views, side, side))

    def labels(n: int, first: int, n_classes: int) -> np.ndarray:
        return first + np.arange(n, dtype=np.int64) % n_classes

    known, new = labels(counts.train, 0, n_seen), labels(counts.asked, 0, n_seen)
    strange = labels(counts.unseen, n_seen, n_unseen)
    trained = blobs.objects(rng, classes, known)
    return {
        "train": show(trained, known, counts.views),
        "visible": show(trained, known[: counts.asked], N_ASKED_VIEWS),
        "heldout": show(blobs.objects(rng, classes, new), new, N_ASKED_VIEWS),
        "novel": show(blobs.objects(rng, classes, strange), strange, N_ASKED_VIEWS),
    }
