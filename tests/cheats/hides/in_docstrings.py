"""Hides data in the docstring of a function.

Arrives: no
"""

import base64

FIT = """\
import base64

import numpy as np


def fit(train, context):
    return {"found": np.frombuffer(base64.b64decode(held.__doc__), np.uint8)}


"""


def hide(noise):
    """Return the files of a package that holds `noise`."""
    text = base64.b64encode(noise).decode()
    return {"__init__.py": FIT + f'def held():\n    """{text}"""\n'}
