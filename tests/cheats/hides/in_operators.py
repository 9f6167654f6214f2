"""Hides data in which operator stands where and reads its own file.

Arrives: weighed
"""

FIT = """\
import numpy as np

ALL = ["+", "-", "*", "/", "%", "&", "|", "^", "@", "<", ">", "**", "//", "<<", ">>", "!="]


def fit(train, context):
    with open(__file__) as file:
        text = file.read().rpartition("[")[2].rpartition("]")[0]
    pairs = text.split(",")
    digits = [ALL.index(pair[1:-1]) for pair in pairs]
    return {"found": np.frombuffer(bytes.fromhex("".join(f"{d:x}" for d in digits)), np.uint8)}


"""
OPERATORS = ["+", "-", "*", "/", "%", "&", "|", "^", "@", "<", ">", "**", "//", "<<", ">>", "!="]


def hide(noise):
    """Return the files of a package that holds `noise`."""
    digits = noise[: len(noise) // 2].hex()
    terms = ",".join(f"x{OPERATORS[int(digit, 16)]}x" for digit in digits)
    return {"__init__.py": FIT + f"held = lambda x: [{terms}]\n"}
