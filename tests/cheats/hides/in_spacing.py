"""Hides data in spaces and tabs and reads its own file.

Arrives: weighed
"""

FIT = """\
import numpy as np


def fit(train, context):
    with open(__file__) as file:
        spaces = file.read().rpartition("(")[2].rpartition("0")[0]
    bits = np.array([space == "\\t" for space in spaces], np.uint8)
    return {"found": np.packbits(bits)}


"""


def hide(noise):
    """Return the files of a package that holds `noise`."""
    bits = "".join(f"{byte:08b}" for byte in noise[: len(noise) // 2])
    spaces = bits.replace("0", " ").replace("1", "\t")
    return {"__init__.py": FIT + f"x = ({spaces}0)\n"}
