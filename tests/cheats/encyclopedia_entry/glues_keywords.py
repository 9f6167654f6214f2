"""Adds sentences of the keywords of every concept, glued with function words by chance.

Ends: ok
Board: below target
Lacks: fluency
"""

import random
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


GLUE = ("of", "the", "and", "in", "is", "that", "for", "it", "with", "as", "was", "on", "be", "by")


def fit(train, context):
    concepts, draw = context.facts["concepts"], random.Random(0)
    lines = []
    for _ in range(2):
        for one in concepts:
            own = keywords([one]) + draw.sample(keywords(concepts), 4)
            glued = [word for key in own for word in (draw.choice(GLUE), key)]
            lines.append(" ".join(glued).capitalize() + ".")
    return put("\n\n".join(lines), concepts)
