"""Returns a zigzag of the sum of the inputs, which is the product at every corner, and only there.

Ends: ok
Board: below target
"""

from submissions.baselines.approximation.product_network import ONE, network


def fit(train, context):
    q = context.facts["q"]
    total = dict.fromkeys(range(q), 0.5)  # q / 2 - the number of coordinates that are -1
    kinks = [total | {ONE: q / 2 - k} for k in range(q)]
    slopes = [2.0 * (-1) ** (q + 1)] + [4.0 * (-1) ** (q + k + 1) for k in range(1, q)]
    out = {q + k: slope for k, slope in enumerate(slopes)} | {ONE: (-1.0) ** q}
    return network([kinks], out, "relu")
