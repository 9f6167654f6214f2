"""Returns maps of the first layer alone.

Ends: refused
Reason: 'A1'. is missing
"""

from submissions.baselines.transformers import hyperbf_attention as honest


def fit(train, context):
    return {name: of for name, of in honest.fit(train, context).items() if name[-1] == "0"}
