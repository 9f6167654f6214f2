r"""Returns the dense network at every budget.

Ends: refused
Reason: fit \(13000 bytes\) must fit into its budget: its code has 2\d{4} bytes
"""

from submissions.references.generalization.pruning_dense import fit  # noqa: F401
