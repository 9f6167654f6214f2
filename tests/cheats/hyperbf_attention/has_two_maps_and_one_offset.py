"""Returns two maps and leaves out where centers stand.

Ends: refused
Reason: 'ub0'. is missing
"""

from submissions.baselines.transformers import hyperbf_attention as honest


def fit(train, context):
    return {name: of for name, of in honest.fit(train, context).items() if name[:2] != "ub"}
