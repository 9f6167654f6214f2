"""How usual the order of words is: a trigram model over function words and the endings of others.

It is trained on the prose of Python's own documentation, `pydoc_data.topics`, which every Python
has; another version of Python has another text, so `source()` goes with what is measured. It tells
glued keywords from prose and no more: what a language model writes passes. What frames a writer
fills in again and again it does not see; `variety` does.
"""

from __future__ import annotations

import functools
import hashlib
import math
import random
import re
from collections import Counter

from .text import FUNCTION_WORDS, LENGTHS, words

WEIGHTS = (0.6, 0.25, 0.1, 0.05)
"""Of three, two, one and no tokens."""
RUN = 5
"""Tokens of a run that is not to come again."""
EDGE = "|"
ENDINGS = ("tion", "ment", "ness", "ing", "ity", "ous", "ive", "ble", "ed", "ly", "al", "ic",
           "er", "s")  # fmt: skip
"""Of words that are no function words, in the order in which they are looked for."""


def tokens(sentence: str) -> list[str]:
    """Return function words as they are, others as their ending."""
    return [word if word in FUNCTION_WORDS else _shape(word) for word in words(sentence)]


def _shape(word: str) -> str:
    if word[0].isdigit():
        return "#"
    return "~" + next((ending for ending in ENDINGS if word.endswith(ending)), "")


def source() -> str:
    """Return the hash of the text that the model is trained on."""
    return hashlib.sha256("\n".join(training()).encode()).hexdigest()[:16]


@functools.cache
def training() -> tuple[str, ...]:
    """Return the prose sentences of Python's documentation."""
    from pydoc_data import topics  # megabytes that a listing of tasks need not read

    found = []
    for text in topics.topics.values():
        for paragraph in re.split(r"\n\s*\n", text):
            lines = paragraph.splitlines()
            if any(line.startswith((" " * 5, ">>>", "*", "|")) for line in lines):
                continue  # code, lists, tables
            flat = re.sub(r'[*"`]', "", " ".join(paragraph.split()))
            for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z])", flat):
                n = len(words(sentence))
                if LENGTHS[0] <= n <= LENGTHS[1] and re.match(r"[A-Z].*[.!?]$", sentence):
                    found.append(sentence)
    return tuple(found)


Model = tuple[Counter[tuple[str, ...]], Counter[tuple[str, ...]], int]


@functools.cache
def model() -> Model:
    """Return counts of runs of tokens, counts of what precedes them, and the number of kinds."""
    return learned(training())


def learned(text: tuple[str, ...]) -> Model:
    """Count runs of one to three tokens."""
    runs: Counter[tuple[str, ...]] = Counter()
    before: Counter[tuple[str, ...]] = Counter()
    for sentence in text:
        padded = [EDGE, EDGE, *tokens(sentence), EDGE]
        for at in range(2, len(padded)):
            for length in (1, 2, 3):
                run = tuple(padded[at - length + 1 : at + 1])
                runs[run] += 1
                before[run[:-1]] += 1
    return runs, before, len({run for run in runs if len(run) == 1}) + 1


def log_probability(sentence: str, by: Model | None = None) -> tuple[float, int]:
    """Return the sum of the tokens' log-probabilities in nats, and how many they are."""
    runs, before, kinds = by or model()
    padded = [EDGE, EDGE, *tokens(sentence), EDGE]
    total = 0.0
    for at in range(2, len(padded)):
        chance = WEIGHTS[3] / kinds
        for weight, length in zip(WEIGHTS, (3, 2, 1), strict=False):
            run = tuple(padded[at - length + 1 : at + 1])
            if before[run[:-1]]:
                chance += weight * runs[run] / before[run[:-1]]
        total += math.log(chance)
    return total, len(padded) - 2


def mean(sentences: list[str]) -> float:
    """Return the mean log-probability of a token; of no sentence that of chance."""
    if not sentences:
        return -math.log(model()[2])
    found = [log_probability(sentence) for sentence in sentences]
    return sum(total for total, _ in found) / sum(n for _, n in found)


def gate(reference: list[str]) -> float:
    """Return the value half way between a text and the same with each sentence shuffled."""
    draw = random.Random(0)
    shuffled = []
    for sentence in reference:
        own = words(sentence)
        draw.shuffle(own)
        shuffled.append(" ".join(own))
    return (mean(reference) + mean(shuffled)) / 2


def variety(sentences: list[str]) -> float:
    """Return the share of runs of tokens within sentences that are different; 1 without any."""
    runs = [
        tuple(own[at : at + RUN])
        for own in map(tokens, sentences)
        for at in range(len(own) - RUN + 1)
    ]
    return len(set(runs)) / len(runs) if runs else 1.0
