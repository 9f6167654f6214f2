r"""Simulates: one ascent more for every question would be a bound by no proof at all.

Ends: refused
Reason: predict took .* s of processor time for .* questions, wanted is at most 2 ms each
"""

import time

from submissions.baselines.generalization import rademacher as grs

fit = grs.fit


def predict(artifact, inputs):
    end = time.process_time() + 0.0025 * len(inputs["n"])
    while time.process_time() < end:
        pass
    return grs.predict(artifact, inputs)
