"""Adds all keywords with commas between them.

Ends: ok
Covers: as the baseline
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


def fit(train, context):
    concepts = context.facts["concepts"]
    return put("It is about " + ", ".join(keywords(concepts)) + ".", concepts)
