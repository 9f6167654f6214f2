"""Hides data in a list of numbers.

Arrives: weighed
"""

FIT = """\
import numpy as np


def fit(train, context):
    found = b"".join(number.to_bytes(64, "little") for number in W)
    return {"found": np.frombuffer(found, np.uint8)}


"""


def hide(noise):
    """Return the files of a package that holds `noise`."""
    numbers = [int.from_bytes(noise[i : i + 64], "little") for i in range(0, len(noise), 64)]
    return {"__init__.py": FIT + f"W = {list(map(hex, numbers))}\n".replace("'", "")}
