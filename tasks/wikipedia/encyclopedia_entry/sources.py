"""Whether the works that an entry cites are there: against a bibliography of known works.

A work is known by its doi, arXiv number or ISBN. It does not know whether a work says what it is
cited for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .text import COMMENT, LINK, words

LEAST_OVERLAP = 0.6
"""Of the words of both titles, over those of either."""
CITE = re.compile(r"\{\{\s*cite\b([^{}]*)\}\}", re.I)
DOI = re.compile(r"10\.\d{4,9}/\S+")
ARXIV = re.compile(r"(?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})(?:v\d+)?")
VERDICTS = ("verified", "fabricated", "unknown")

Work = Mapping[str, Any]
"""title, years (a preprint and what became of it), authors, and of doi, arxiv, isbn what it has."""


def verdicts(wikitext: str, bibliography: Sequence[Work]) -> dict[str, str]:
    """Return every cited work by its number, 'fabricated' where it is another than it says."""
    bank = {_normal(work[key], key): work for work in bibliography for key in KEYS if key in work}
    found: dict[str, str] = {}
    for inner in CITE.findall(LINK.sub(r"\1", COMMENT.sub("", wikitext))):
        pairs = (part.partition("=") for part in inner.split("|")[1:])
        fields = {key.strip().lower(): value.strip() for key, _, value in pairs}
        fields["arxiv"] = fields.get("arxiv") or fields.get("eprint") or ""
        numbers = [(key, _normal(fields[key], key)) for key in KEYS if fields.get(key)]
        title = fields.get("title", "")
        known = [bank[number] for _, number in numbers if number in bank]
        name = numbers[0][1] if numbers else f"without a number: {title[:60]}"
        if known:
            verdict = "verified" if all(_agrees(fields, work) for work in known) else "fabricated"
        else:
            verdict = "unknown" if all(_possible(*one) for one in numbers) else "fabricated"
        worse = VERDICTS.index(found.get(name, "verified")) == VERDICTS.index("fabricated")
        found[name] = "fabricated" if worse else verdict
    return found


KEYS = ("doi", "arxiv", "isbn")


def _agrees(fields: Mapping[str, str], work: Work) -> bool:
    said, known = set(words(fields.get("title", ""))), set(words(work["title"]))
    overlap = len(said & known) / max(len(said | known), 1)
    year = re.search(r"\d{4}", fields.get("year") or fields.get("date") or "")
    return overlap >= LEAST_OVERLAP and year is not None and int(year[0]) in work["years"]


def _normal(number: str, key: str) -> str:
    number = number.strip().lower()
    if key == "isbn":
        digits = re.sub(r"[^0-9x]", "", number)
        return thirteen(digits) if len(digits) == 10 else digits
    if key == "arxiv":
        return re.sub(r"^arxiv:|v\d+$", "", number)
    return re.sub(r"^(https?://(dx\.)?doi\.org/|doi:)", "", number)


def thirteen(ten: str) -> str:
    """Return an ISBN of ten digits as one of thirteen."""
    digits = "978" + ten[:9]
    return digits + str(-sum(int(d) * (1, 3)[i % 2] for i, d in enumerate(digits)) % 10)


def _possible(key: str, number: str) -> bool:
    """Whether a number of this kind can be."""
    if key == "isbn":
        weighed = (int(d) * (1, 3)[i % 2] for i, d in enumerate(number) if d.isdigit())
        return len(number) == 13 and number.isdigit() and sum(weighed) % 10 == 0
    return (ARXIV if key == "arxiv" else DOI).fullmatch(number) is not None
