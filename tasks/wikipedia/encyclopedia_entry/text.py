"""What of an entry's wikitext is prose, and which of its sentences count.

A sentence counts if it is one: of a usual length, with a share of function words, few commas and
few repetitions. It does not know what a sentence says.

Strangers' markup is read by expressions that take a time proportional to the text, after `check`
has counted its marks: a full parser of wikitext takes minutes for what is never closed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from harness.vocabulary import Refused

# What is never closed goes on to the end, so that no second look for its end is needed.
MATH = re.compile(r"<math[^<>]*>.*?(?:</math>|\Z)", re.S | re.I)
REF = re.compile(r"<ref(?![a-z])[^<>/]*/>|<ref(?![a-z])[^<>]*>.*?(?:</ref>|\Z)", re.S | re.I)
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.S)
CATEGORY = re.compile(r"\[\[Category:[^\]]*\]\]")
WRAPPED = re.compile(r"\n(?=[A-Za-z'\"(\[])")
"""An end of a line that is none of a paragraph."""
LINK = re.compile(r"\[\[(?!Category:)(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]")
TEMPLATE = re.compile(r"\{\{([^{}]*)\}\}")
TAG = re.compile(r"<[^<>]*>")
EXTERNAL = re.compile(r"\[https?:[^\[\]\s]*([^\[\]]*)\]")
TABLE = re.compile(r"^[ \t]*(?:\{\||\|).*$", re.M)
MARKS = re.compile(r"<|\{\{|\[\[|\[http|\n=|\{\|")
MOST_MARKS = 1000
"""Of one kind."""
DEEPEST = 5
"""Templates in templates."""
WORD = re.compile(r"[A-Za-z]+(?:['-][A-Za-z]+)*|\d+(?:\.\d+)?")
ENDS = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[A-Z\"'(])")
APPENDICES = {"references", "see also", "external links", "further reading", "notes"}
SHORT_LINE = 8
LENGTHS = (6, 60)
"""Words of a sentence."""
LEAST_FUNCTION, MOST_COMMAS, LEAST_VARIETY = 0.22, 0.2, 0.5

FUNCTION_WORDS = frozenset(
    """a an the this that these those some any no every each all both either neither such same other
    another one and or but nor so yet if then than as because since while when where whereas whether
    though although until unless of in on at by for with from to into over under between among about
    against through during before after above below up down out off within without upon toward per
    is are was were be been being am do does did has have had having can could may might must shall
    should will would not only also even just very more most much many less least few fewer how what
    which who whom whose why it its itself they them their themselves he him his she her i me my we
    us our you your there here now again once own too still ever never thus hence however
    therefore""".split()
)


def check(wikitext: str) -> None:
    """Refuse a text that has more marks than an entry needs.

    Raises
    ------
    Refused
        Naming the mark.
    """
    for mark, n in Counter(MARKS.findall(wikitext)).items():
        if n > MOST_MARKS:
            raise Refused(f"An entry has at most {MOST_MARKS} marks {mark!r}, got {n}.")


def sections(wikitext: str) -> Iterator[tuple[int, str, str]]:
    """Yield level, heading and text of each section; the lead's are 0 and ''."""
    level, head, lines = 0, "", []
    for line in COMMENT.sub("", wikitext).split("\n"):
        bare = line.strip()
        inner = bare.strip("=")
        if bare.startswith("=") and bare.endswith("=") and inner.strip():
            yield level, head, "\n".join(lines)
            level = min(len(bare) - len(bare.lstrip("=")), len(bare) - len(bare.rstrip("=")))
            head, lines = inner.strip(), []
        else:
            lines.append(line)
    yield level, head, "\n".join(lines)


def body(wikitext: str) -> list[tuple[str, str]]:
    """Return (heading, text) of the lead, '', and of every section that is no appendix."""
    found = sections(wikitext)
    return [(head, text) for _, head, text in found if head.lower() not in APPENDICES]


def plain(wikitext: str) -> str:
    """Return prose without markup; a formula becomes the word X."""
    bare = REF.sub("", MATH.sub(" X ", COMMENT.sub("", CATEGORY.sub("", wikitext))))
    for _ in range(DEEPEST):
        bare = TEMPLATE.sub("", bare)
    bare = TAG.sub("", EXTERNAL.sub(r"\1", LINK.sub(r"\1", TABLE.sub("", bare))))
    bare = re.sub(r"'{2,}", "", WRAPPED.sub(" ", bare))
    return re.sub(r"^[*#:; \t]+", "", bare, flags=re.M)


def sentences(wikitext: str) -> list[str]:
    """Return the sentences of the body's paragraphs of at least `SHORT_LINE` words, in order."""
    found = []
    for _, text in body(wikitext):
        for line in plain(text).splitlines():
            if len(words(line)) >= SHORT_LINE:
                found += [one for one in ENDS.split(" ".join(line.split())) if one]
    return found


def counts(sentence: str) -> bool:
    """Whether it is a sentence and no list of keywords."""
    own = words(sentence)
    n = len(own)
    if not LENGTHS[0] <= n <= LENGTHS[1]:
        return False
    return (
        sum(word in FUNCTION_WORDS for word in own) >= LEAST_FUNCTION * n
        and sentence.count(",") + sentence.count(";") <= MOST_COMMAS * n
        and len(set(own)) >= LEAST_VARIETY * n
    )


def words(text: str) -> list[str]:
    """Return lower-case words and numbers."""
    return [word.lower() for word in WORD.findall(text)]


def grams(text: str, length: int) -> set[tuple[str, ...]]:
    """Return every run of so many words."""
    own = words(text)
    return {tuple(own[at : at + length]) for at in range(len(own) - length + 1)}
