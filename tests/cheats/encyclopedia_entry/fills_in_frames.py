"""Adds sentences that say what is asked for in a frame that is the same each time.

Ends: ok
Board: below target
Lacks: variety
"""

import re

from submissions.baselines.wikipedia import encyclopedia_entry as honest


def keywords(concepts):
    """Return the first reading of every pattern, without its marks."""
    firsts = (pattern.split("|")[0] for one in concepts for pattern in one["all_of"])
    return [re.sub(r"[^A-Za-z -]", "", first) for first in firsts]


def put(text, concepts):
    """Return the baseline's entry with a text before its references."""
    draft = honest.pruned(honest.DRAFT, concepts)
    return honest.written(draft.replace("== References ==", text + "\n\n== References =="))


FRAMES = (
    "It is also the case that there is a {} in the sense of this entry",
    "For the same reason one has to speak of the {} of a class of functions",
)


def fit(train, context):
    concepts = context.facts["concepts"]
    lines = [
        FRAMES[number % 2].format(" and the ".join(keywords([one]))) + "."
        for number, one in enumerate(concepts)
    ]
    return put("\n\n".join(lines), concepts)
