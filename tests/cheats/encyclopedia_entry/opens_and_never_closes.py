"""Opens thousands of marks, on which parsers of wikitext take minutes.

Ends: refused
Reason: at most 1000 marks
"""

import numpy as np


def fit(train, context):
    return {"wikitext": np.frombuffer(b"<ref " * 8000, dtype=np.uint8)}
