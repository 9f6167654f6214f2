"""Is the baseline.

Ends: ok
Board: ranked
Covers: as the baseline
"""

from submissions.baselines.wikipedia import encyclopedia_entry as honest

fit = honest.fit
