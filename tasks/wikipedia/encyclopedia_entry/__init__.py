r"""Can an encyclopedia's entry on learning theory be judged by machine?

Idea: 27, entries for Wikipedia. "In past years this class has written entries for Wikipedia about
    various aspects of learning theory or updated some the existing entries." What an encyclopedia
    cares about is graded here as far as a machine can: form, coverage of what readers need, true
    formulas, real sources. Submitting to Wikipedia stays a human act.

Papers: Warncke-Wang, Cosley, Riedl, Tell Me More: An Actionable Quality Model for Wikipedia, 2013.
    Moas, Lopes, Automatic Quality Assessment of Wikipedia Articles, ACM Computing Surveys, 2023.
    Shao et al., Assisting in Writing Wikipedia-like Articles From Scratch with Large Language
    Models (STORM), NAACL 2024. None was checked against its text. Most works of the topics'
    bibliographies were found again by their numbers, in others' lists of references; none was
    opened.

Question: Does an entry cover what its author was not told to cover, and are its formulas true?

fit: called once, with no arrays. The submission's DIVISION is its topic. `context.facts` has
    `topic`, `brief`, `concepts` (half of the bank of some 40: id and what is to be said, with
    `all_of`, the patterns that one sentence is to match), `claims` (by name: what is bounded, how,
    and the letters of the formula) and `bibliography` (works with doi, arxiv or isbn). It returns
    {wikitext: uint8 (n,)}, UTF-8, at most 40000 bytes. A claim is made by <math>... \le formula
    </math> <!-- claim:name -->: what stands behind the last \le, \ge or = is read, where a /
    divides by the next factor alone, and computed. At full the bank is a course's own, unpublished:
    HARNESS_BANK names its folder. No figure was measured there.

predict: never called. The task reads the entry.

visible: share of the concepts shown that no sentence covers. A sentence counts if it has 6 to 60
    words, of these 22 % function words, at most 0.2 commas a word, and half of its words are
    different; it serves at most two concepts.

held-out: the same of the other half, drawn from the exam's seed, as are 200 instances a claim.

quality: (held-out concepts covered + claims verified) / (held-out concepts + claims). A claim is
    verified if its formula holds on all instances, computed exactly, and is at most 1.01 times as
    loose as the textbook's. Ranked are entries of at least 0.15 that pass all gates: form (0.9 of
    12 rules), fluency (a trigram model over function words and the endings of others, no further
    from the topic's reference entry than half way to the same with its words shuffled; a
    prototype's -3.0 belonged to its own model; and 0.9 of the runs of five such tokens different,
    so that no frame is filled in again and again), sources (3 cited works verified, none that is
    another than it says, at most half unknown), copy (at most 0.3 of its 8-word runs in the
    reference entry). Compression compares `bytes_per_point`, compressed bytes over the held-out
    concepts and claims that they earn, as a short entry is better only if it says as much. Clock:
    the time that reading takes, `minutes` at 230 words a minute. The harness ranks measured
    processor time alone, so it is shown and not ranked.

baseline: for every topic a draft, of which the lead, the claims, and the sentences are kept that
    answer a shown concept or carry a reference (`pruned`). References: the same draft with nothing
    left out (`whole` and, for the other topics, `whole_` and the topic); stronger: a longer entry
    by an author who knew the whole bank (`strong`). Naive: two sentences (`stub`).

claim: Who writes for the reader and not to the list covers unseen concepts as well as shown ones:
    the gap of the whole draft is at least 0.2 smaller than that of the pruned one. The patterns
    were written by those who wrote the entries, which favours ours on both sides alike.

extra: structure, fluency, fluency_gate, variety, verified, fabricated, unknown (works), copied,
    claims (verified), violations (share of instances, mean over claims), words, minutes,
    minutes_ratio (to the reference entry), entry_bytes, bytes_per_point, words_per_concept,
    sentences and counted; reviewed, 1 where a reader's verdict on accuracy and neutrality lies in
    the topic's `reviews.json`: form does not see wrong prose around right formulas, and a language
    model would pass every gate. Fluency is a mean: keywords glued by chance, among as many words of
    prose, stand just at the gate; what they gain are shown concepts, not held-out ones. It depends
    on the text of Python's documentation: d7fd41ed54a17616 is the hash of that of Python 3.11.7,
    another version has another text.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from harness import arrays as named
from harness.vocabulary import (
    Arrays,
    Chart,
    Claim,
    Contrast,
    Exam,
    Fit,
    Metric,
    Predict,
    Refused,
    Scores,
    Size,
    Task,
)
from tasks._data.series import columns

from . import claims, fluency, structure
from .coverage import covered, matches
from .packs import TOPICS, pack, unpublished
from .sources import VERDICTS, verdicts
from .text import check, counts, grams, sentences, words

MOST_BYTES = 40_000
N_INSTANCES: dict[Size, int] = {"smoke": 50, "standard": 200, "full": 2000}
LEAST_QUALITY = 0.15
LEAST_STRUCTURE = 0.9
LEAST_VARIETY = 0.9
LEAST_VERIFIED = 3
MOST_COPIED, GRAM = 0.3, 8
PACE = 230
"""Words that are read in a minute."""


def make(seed: int, size: Size) -> Exam:
    """Draw what is shown of every topic's bank, and instances of its claims."""
    truth: Arrays = {}
    for index, topic in enumerate(TOPICS):
        rng = np.random.default_rng([seed, index])
        n = len(bank(topic, size))
        truth[f"{topic}/shown"] = np.isin(np.arange(n), rng.permutation(n)[: n // 2])
        for name, oracle in pack(topic).oracles.items():
            drawn = claims.instances(oracle, N_INSTANCES[size], rng)
            truth |= {f"{topic}/{name}/{column}": of for column, of in drawn.items()}
    return Exam({}, {}, truth, {"size": size, "topics": list(TOPICS)})


def bank(topic: str, size: Size) -> Any:
    """Return a topic's concepts."""
    return unpublished(topic) if size == "full" else pack(topic).concepts


def teach(exam: Exam, fit: Fit) -> Arrays:
    """Call `fit` once, with what its topic's authors are told; keep the entry under the topic.

    Raises
    ------
    Refused
        It is not {'wikitext': uint8 (n,)}, too long, or not UTF-8.
    """
    topic = fit.division
    concepts = bank(topic, exam.facts["size"])
    told = pack(topic)
    shown = exam.truth[f"{topic}/shown"]
    signatures = {
        name: {"says": oracle.says, "letters": dict(oracle.letters), "sense": oracle.sense}
        for name, oracle in told.oracles.items()
    }
    artifact = fit(
        {},
        {
            "topic": topic,
            "brief": told.brief,
            "concepts": [dict(one) for one, is_shown in zip(concepts, shown, strict=True)
                         if is_shown],
            "claims": signatures,
            "bibliography": [dict(work) for work in told.bibliography],
        },
    )  # fmt: skip
    entry(artifact)
    return {f"{topic}/wikitext": artifact["wikitext"]}


def entry(artifact: Arrays) -> str:
    """Return the text of what `fit` returned, or refuse it."""
    named.require(artifact, {"wikitext": (None,)}, "fit", kinds="u")
    array = artifact["wikitext"]
    if array.dtype != np.uint8 or not 0 < array.size <= MOST_BYTES:
        raise Refused(
            f"fit['wikitext'] must be 1 to {MOST_BYTES} bytes as uint8, got {array.size} of "
            f"{array.dtype}."
        )
    try:
        text = array.tobytes().decode()
    except UnicodeDecodeError as error:
        raise Refused(f"fit['wikitext'] must be UTF-8, got {error.reason}; encode it.") from None
    check(text)
    return text


def ask(exam: Exam, artifact: Arrays, predict: Predict) -> Arrays:
    """Ask nothing: the task reads the entry."""
    return {}


def score(exam: Exam, artifact: Arrays, outputs: Arrays) -> Scores:
    """Grade an entry."""
    topic = next(iter(artifact)).partition("/")[0]
    wikitext = entry(named.part(artifact, topic))
    known, truth = pack(topic), named.part(exam.truth, topic)
    concepts = bank(topic, exam.facts["size"])
    prose = sentences(wikitext)
    counted = [sentence for sentence in prose if counts(sentence)]
    has = covered(matches(counted, concepts))
    shown = truth["shown"]
    made = claims.formulas(wikitext)
    judged = {
        name: claims.judge(made.get(name), oracle, named.part(truth, name))
        for name, oracle in known.oracles.items()
    }
    verified = sum(verdict.verified for verdict in judged.values())
    points = int(has[~shown].sum()) + verified
    possible = int((~shown).sum()) + len(judged)
    quality = points / possible
    n_words, n_bytes = len(words(" ".join(prose))), len(zlib.compress(wikitext.encode(), 9))
    reference = words(" ".join(sentences(known.reference)))
    cited = list(verdicts(wikitext, known.bibliography).values())
    review = known.reviews.get(hashlib.sha256(wikitext.encode()).hexdigest())
    extra = {
        "structure": float(np.mean(list(structure.rules(wikitext).values()))),
        "fluency": fluency.mean(prose),
        "fluency_gate": fluency.gate(sentences(known.reference)),
        "variety": fluency.variety(prose),
        **{verdict: float(cited.count(verdict)) for verdict in VERDICTS},
        "copied": copied(prose, known.reference),
        "claims": float(verified),
        "violations": float(np.mean([verdict.violated for verdict in judged.values()])),
        "words": float(n_words),
        "minutes": n_words / PACE,
        "minutes_ratio": n_words / len(reference),
        "entry_bytes": float(n_bytes),
        "bytes_per_point": max(n_bytes, named.FLOOR) / max(points, 1),
        "words_per_concept": n_words / max(int(has.sum()), 1),
        "sentences": float(len(prose)),
        "counted": float(len(counted)),
        "reviewed": float(review is not None),
        **{f"reader_{name}": float(of) for name, of in (review or {}).items()},
    }
    grid = [
        {"concept": one["id"], "covered": int(is_in), "part": "shown" if seen else "held out"}
        for one, is_in, seen in zip(concepts, has, shown, strict=True)
    ]
    table = [
        {"claim": name, "looseness": verdict.looseness, "violated": verdict.violated,
         "reason": verdict.reason or "verified"}
        for name, verdict in judged.items()
    ]  # fmt: skip
    return Scores(
        visible=1 - float(has[shown].mean()),
        heldout=1 - float(has[~shown].mean()),
        quality=quality,
        stderr=float(np.sqrt(quality * (1 - quality) / possible)),
        extra=extra,
        series={
            "concepts": columns(grid),
            "claims": columns(table),
            "length": columns([{"words": n_words, "quality": quality}]),
            "fluency": {"source": np.array([fluency.source()])},
        },
    )


def copied(prose: list[str], reference: str) -> float:
    """Return the share of an entry's runs of words that the reference entry has, too."""
    own, known = (grams(" ".join(text), GRAM) for text in (prose, sentences(reference)))
    return len(own & known) / len(own) if own else 0.0


def shortfall(mine: Mapping[str, float], baseline: Mapping[str, float]) -> str:
    """Say which gates are not passed."""
    lacks = []
    if mine["quality"] < LEAST_QUALITY:
        lacks.append(f"quality {mine['quality']:.2f}, wanted {LEAST_QUALITY}")
    if mine["structure"] < LEAST_STRUCTURE:
        lacks.append(f"structure {mine['structure']:.2f}, wanted {LEAST_STRUCTURE}")
    if mine["fluency"] < mine["fluency_gate"]:
        lacks.append(f"fluency {mine['fluency']:.2f}, wanted {mine['fluency_gate']:.2f}")
    if mine["variety"] < LEAST_VARIETY:
        lacks.append(f"variety {mine['variety']:.2f}, wanted {LEAST_VARIETY}")
    if mine["verified"] < LEAST_VERIFIED:
        lacks.append(f"{mine['verified']:.0f} sources verified, wanted {LEAST_VERIFIED}")
    if mine["fabricated"] > 0:
        lacks.append(f"{mine['fabricated']:.0f} sources are other works than they say")
    if mine["unknown"] > sum(mine[verdict] for verdict in VERDICTS) / 2:
        lacks.append(f"{mine['unknown']:.0f} sources unknown, wanted at most half")
    if mine["copied"] > MOST_COPIED:
        lacks.append(f"{mine['copied']:.0%} copied, wanted at most {MOST_COPIED:.0%}")
    return "; ".join(lacks)


TASK = Task(
    name="encyclopedia_entry",
    title="Can an encyclopedia's entry on learning theory be judged by machine?",
    idea=27,
    metric=Metric(
        name="held-out concepts and true claims",
        unit="",
        resolution=0.05,
        target="quality at least 0.15, and every gate: structure, fluency, sources, copy",
        shortfall=shortfall,
        lower_is_better=False,
    ),
    make=make,
    score=score,
    teach=teach,
    ask=ask,
    divisions={
        topic: "baseline" if topic == TOPICS[0] else f"baseline_{topic}" for topic in TOPICS
    },
    axes=("gap", "compression"),
    counts="bytes_per_point",
    claims=(
        Claim(
            "An entry that is written for its reader, and not to the list of what is asked, covers "
            "unseen concepts as well as shown ones: its gap is at least 0.2 smaller.",
            Contrast("whole", "baseline", "gap", -0.2),
        ),
    ),
    charts=(
        Chart("Concepts covered", "concepts", "concept", "covered", "point", "part"),
        Chart("Looseness of claims over the textbook's", "claims", "claim", "looseness", "bar"),
        Chart("Quality by words", "length", "words", "quality", "point"),
    ),
)
