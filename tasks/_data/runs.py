"""Many training runs one after another, a row each, kept on disk.

What is kept stands under a hash of the recipe and of the text of everything that made it: the
module that measures, the kernels, what tasks share, and the versions of numpy, scipy and torch. So
a change of any of them trains anew, and a bank that was interrupted goes on where it stopped. It
knows nothing of what is measured, and nothing of exams.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
import scipy

from harness import arrays, kernels
from harness.vocabulary import Arrays, Refused

Recipe = Mapping[str, Any]
"""Plain JSON values: all that a run depends on, its seed included."""


def runs(
    recipes: Sequence[Recipe],
    measure: Callable[..., Mapping[str, float | np.ndarray]],
    cache: Path | None = None,
) -> Arrays:
    """Return what was measured of every run, one row a recipe.

    Parameters
    ----------
    recipes
        At least one.
    measure
        A function of a module, called as `measure(**recipe)`: it trains and returns named numbers
        or arrays, of the same names and shapes for every recipe. NaN is allowed.
    cache
        Folder for what was measured; None for one in the user's cache folder.

    Raises
    ------
    Refused
        There are no recipes, or a recipe holds other than JSON values.
    """
    if not recipes:
        raise Refused("A bank needs at least one recipe, got none.")
    folder = cache or Path(platformdirs.user_cache_dir("theory-harness", appauthor=False)) / "runs"
    folder.mkdir(parents=True, exist_ok=True)
    maker = _maker(measure)
    rows = [_row(recipe, measure, maker, folder) for recipe in recipes]
    return {name: np.stack([row[name] for row in rows]) for name in rows[0]}


def _maker(measure: Callable[..., Any]) -> str:
    """Return a hash of everything but the recipe that a run depends on."""
    texts = [inspect.getsource(inspect.getmodule(measure) or measure), measure.__qualname__]
    texts += [np.__version__, scipy.__version__, version("torch")]
    for folder in (Path(kernels.__path__[0]), Path(__file__).parent):
        texts += [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py"))]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def _row(recipe: Recipe, measure: Callable[..., Any], maker: str, folder: Path) -> Arrays:
    try:
        text = json.dumps([maker, recipe], sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise Refused(f"A recipe must be plain JSON values, got {recipe}: {error}.") from error
    path = folder / f"{hashlib.sha256(text.encode()).hexdigest()}.safetensors"
    if path.exists():
        return arrays.load(path.read_bytes())
    row = {name: np.asarray(value) for name, value in measure(**recipe).items()}
    # Whole or not at all, also where another process makes the same.
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        file.write(arrays.write(row))
    os.replace(file.name, path)
    return row
