"""Whether an entry has the form that an encyclopedia asks for: a share of small rules.

The rules follow Wikipedia's manual of style and the features of Warncke-Wang et al. 2013, as far as
they can be seen without understanding.
"""

from __future__ import annotations

import re

from .text import COMMENT, MATH, REF, TEMPLATE, body, plain, sections, words

LEAD = (40, 300)
"""Words before the first heading."""
LEAST_HEADINGS, LEAST_REFERENCES, LEAST_LINKS = 4, 4, 6
LEAST_CITED = 0.6
"""Share of the body's sections with a reference."""
TARGET = re.compile(r"\[\[([^\[\]|#]*)[^\[\]]*\]\]")
FIRST_PERSON = {"i", "me", "my", "mine", "we", "us", "our", "ours", "myself", "ourselves"}


def rules(wikitext: str) -> dict[str, bool]:
    """Return every rule with whether the entry keeps it."""
    levels = [level for level, _, _ in sections(wikitext)][1:]
    read = body(wikitext)
    lead = read[0][1]
    links = {found.strip() for found in TARGET.findall(COMMENT.sub("", wikitext))}
    own = {link for link in links if link and ":" not in link}
    templates = {found.partition("|")[0].strip().lower() for found in TEMPLATE.findall(wikitext)}
    cited = [REF.search(text) is not None for _, text in read[1:]]
    said = set(words(" ".join(plain(text) for _, text in read)))
    return {
        "no heading of level one": bool(levels) and 1 not in levels,
        "no level skipped": all(b <= a + 1 for a, b in zip([1, *levels], levels, strict=False)),
        "headings": len(levels) >= LEAST_HEADINGS,
        "bold title in the lead": re.search(r"'''[^'\n]+'''", lead) is not None,
        "length of the lead": LEAD[0] <= len(words(plain(lead))) <= LEAD[1],
        "references": len(REF.findall(COMMENT.sub("", wikitext))) >= LEAST_REFERENCES,
        "list of references": "reflist" in templates or "<references" in wikitext.lower(),
        "links": len(own) >= LEAST_LINKS,
        "category": any(link.startswith("Category:") for link in links),
        "sections cited": bool(cited) and sum(cited) >= LEAST_CITED * len(cited),
        "balanced": balanced(wikitext),
        "no first person": not said & FIRST_PERSON,
    }


def balanced(wikitext: str) -> bool:
    """Whether templates, links, formulas and references end where they begin."""
    if len(re.findall(r"<math", wikitext)) != wikitext.count("</math>"):
        return False
    opened = len(re.findall(r"<ref(?![a-z])[^>/]*>", wikitext))
    if opened != wikitext.count("</ref>"):
        return False
    bare = MATH.sub("", COMMENT.sub("", wikitext))  # a formula has braces of its own
    return _closes(bare, "{{", "}}") and _closes(bare, "[[", "]]")


def _closes(text: str, opening: str, closing: str) -> bool:
    depth = 0
    for mark in re.findall(f"{re.escape(opening)}|{re.escape(closing)}", text):
        depth += 1 if mark == opening else -1
        if depth < 0:
            return False
    return depth == 0
