"""Fresh characters: deterministic, in range, and harder as they are told to be."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.ndimage import affine_transform, gaussian_filter1d

from tasks._data import CHARACTERS, glyphs, typeset


def draw(seed: int, n: int = 600, *args: int, **kwargs: float) -> tuple[np.ndarray, np.ndarray]:
    return glyphs(np.random.default_rng(seed), n, *args, **kwargs)


@pytest.mark.parametrize("size", [16, 28])
def test_images_have_the_promised_shape_dtype_and_range(size: int) -> None:
    X, y = draw(0, 1000, size=size)
    assert (X.shape, X.dtype) == ((1000, 1, size, size), np.float32)
    assert (y.shape, y.dtype) == ((1000,), np.int64)
    assert X.min() == 0
    assert 0.9 < X.max() <= 1


def test_the_generator_alone_decides_what_is_drawn() -> None:
    first = draw(3)
    np.random.seed(1)
    torch.manual_seed(1)
    before = np.random.get_state()[1].copy(), torch.get_rng_state()
    second = draw(3)
    np.testing.assert_array_equal(first[0], second[0])
    np.testing.assert_array_equal(first[1], second[1])
    np.testing.assert_array_equal(before[0], np.random.get_state()[1])
    assert torch.equal(before[1], torch.get_rng_state())


def test_other_seeds_and_later_draws_give_other_images() -> None:
    rng = np.random.default_rng(3)
    once, twice = glyphs(rng, 100)[0], glyphs(rng, 100)[0]
    assert not np.array_equal(once, twice)
    assert not np.array_equal(once, draw(4, 100)[0])


def test_no_two_images_of_a_draw_are_equal() -> None:
    X, _ = draw(0, 5000)
    assert len(np.unique(X.reshape(len(X), -1), axis=0)) == len(X)


@pytest.mark.parametrize("n_classes", [2, len(CHARACTERS)])
def test_every_class_is_drawn_about_equally_often(n_classes: int) -> None:
    _, y = draw(0, 200 * n_classes, n_classes)
    counts = np.bincount(y, minlength=n_classes)
    assert len(counts) == n_classes
    assert abs(counts - 200).max() < 5 * np.sqrt(200)


def test_at_difficulty_zero_only_the_faces_differ() -> None:
    X, y = draw(0, 2000, difficulty=0.0)
    for label in range(10):
        assert len(np.unique(X[y == label].reshape(-1, 256), axis=0)) == 12


def test_without_noise_a_character_keeps_its_ink_within_the_image() -> None:
    X, _ = draw(0, 2000, len(CHARACTERS), difficulty=0.0)
    frame = np.ones((16, 16), bool)
    frame[1:-1, 1:-1] = False
    assert X[:, 0, frame].sum() < 1e-3 * X.sum()
    assert X[:, 0, frame].max() < 0.15
    assert X[:, 0].sum((1, 2)).min() > 5


def test_an_easy_classifier_gets_worse_as_difficulty_grows() -> None:
    accuracy = []
    for difficulty in (0.0, 0.4, 1.0):
        X, y = draw(0, 2000, difficulty=difficulty)
        X = X.reshape(len(X), -1)
        means = np.stack([X[:1000][y[:1000] == label].mean(0) for label in range(10)])
        distance = ((X[1000:, None] - means) ** 2).sum(2)
        accuracy.append((distance.argmin(1) == y[1000:]).mean())
    assert accuracy[0] > 0.95
    assert accuracy[0] > accuracy[1] + 0.1 > accuracy[2] + 0.2
    assert accuracy[2] > 0.1  # still above chance


def test_pixels_are_looked_up_as_an_affine_resampling_of_the_typeset_character() -> None:
    rng = np.random.default_rng(0)
    masters = typeset._masters(10, 16)
    master = rng.integers(len(masters), size=20)
    inverse, shift = typeset._placements(rng, 20, 1.0)
    images = typeset._resample(masters, master, inverse, shift, 16)
    centre = np.full(2, (typeset.CANVAS + 1) / 2)
    pitch = typeset.CANVAS / 16
    for image, which, matrix, offset in zip(images, master, inverse, shift, strict=True):
        matrix, offset = matrix[::-1, ::-1].astype(float), offset[::-1]  # rows before columns
        start = centre - matrix @ (7.5 * pitch + typeset.CANVAS * offset)
        reference = affine_transform(
            masters[which].astype(float), matrix * pitch, start, (16, 16), order=1
        )
        np.testing.assert_allclose(image, reference, atol=2e-4)


def test_a_turned_character_keeps_its_ink() -> None:
    masters = typeset._masters(10, 28)
    quarter = np.array([[[0, 1], [-1, 0]]], np.float32)
    upright = typeset._resample(
        masters, np.array([5]), np.eye(2, dtype=np.float32)[None], np.zeros((1, 2), np.float32), 28
    )
    turned = typeset._resample(masters, np.array([5]), quarter, np.zeros((1, 2), np.float32), 28)
    np.testing.assert_allclose(turned[0], np.rot90(upright[0], -1), atol=1e-5)


def test_every_image_is_blurred_by_its_own_gaussian() -> None:
    images = np.random.default_rng(0).random((6, 16, 16), np.float32)
    sigma = np.array([0, 0.3, 0.6, 0.9, 1.2, 1.2], np.float32)
    blurred = typeset._blur(images, sigma)
    np.testing.assert_array_equal(blurred[0], images[0])
    for image, reference, s in zip(blurred[1:], images[1:], sigma[1:], strict=True):
        wanted = gaussian_filter1d(reference, s, axis=0, mode="constant", radius=3)
        np.testing.assert_allclose(image, wanted, atol=1e-5)


def test_paper_is_bare_at_difficulty_zero_and_noisy_at_one() -> None:
    clean, noisy = draw(0, 500, difficulty=0.0)[0], draw(0, 500, difficulty=1.0)[0]
    corner = np.s_[:, 0, 0, 0]
    assert clean[corner].std() == 0
    # Half of a Gaussian clipped at zero; some shifted ink may touch the corner.
    assert abs(noisy[corner].mean() - 0.3 / np.sqrt(2 * np.pi)) < 0.03


def test_no_images_is_a_draw_too() -> None:
    X, y = draw(0, 0)
    assert X.shape == (0, 1, 16, 16)
    assert y.shape == (0,)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_classes": 0}, "n_classes must be 1 to"),
        ({"n_classes": len(CHARACTERS) + 1}, "n_classes must be 1 to"),
        ({"difficulty": 1.1}, r"difficulty must lie in \[0, 1\]"),
        ({"difficulty": float("nan")}, r"difficulty must lie in \[0, 1\]"),
        ({"size": 4}, "size must be at least 8"),
    ],
)
def test_impossible_wishes_are_refused_in_words(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        glyphs(np.random.default_rng(0), 5, **arguments)


def test_the_characters_are_distinct() -> None:
    assert len(set(CHARACTERS)) == len(CHARACTERS)
