"""One threshold for all heads, on scores that are estimated in 8 dimensions.

With the second moments C_q, C_k of queries and keys, the best rank-8 form in place of the identity
in q . k is found from the singular values of C_q^(1/2) C_k^(1/2).
"""

import numpy as np

from submissions.references.transformers import attention_sparsity_threshold as threshold

RANK = 8


def fit(train, context):
    """Return two projections a layer and head, half precision."""
    artifact = {}
    for layer in range(context.facts["layers"]):
        q, k = (np.moveaxis(train[f"{letter}{layer}"], 1, 0) for letter in "qk")
        pairs = [
            project(a.reshape(-1, a.shape[-1]), b.reshape(-1, b.shape[-1]))
            for a, b in zip(q, k, strict=True)
        ]
        artifact[f"A{layer}"], artifact[f"B{layer}"] = (
            np.stack(side).astype(np.float16) for side in zip(*pairs, strict=True)
        )
    return artifact


def project(queries, keys):
    """Return A and B, (d_h, RANK), with q A B' k' near q . k over both samples."""
    roots = [root(sample.T @ sample / len(sample)) for sample in (queries, keys)]
    U, s, V = np.linalg.svd(roots[0][0] @ roots[1][0])
    U, V, s = U[:, :RANK], V[:RANK].T, np.sqrt(s[:RANK])
    return roots[0][1] @ U * s, roots[1][1] @ V * s


def root(C):
    """Return the square root of a covariance and its inverse."""
    values, V = np.linalg.eigh(C)
    values = np.sqrt(np.maximum(values, 1e-6 * values[-1]))
    return V * values @ V.T, V / values @ V.T


def predict(artifact, inputs):
    """Threshold the weights of estimated scores."""
    masks = {}
    for layer in range((len(inputs) - 1) // 3):
        query, key = (
            inputs[f"{letter}{layer}"] @ artifact[f"{side}{layer}"].astype(np.float32)
            for letter, side in zip("qk", "AB", strict=True)
        )
        size = inputs[f"q{layer}"].shape[-1]
        masks[f"mask{layer}"] = threshold.largest(query, key, inputs["rho"][0], size)
    return masks
