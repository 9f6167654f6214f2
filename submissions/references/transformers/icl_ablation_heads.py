"""Z^1.5 in those heads of the second layer alone that look where the answer stands.

Of the shown sequences it is known where what follows is told by the sequence, and so which keys
tell: those that follow an earlier token like the row's own.
"""

import numpy as np

from submissions.references.transformers.icl_ablation_power import log_sum

SHARE = 0.5
"""Of the largest weight on telling keys that a head needs to be chosen."""


def fit(train, context):
    """Return which heads put most weight on telling keys, bool (H,)."""
    tokens, scores = train["tokens"], train["s1"]
    A = np.exp(scores - scores.max(-1, keepdims=True))
    A /= A.sum(-1, keepdims=True)
    tells = np.zeros((*tokens.shape, tokens.shape[1]), bool)
    tells[:, :, 2:] = tokens[:, :, None] == tokens[:, None, 1:-1]
    on = (A * tells[:, None]).sum(-1).swapaxes(0, 1)[:, train["in_context"]].mean(1)
    return {"chosen": on >= SHARE * on.max()}


def predict(artifact, inputs):
    """Return half of log Z more where it is due."""
    if "scores" not in inputs:
        return {}
    edited = (inputs["layer"] == 1) & artifact["chosen"][inputs["head"]]
    return {"log_divisor": np.where(edited, 0.5 * log_sum(inputs["scores"]), 0)}
