"""Entries: the exam, each grading against cases worked out by hand, oracles, the submissions."""

from __future__ import annotations

import hashlib
import importlib
import itertools
import json
import re
import time
from typing import Any

import numpy as np
import pytest

from harness import arrays as named
from harness import catalog
from harness.vocabulary import Arrays, Context, Exam, Refused, Scores
from submissions.baselines.wikipedia import encyclopedia_entry as baseline
from submissions.references.wikipedia import (
    encyclopedia_entry_strong,
    encyclopedia_entry_stub,
    encyclopedia_entry_whole,
)
from tasks.wikipedia import encyclopedia_entry as task
from tasks.wikipedia.encyclopedia_entry import TASK, claims, fluency, packs, sources, structure
from tasks.wikipedia.encyclopedia_entry import text as reading
from tasks.wikipedia.encyclopedia_entry.coverage import covered, matches
from tasks.wikipedia.encyclopedia_entry.formula import last_side, read
from tasks.wikipedia.encyclopedia_entry.packs import TOPICS, pack
from tasks.wikipedia.encyclopedia_entry.topics.algorithmic_stability import oracles as stability
from tasks.wikipedia.encyclopedia_entry.topics.neural_collapse import oracles as collapse
from tasks.wikipedia.encyclopedia_entry.topics.rademacher_complexity import oracles as rademacher
from tasks.wikipedia.encyclopedia_entry.topics.vc_dimension import oracles as vc

TOPIC = TOPICS[0]
EVERY_CLAIM = [(topic, name) for topic in TOPICS for name in pack(topic).oracles]


@pytest.fixture(scope="module")
def exam() -> Exam:
    return task.make(0, "smoke")


def taught(exam: Exam, module: Any) -> Arrays:
    """Return what a submission's entry becomes, without the wall."""

    class Fit:
        division = module.DIVISION

        def __call__(self, train: Arrays, facts: Any) -> Arrays:
            found: Arrays = module.fit(train, Context(0, 60.0, 1, "cpu", facts))
            return found

    return task.teach(exam, Fit())  # type: ignore[arg-type]


def graded(exam: Exam, wikitext: str, topic: str = TOPIC) -> Scores:
    array = np.frombuffer(wikitext.encode(), dtype=np.uint8)
    return task.score(exam, {f"{topic}/wikitext": array}, {})


def lacks(scores: Scores) -> str:
    return task.shortfall({"quality": scores.quality, **scores.extra}, {})


# ---------------------------------------------------------------------------------------------
# The exam


def test_the_same_seed_draws_the_same_exam_and_another_seed_another_of_the_same_form(exam):
    again, other = task.make(0, "smoke"), task.make(1, "smoke")
    assert json.dumps(exam.facts) == json.dumps(other.facts)
    assert exam.truth.keys() == again.truth.keys() == other.truth.keys()
    for name, array in exam.truth.items():
        assert array.tobytes() == again.truth[name].tobytes()
        assert (array.shape, array.dtype) == (other.truth[name].shape, other.truth[name].dtype)
    shown = [name for name in exam.truth if name.endswith("/shown")]
    assert len(shown) == len(TOPICS)
    assert all((exam.truth[name] != other.truth[name]).any() for name in shown)


def test_an_author_is_told_half_of_the_bank_of_the_own_topic_and_no_instance(exam):
    told: dict[str, Any] = {}

    class Fit:
        division = "vc_dimension"

        def __call__(self, train: Arrays, facts: Any) -> Arrays:
            assert not train
            told.update(json.loads(json.dumps(facts)))
            return {"wikitext": np.full(3, 65, dtype=np.uint8)}

    assert set(task.teach(exam, Fit())) == {"vc_dimension/wikitext"}  # type: ignore[arg-type]
    shown = exam.truth["vc_dimension/shown"]
    known = [one["id"] for one in pack("vc_dimension").concepts]
    assert [one["id"] for one in told["concepts"]] == [
        name for name, is_shown in zip(known, shown, strict=True) if is_shown
    ]
    assert len(told["concepts"]) == len(known) // 2
    assert set(told) == {"topic", "brief", "concepts", "claims", "bibliography"}
    assert "exact" not in json.dumps(told["claims"])


@pytest.mark.parametrize("bad, why", [
    (np.zeros(0, np.uint8), "1 to 40000 bytes"),
    (np.zeros(50_000, np.uint8), "1 to 40000 bytes"),
    (np.zeros(5, np.uint16), "uint16"),
    (np.zeros((5, 1), np.uint8), "shape"),
    (np.full(5, 255, np.uint8), "UTF-8"),
    (np.frombuffer(b"[[" * 1001, np.uint8), "at most 1000 marks"),
])  # fmt: skip
def test_what_is_no_entry_is_refused(bad, why):
    with pytest.raises(Refused, match=why):
        task.entry({"wikitext": bad})


def test_full_asks_for_a_bank_of_its_own(monkeypatch, tmp_path):
    monkeypatch.delenv(packs.UNPUBLISHED, raising=False)
    with pytest.raises(Refused, match="HARNESS_BANK must name a folder"):
        task.make(0, "full")
    concepts = [{"id": f"c{n}", "what": "", "all_of": ["zero"]} for n in range(6)]
    for topic in TOPICS:
        (tmp_path / topic).mkdir()
        (tmp_path / topic / "concepts.json").write_text(json.dumps(concepts))
    monkeypatch.setenv(packs.UNPUBLISHED, str(tmp_path))
    monkeypatch.setitem(task.N_INSTANCES, "full", 5)
    drawn = task.make(0, "full")
    assert drawn.truth[f"{TOPIC}/shown"].sum() == 3
    scores = graded(drawn, pack(TOPIC).reference)
    # One sentence of the reference entry speaks of zero, and serves two concepts.
    assert 6 * scores.visible / 2 + 6 * scores.heldout / 2 == pytest.approx(4)


# ---------------------------------------------------------------------------------------------
# Topics


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topics_reference_entry_passes_every_gate_but_that_of_copies(topic, exam):
    scores = graded(exam, pack(topic).reference, topic)
    assert lacks(scores) == "100% copied, wanted at most 30%"
    assert scores.extra["structure"] == 1
    assert scores.extra["claims"] == len(pack(topic).oracles) == 3
    assert min(1 - scores.visible, 1 - scores.heldout) > 0.6


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topics_bank_and_bibliography_are_whole(topic):
    known = pack(topic)
    assert 36 <= len(known.concepts) <= 44
    assert len({one["id"] for one in known.concepts}) == len(known.concepts)
    for one in known.concepts:
        assert one["what"].endswith(".")
        assert all(re.compile(pattern) for pattern in one["all_of"])
        assert not any(re.search(pattern, "") for pattern in one["all_of"])
    for work in known.bibliography:
        assert work["title"] and work["years"] and work["authors"]
        numbers = [(key, sources._normal(work[key], key)) for key in sources.KEYS if key in work]
        assert numbers and all(sources._possible(*one) for one in numbers), work


@pytest.mark.parametrize("topic, name", EVERY_CLAIM)
def test_a_textbook_bound_holds_and_is_attained(topic, name):
    oracle = pack(topic).oracles[name]
    drawn = claims.instances(oracle, 300, np.random.default_rng(5))
    textbook = oracle.textbook({letter: drawn[letter] for letter in oracle.letters})
    slack = oracle.sense * (textbook - drawn["exact"])
    assert (slack >= -1e-9).all()
    if oracle.sense == 0:
        np.testing.assert_allclose(textbook, drawn["exact"], rtol=1e-9, atol=1e-9)
    # By the nature of Massart's and Sauer's lemmas equality is only approached.
    nearest = (slack / np.maximum(np.abs(textbook), 1e-12)).min()
    assert nearest < {"massart": 0.2, "sauer": 0.5, "sparse": 0.2}.get(name, 1e-9)


def test_exact_values_are_those_of_plain_loops():
    A = np.random.default_rng(0).normal(size=(3, 4))
    total = 0.0
    for signs in itertools.product((-1, 1), repeat=4):
        total += max(sum(s * a for s, a in zip(signs, row, strict=True)) for row in A)
    assert rademacher.finite(A) == pytest.approx(total / 16 / 4)
    cube = np.array(list(itertools.product((0, 1), repeat=3)))
    assert vc.dimension(cube) == 3
    assert vc.dimension(cube[:-1]) == 2
    assert vc.dimension(np.eye(5, dtype=int)) == 1
    assert collapse.largest(collapse.simplex(5)) == pytest.approx(-1 / 4)
    x, y = np.array([0.5, -1.0, 0.3]), np.array([1.0, 2.0, -1.0])
    grid = np.linspace(-5, 5, 200_001)
    losses = 0.7 / 4 * np.abs(np.outer(grid, x) - y).sum(1) + 0.2 * grid**2
    found = stability.minimizer(x, y, 0.7, 0.2, 4)
    assert found == pytest.approx(grid[losses.argmin()], abs=1e-4)


# ---------------------------------------------------------------------------------------------
# Gradings


@pytest.mark.parametrize("formula, values, wanted", [
    (r"\frac{a+b}{2}", {"a": 1, "b": 2}, 1.5),
    (r"\tfrac12 a", {"a": 3}, 1.5),
    (r"a/bc", {"a": 6, "b": 2, "c": 5}, 15),
    (r"2\sqrt[3]{a}", {"a": 8}, 4),
    (r"\ln 2d", {"d": np.e / 2}, 1),
    (r"\log_2 N^2", {"N": 4}, 4),
    (r"\ln(a) b", {"a": np.e, "b": 3}, 3),
    (r"\ln^2 a", {"a": np.e**2}, 4),
    (r"-a^{2}", {"a": 3}, -9),
    (r"e^{-\lambda}", {"lambda": 0}, 1),
    (r"\max\{a, b\}", {"a": 1, "b": 2}, 2),
    (r"\sum_{i=0}^{d} \binom{m}{i}", {"m": 5, "d": 2}, 16),
    (r"\sum_{i=1}^m i", {"m": 4}, 10),
    (r"\left(\frac{em}{d}\right)^d", {"m": 1, "d": 1}, np.e),
    (r"x^12", {"x": 3}, 6),
])  # fmt: skip
def test_a_formula_is_read_as_latex_is(formula, values, wanted):
    arrays = {name: np.asarray(value, dtype=float) for name, value in values.items()}
    found = read(formula)
    assert found.letters == values.keys()
    assert float(found.value(arrays)) == pytest.approx(wanted)


@pytest.mark.parametrize("formula", [
    "", "a +",
    "(a", "a)", r"\input{x}", "__import__('os')", "a_1", r"\sum_{i=0}^{m} \sum_{j=0}^m j",
    "{" * 30 + "a" + "}" * 30, "a" * 500, r"\frac{a}", r"\unknown a", "a; b", "f(x)!",
])  # fmt: skip
def test_what_is_no_formula_of_ours_is_refused(formula):
    with pytest.raises(Refused):
        read(formula).value({"m": np.asarray(2.0)})


def test_no_formula_takes_long():
    start = time.process_time()
    assert np.isinf(read("9^{9^{9^{9}}}").value({}))
    for formula in (r"\sum_{i=0}^{m} i", r"\sum_{i=0}^{9^{99}} i", r"\sum_{i=0}^{9^{9^9}} i"):
        with pytest.raises(Refused, match="terms|finite"):
            read(formula).value({"m": np.asarray(1e6)})
    assert time.process_time() - start < 1


def test_the_side_that_is_read_is_the_last():
    assert last_side(r"\hat R(A) = \sup_a x \leq \frac{r}{m}.") == r"\frac{r}{m}"
    assert last_side(r"\left( a \right)") == r"\left( a \right)"
    assert last_side(r"x \le \sum_{i=0}^{d} i") == r"\sum_{i=0}^{d} i"


def judged(formula: str, name: str, topic: str = TOPIC) -> claims.Verdict:
    oracle = pack(topic).oracles[name]
    drawn = claims.instances(oracle, 200, np.random.default_rng(0))
    return claims.judge(formula, oracle, drawn)


def test_a_bound_is_verified_loose_false_or_not_read():
    textbook = judged(r"R \le r\sqrt{2\ln N}/m", "massart")
    assert textbook.verified and textbook.looseness == pytest.approx(1)
    loose = judged("rN", "massart")
    assert not loose.verified and loose.violated == 0 and loose.looseness > 2
    false = judged(r"r\sqrt{\ln N}/m", "massart")
    assert not false.verified and 0.2 < false.violated < 1
    assert judged(r"m^d/d^d", "sauer", "vc_dimension").violated > 0.5
    for formula in ("5", "x", "r/(m-m)", r"\sqrt{-m}"):
        assert not judged(formula, "massart").verified
    assert "not in the entry" in claims.judge(None, pack(TOPIC).oracles["massart"], {}).reason
    sharper = judged(r"\sum_{i=0}^{d}\binom{m}{i}", "sauer", "vc_dimension")
    assert sharper.verified and sharper.looseness < 1


def test_a_lower_bound_may_be_negative_and_is_loose_below():
    assert judged(r"-1/(C-1)", "angles", "neural_collapse").verified
    loose = judged(r"-1", "angles", "neural_collapse")
    assert not loose.verified
    loose = judged(r"-C", "angles", "neural_collapse")
    assert loose.violated == 0 and loose.looseness > 2
    assert judged(r"1/(C+1)", "angles", "neural_collapse").violated > 0.3


def test_a_claim_is_the_formula_that_its_comment_follows():
    text = "<math>a</math> text <math>R \\le b</math>  <!-- claim: massart --> <math>c</math>"
    assert claims.formulas(text) == {"massart": "R \\le b"}


def test_sentences_are_of_paragraphs_and_formulas_are_a_word():
    text = """'''Title''' is a [[thing|word]] that has<ref>{{cite book|title=No}}</ref> a value
of <math>x \\le y</math> in all. [[Category:No]]

== References ==
This sentence stands in an appendix and is not to be read at all."""
    assert reading.sentences(text) == ["Title is a word that has a value of X in all."]


@pytest.mark.parametrize("sentence, wanted", [
    ("The complexity of a class is the mean of what it can follow of noise.", True),
    ("Symmetrization contraction Lipschitz margin kernel trace convex hull boosting.", False),
    ("It is about noise, signs, hulls, kernels, depth, margins, and a rate.", False),
    ("The class is the class of the class of the class.", False),
    ("It is so.", False),
])  # fmt: skip
def test_a_sentence_counts_if_it_is_one(sentence, wanted):
    assert reading.counts(sentence) == wanted


def test_a_sentence_serves_two_concepts_and_as_many_are_covered_as_can_be():
    concepts = [{"all_of": [word]} for word in ("a1", "a2", "a3", "b1")]
    matched = matches(["a1 a2 a3 b1", "B1 a3"], concepts)
    assert matched.sum() == 6
    assert covered(matched).all()
    assert covered(matched[:, :1]).sum() == 2
    assert covered(matched[::-1, ::-1]).all()
    assert not covered(matches([], concepts)).any()


def test_rules_of_form_are_broken_one_by_one():
    whole = pack(TOPIC).reference
    assert all(structure.rules(whole).values())
    breaks = {
        "no heading of level one": whole.replace("== History ==", "= History ="),
        "no level skipped": whole.replace("== History ==", "==== History ===="),
        "headings": re.sub("(?m)^==.*", "", whole),
        "bold title in the lead": whole.replace("'''", ""),
        "length of the lead": whole.replace("== Definition ==", "a " * 300 + "\n== Definition =="),
        "references": re.sub("<ref.*?(/>|</ref>)", "", whole),
        "list of references": whole.replace("{{reflist}}", ""),
        "links": re.sub(r"\[\[(?!Category)[^]]*\]\]", "", whole),
        "category": whole.replace("[[Category", "[[:Category"),
        "sections cited": whole + "".join(f"\n== Section {n} ==\nNo source." for n in range(9)),
        "balanced": whole + "}}",
        "no first person": whole.replace("The name honours", "We honour"),
    }
    assert breaks.keys() == structure.rules(whole).keys()
    for rule, text in breaks.items():
        assert not structure.rules(text)[rule], rule


def test_braces_of_formulas_are_not_templates():
    assert structure.balanced(r"<math>\frac{a}{b^{c}}</math> {{x}}")
    assert not structure.balanced("{{x}} }} {{")
    assert not structure.balanced("<ref>a")
    assert structure.balanced('<ref name="a" /> <references />')


def test_works_are_verified_fabricated_or_unknown():
    bank = pack(TOPIC).bibliography

    def verdict(fields: str) -> list[str]:
        return list(sources.verdicts("{{cite journal |" + fields + "}}", bank).values())

    local = "doi=10.1214/009053605000000282"
    assert verdict(f"title=Local Rademacher Complexities |year=2005 |{local}") == ["verified"]
    assert verdict(f"title=[[A|Local Rademacher complexities]] |date=May 2005|{local}") == [
        "verified"
    ]
    assert verdict(f"title=Local Rademacher complexities |year=2006 |{local}") == ["fabricated"]
    assert verdict(f"title=On something else |year=2005 |{local}") == ["fabricated"]
    assert verdict("title=New |year=2005 |doi=10.1000/182") == ["unknown"]
    assert verdict("title=New |year=2005 |doi=eleven") == ["fabricated"]
    assert verdict("title=New |year=2005 |isbn=978-0-262-03940-7") == ["fabricated"]
    assert verdict("title=New |year=2005 |isbn=0-306-40615-2") == ["unknown"]
    assert verdict("title=New |year=2005") == ["unknown"]
    both = "{{cite arXiv |title=Size-Independent Sample Complexity of Neural Networks |year=2018 "
    both = both + "|eprint=1712.06541}} " + both + "|eprint=arXiv:1712.06541v5}}"
    assert sources.verdicts(both, bank) == {"1712.06541": "verified"}
    assert sources.verdicts(both.replace("2018", "1918", 1), bank) == {"1712.06541": "fabricated"}


def test_an_isbn_of_ten_digits_is_one_of_thirteen():
    assert sources.thirteen("0306406152") == "9780306406157"


def test_fluency_falls_from_prose_to_shuffled_and_glued_words():
    prose = reading.sentences(pack(TOPIC).reference)
    gate = fluency.gate(prose)
    shuffled = [" ".join(sorted(reading.words(one))) for one in prose]
    assert fluency.mean(shuffled) < gate < fluency.mean(prose)
    assert fluency.mean([]) < gate
    assert fluency.variety(prose) > 0.95
    assert fluency.variety(prose[:1] * 5) == pytest.approx(1 / 5)


def test_a_sentences_probability_is_that_of_its_runs_of_tokens():
    by = fluency.learned(("the class of the word",))  # the ~s of the ~, of 5 kinds and one more
    total, n = fluency.log_probability("the", by)
    # 'the' begins every sentence and is 2 of 6 tokens; the end has never come after '| the'.
    first = 0.6 + 0.25 + 0.1 * 2 / 6 + 0.05 / 6
    last = 0.1 / 6 + 0.05 / 6
    assert n == 2
    assert total == pytest.approx(np.log(first) + np.log(last))


def test_a_copy_is_measured_by_runs_of_eight_words():
    reference = pack(TOPIC).reference
    prose = reading.sentences(reference)
    assert task.copied(prose, reference) == 1
    assert task.copied(reading.sentences(encyclopedia_entry_strong.TEXT), reference) < 0.05
    assert 0.2 < task.copied(prose[:8] + reading.sentences(baseline.DRAFT), reference) < 0.6
    assert task.copied([], reference) == 0


@pytest.mark.parametrize("mark", ["<ref ", "<math>", "<!--", "{{a|", "[[a|", "\n== a", "{|\n",
                                  "[http://a ", "''", "\n*", "(\"' ", "= \t", ". "])  # fmt: skip
def test_no_markup_takes_long(mark, exam):
    text = (mark * 999).ljust(task.MOST_BYTES, "a")
    start = time.process_time()
    graded(exam, text)
    assert time.process_time() - start < 2


# ---------------------------------------------------------------------------------------------
# Submissions


def test_entries_stand_in_the_order_of_what_they_say(exam):
    modules = {"stub": encyclopedia_entry_stub, "baseline": baseline,
               "whole": encyclopedia_entry_whole, "strong": encyclopedia_entry_strong}  # fmt: skip
    found = {name: task.score(exam, taught(exam, of), {}) for name, of in modules.items()}
    quality = [of.quality for of in found.values()]
    assert quality == sorted(quality) and len(set(quality)) == 4
    assert [name for name, of in found.items() if lacks(of)] == ["stub"]
    gap = {name: of.heldout - of.visible for name, of in found.items()}
    assert gap["whole"] < gap["baseline"] and gap["strong"] < 0.1


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("topic", TOPICS)
def test_every_baseline_passes_the_gates_whatever_is_shown(topic, seed):
    name = "baseline" if topic == TOPIC else f"baseline_{topic}"
    assert TASK.divisions[topic] == name
    module = catalog.submissions(TASK.name)[name].module
    drawn = task.make(seed, "smoke")
    entry = taught(drawn, importlib.import_module(f"submissions.baselines.wikipedia.{module}"))
    scores = task.score(drawn, entry, {})
    assert not lacks(scores)


def test_a_readers_verdict_is_shown_with_the_entry_that_it_speaks_of(exam, monkeypatch):
    text = encyclopedia_entry_strong.TEXT.strip()
    assert graded(exam, text).extra["reviewed"] == 0
    key = hashlib.sha256(text.encode()).hexdigest()
    known = packs.Pack(**{**vars(pack(TOPIC)), "reviews": {key: {"accuracy": 2, "neutrality": 1}}})
    real = pack
    monkeypatch.setattr(task, "pack", lambda topic: known if topic == TOPIC else real(topic))
    scores = graded(exam, text)
    assert (scores.extra["reviewed"], scores.extra["reader_neutrality"]) == (1, 1)
    assert graded(exam, text + " ").extra["reviewed"] == 0


def test_series_have_the_columns_of_the_charts(exam):
    scores = graded(exam, pack(TOPIC).reference)
    for chart in TASK.charts:
        series = scores.series[chart.series]
        assert {chart.x, chart.y, chart.facet} - {None} <= series.keys()
        assert len({len(of) for of in series.values()}) == 1
    named.check(dict(exam.truth), "make")
