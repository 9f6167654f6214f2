"""Fresh characters in batches, beside a loop over images with Pillow alone."""

from __future__ import annotations

import math
import time
from functools import cache
from pathlib import Path

import numpy as np
from matplotlib import get_data_path
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tasks._data import CHARACTERS, glyphs, typeset


@cache
def _font(face: str, em: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(Path(get_data_path()) / "fonts" / "ttf" / f"{face}.ttf"), em)


def pillow(
    rng: np.random.Generator,
    n: int,
    n_classes: int = 10,
    *,
    size: int = 16,
    difficulty: float = 0.5,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the same family of images one by one: four times as large, deformed, then reduced."""
    big = 4 * size
    em = typeset.EM * big // typeset.CANVAS
    X = np.empty((n, 1, size, size), np.float32)
    y = rng.integers(n_classes, size=n)
    for i in range(n):

        def either_way(most: float) -> float:
            return float(rng.uniform(-difficulty * most, difficulty * most))

        font = _font(typeset.FACES[rng.integers(len(typeset.FACES))], em)
        image = Image.new("L", (big, big))
        draw = ImageDraw.Draw(image)
        left, top, right, bottom = draw.textbbox((0, 0), CHARACTERS[y[i]], font=font)
        corner = (big - left - right) / 2, (big - top - bottom) / 2
        draw.text(corner, CHARACTERS[y[i]], fill=255, font=font)
        angle, shear = either_way(typeset.ROTATION), either_way(typeset.SHEAR)
        scale = math.exp(either_way(typeset.SCALE))
        x0, y0 = (big / 2 + big * either_way(typeset.SHIFT) for _ in range(2))
        cos, sin = math.cos(angle) / scale, math.sin(angle) / scale
        a, b, c, d = cos + shear * sin, sin - shear * cos, -sin, cos
        inverse = (a, b, big / 2 - a * x0 - b * y0, c, d, big / 2 - c * x0 - d * y0)
        image = image.transform(
            (big, big), Image.Transform.AFFINE, inverse, Image.Resampling.BILINEAR
        )
        sigma = rng.random() * difficulty * typeset.BLUR * big / 16
        image = image.filter(ImageFilter.GaussianBlur(sigma)).reduce(big // size)
        ink = np.asarray(image, np.float32) / 255
        ink += difficulty * typeset.NOISE * rng.standard_normal(ink.shape, np.float32)
        X[i, 0] = ink.clip(0, 1)
    return X, y


DRAW = {"harness": glyphs, "pillow": pillow}


class Glyphs:
    """A thousand images of either size, the type already set once."""

    params = (["harness", "pillow"], [16, 28])
    param_names = ("by", "size")
    n = 1024

    def setup(self, by: str, size: int) -> None:
        self.rng = np.random.default_rng(0)
        DRAW[by](self.rng, self.n, size=size)

    def time_glyphs(self, by: str, size: int) -> None:
        DRAW[by](self.rng, self.n, size=size)

    def peakmem_glyphs(self, by: str, size: int) -> None:
        DRAW[by](self.rng, self.n, size=size)

    def track_images_per_second(self, by: str, size: int) -> float:
        """Images a second of processor time, the best of five draws."""
        seconds = []
        for _ in range(5):
            start = time.process_time()
            DRAW[by](self.rng, self.n, size=size)
            seconds.append(time.process_time() - start)
        return self.n / min(seconds)

    track_images_per_second.unit = "images/s"  # type: ignore[attr-defined]
