"""Objects in depth: deterministic, in range, and turned as they are told to be."""

from __future__ import annotations

import numpy as np
import pytest

from tasks._data import blobs

SIDE = 28


def draw(seed: int, n: int = 60, n_classes: int = 6) -> tuple[blobs.Blobs, blobs.Blobs, np.ndarray]:
    rng = np.random.default_rng(seed)
    classes = blobs.templates(rng, n_classes)
    label = np.arange(n) % n_classes
    return classes, blobs.objects(rng, classes, label), label


def point(y: float, x: float, z: float) -> blobs.Blobs:
    """Return an object of one blob."""
    one = np.ones((1, 1))
    return blobs.Blobs(np.array([[[y, x, z]]]), 0.15 * one, one)


def seen_at(image: np.ndarray) -> np.ndarray:
    """Return (y, x) of the light's centroid, in the units of the object."""
    pixels = ((np.arange(len(image)) + 0.5) / len(image) * 2 - 1) * blobs.REACH
    return np.array([image.sum(1) @ pixels, image.sum(0) @ pixels]) / image.sum()


def test_the_generator_alone_decides_what_is_drawn() -> None:
    first, again, other = draw(0), draw(0), draw(1)
    np.random.seed(1)
    for k in range(2):
        for name in ("points", "widths", "amplitudes"):
            a, b, c = (getattr(each[k], name) for each in (first, again, other))
            np.testing.assert_array_equal(a, b)
            assert not np.array_equal(a, c)


def test_templates_fill_the_unit_ball_and_their_ranges() -> None:
    classes = blobs.templates(np.random.default_rng(0), 2000)
    radius = np.linalg.norm(classes.points, axis=-1)
    assert radius.max() <= 1
    # Uniform in a ball: the cube of the radius is uniform on [0, 1].
    assert np.abs(np.quantile(radius**3, [0.25, 0.5, 0.75]) - [0.25, 0.5, 0.75]).max() < 0.01
    assert np.abs(classes.points.mean((0, 1))).max() < 0.02
    for values, (low, high) in (
        (classes.widths, blobs.WIDTH),
        (classes.amplitudes, blobs.AMPLITUDE),
    ):
        assert low <= values.min() < low + 1e-3 and high - 1e-3 < values.max() <= high


def test_an_object_is_near_its_template_and_not_on_it() -> None:
    classes, objects, label = draw(0, n=3000)
    moved = objects.points - classes.points[label]
    assert moved.std() == pytest.approx(blobs.DISPLACED, rel=0.02)
    brighter = np.log(objects.amplitudes / classes.amplitudes[label])
    assert brighter.std() == pytest.approx(blobs.BRIGHTER, rel=0.02)
    np.testing.assert_array_equal(objects.widths, classes.widths[label])


def test_directions_fill_their_ranges() -> None:
    direction = blobs.draw_directions(np.random.default_rng(0), 100, 50)
    assert direction.shape == (100, 50, 2)
    most = np.abs(direction).max((0, 1))
    assert (most <= [blobs.YAW, blobs.PITCH]).all()
    np.testing.assert_allclose(most, [blobs.YAW, blobs.PITCH], rtol=0.01)


def test_a_blob_is_seen_where_its_point_is_turned_to() -> None:
    y, x, z = 0.3, -0.2, 0.5
    for yaw, pitch in ((0.0, 0.0), (0.9, 0.0), (0.0, 0.3), (-0.7, -0.25)):
        turned = np.cos(yaw) * x + np.sin(yaw) * z
        depth = np.cos(yaw) * z - np.sin(yaw) * x
        wanted = np.cos(pitch) * y - np.sin(pitch) * depth, turned
        image = blobs.look(point(y, x, z), np.array([0]), np.array([[yaw, pitch]]), SIDE)[0]
        np.testing.assert_allclose(seen_at(image), wanted, atol=1e-3)


def test_what_lies_on_the_axis_of_a_turn_stays() -> None:
    high = blobs.look(
        point(0.6, 0, 0), np.zeros(3, int), np.array([[t, 0] for t in (-1, 0, 1)]), 28
    )
    wide = blobs.look(
        point(0, 0.6, 0), np.zeros(3, int), np.array([[0, t] for t in (-1, 0, 1)]), 28
    )
    for views in (high, wide):
        np.testing.assert_allclose(views[0], views[1], atol=1e-6)
        np.testing.assert_allclose(views[2], views[1], atol=1e-6)


def test_views_have_the_promised_shape_dtype_and_range_and_differ() -> None:
    _, objects, label = draw(0)
    which = np.repeat(np.arange(len(label)), 5)
    direction = blobs.draw_directions(np.random.default_rng(1), len(which))
    views = blobs.look(objects, which, direction, SIDE)
    assert (views.shape, views.dtype) == ((300, SIDE, SIDE), np.float32)
    assert views.min() >= 0 and 0.5 < views.max() <= 1
    assert len(np.unique(views.reshape(300, -1), axis=0)) == 300


def test_light_adds_up_until_it_saturates() -> None:
    one = point(0.05, 0.05, 0)
    single = blobs.look(one, np.array([0]), np.zeros((1, 2)), SIDE)
    double = blobs.Blobs(one.points, one.widths, 2 * one.amplitudes)
    np.testing.assert_allclose(
        blobs.look(double, np.array([0]), np.zeros((1, 2)), SIDE), 2 * single, rtol=1e-5
    )
    bright = blobs.Blobs(one.points, one.widths, 10 * one.amplitudes)
    assert blobs.look(bright, np.array([0]), np.zeros((1, 2)), SIDE).max() == 1


def test_a_class_is_one_in_every_view() -> None:
    """Frontal views of a class are nearer each other than those of two classes."""
    _, objects, label = draw(0)
    views = blobs.look(objects, np.arange(60), np.zeros((60, 2)), SIDE).reshape(60, -1)
    distance = np.linalg.norm(views[:, None] - views, axis=2)
    same = label[:, None] == label
    assert distance[same & ~np.eye(60, dtype=bool)].mean() < 0.8 * distance[~same].mean()
