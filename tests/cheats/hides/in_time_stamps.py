"""Hides data in the time stamps of many files.

Arrives: no
"""

import os

FIT = """\
import os

import numpy as np


def fit(train, context):
    folder = os.path.dirname(__file__)
    names = sorted(name for name in os.listdir(folder) if name.isdecimal())
    times = [int(os.stat(os.path.join(folder, name)).st_mtime) for name in names]
    return {"found": np.array(times, np.uint32).view(np.uint8)}
"""


def hide(noise):
    """Return the files of a package that holds `noise`."""
    return {"__init__.py": FIT, **{f"{i:04}": "" for i in range(len(noise[:2000]) // 4)}}


def touch(folder, noise):
    """Set the time stamps; four bytes each."""
    for i in range(len(noise[:2000]) // 4):
        seconds = int.from_bytes(noise[4 * i : 4 * i + 4], "little")
        os.utime(folder / f"{i:04}", (seconds, seconds))
