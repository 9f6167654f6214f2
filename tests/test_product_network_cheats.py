"""Dishonest submissions of product networks end as they deserve; see their folder in `cheats/`.

A docstring says in `Board: below target` that what ends well is not to be ranked.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from harness import catalog, trial
from harness import run as rounds
from harness.kernels import relu_net
from harness.kernels.sup_search import sup_search
from harness.sandbox import Nursery
from harness.vocabulary import Context, Round, Submission, Trial
from tasks.approximation import product_network
from tasks.approximation.product_network import TASK
from tests.cheats.product_network import cancels_in_float64

FOLDER = Path(__file__).parent / "cheats" / "product_network"
CHEATS = {path.stem: path for path in sorted(FOLDER.glob("*.py"))}
SECRET = "0" * 32
KINDS = (np.float64, np.float32)
Examined = Callable[[Submission], Trial]


@pytest.fixture(scope="module")
def examined(nursery: Nursery) -> Iterator[Examined]:
    """Return what becomes of a submission on one exam at smoke, searched once instead of often."""

    def by(found: Submission) -> Trial:
        entry = rounds.entered(TASK, found)
        sources = {entry.name: entry.source}
        name, started = TASK.name, "2026-01-01T00:00:00"
        round = Round("r", name, TASK.version, "smoke", (0,), sources, SECRET, {}, started)
        return trial.examine(trial.Item(round, entry, None, 0), nursery)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(product_network, "sup_search", partial(sup_search, restarts=1))
        yield by


def numbers(of: Trial) -> dict[str, float]:
    errors = {"visible": of.visible, "heldout": of.heldout, "quality": of.quality}
    return errors | dict(of.extra)


@pytest.mark.parametrize("name", CHEATS)
def test_it_ends_as_it_deserves(name: str, examined: Examined) -> None:
    says = ast.get_docstring(ast.parse(CHEATS[name].read_text())) or ""
    ends = re.search(r"^Ends: (\w+)$", says, re.M)
    reason = re.search(r"^Reason: (.+)$", says, re.M)
    assert ends and (ends[1] == "ok" or reason)
    result = examined(catalog.find(str(CHEATS[name]), TASK.name))
    assert result.status == ends[1], result.reason
    if reason:
        assert re.search(reason[1], result.reason), result.reason
    assert len(result.reason) <= 600 and result.reason.isprintable()
    if "Board: below target" in says:
        assert "of the public cells" in TASK.metric.shortfall(numbers(result), {})


def test_what_cancels_is_right_in_float64_and_wrong_in_float32(examined: Examined) -> None:
    result = examined(catalog.find(str(CHEATS["cancels_in_float64"]), TASK.name))
    cells = result.series["cells"]
    q = cells["q"][3]
    assert (cells["cell"][3], cells["status"][3]) == ("shallow 2, 0.1", "wrong")
    context = Context(0, 30.0, 1, "cpu", {"track": "shallow", "q": q, "eps": 0.1})
    net = relu_net.read(cancels_in_float64.fit({}, context), q)
    x = np.random.default_rng(0).uniform(-1, 1, (1000, q))
    errors = [np.abs(relu_net.values(net, x, kind) - x.prod(axis=1)).max() for kind in KINDS]
    assert errors[0] < 1e-3 < 0.1 < errors[1]


def test_who_knows_the_public_cells_alone_declines_the_hidden_ones(examined: Examined) -> None:
    result = examined(catalog.find(str(CHEATS["knows_the_public_cells_by_heart"]), TASK.name))
    assert TASK.metric.shortfall(numbers(result), {}) == "" and result.quality == 1
    assert result.extra["solved_hidden"] == result.extra["wrong_hidden"] == 0
