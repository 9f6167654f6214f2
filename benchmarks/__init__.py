"""Speed, memory and exactness over commits, on one thread.

Every kernel is timed beside the best library's version of the same thing, and its error is tracked
beside its time, so that it cannot become faster by becoming wrong.
"""

import os

# Read by numpy and torch when they are imported, which is after this.
for _variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_variable] = "1"
