"""Dishonest submissions of product networks end as they deserve; see their folder in `cheats/`.

A docstring says in `Board: below target` that what ends well is not to be ranked.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import pytest

from harness.kernels import relu_net
from harness.kernels.sup_search import sup_search
from harness.sandbox import Nursery
from harness.vocabulary import Context
from tasks.approximation import product_network
from tasks.approximation.product_network import TASK
from tests import zoo
from tests.cheats.product_network import cancels_in_float64

CHEATS = zoo.cheats("product_network")
KINDS = (np.float64, np.float32)


@pytest.fixture(scope="module")
def examined(nursery: Nursery) -> Iterator[zoo.Examined]:
    """Return what becomes of a submission on one exam at smoke, searched once instead of often."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(product_network, "sup_search", partial(sup_search, restarts=1))
        yield zoo.examiner(TASK, nursery)


@pytest.mark.parametrize("name", CHEATS)
def test_it_ends_as_it_deserves(name: str, examined: zoo.Examined) -> None:
    wanted = zoo.deserves(CHEATS[name])
    result = examined(CHEATS[name])
    zoo.assert_ends_as_deserved(result, wanted)
    if wanted.board == "below target":
        assert "of the public cells" in TASK.metric.shortfall(zoo.numbers(result), {})


def test_what_cancels_is_right_in_float64_and_wrong_in_float32(examined: zoo.Examined) -> None:
    result = examined(CHEATS["cancels_in_float64"])
    cells = result.series["cells"]
    q = cells["q"][3]
    assert (cells["cell"][3], cells["status"][3]) == ("shallow 2, 0.1", "wrong")
    context = Context(0, 30.0, 1, "cpu", {"track": "shallow", "q": q, "eps": 0.1})
    net = relu_net.read(cancels_in_float64.fit({}, context), q)
    x = np.random.default_rng(0).uniform(-1, 1, (1000, q))
    errors = [np.abs(relu_net.values(net, x, kind) - x.prod(axis=1)).max() for kind in KINDS]
    assert errors[0] < 1e-3 < 0.1 < errors[1]


def test_who_knows_the_public_cells_alone_declines_the_hidden_ones(examined: zoo.Examined) -> None:
    result = examined(CHEATS["knows_the_public_cells_by_heart"])
    assert TASK.metric.shortfall(zoo.numbers(result), {}) == "" and result.quality == 1
    assert result.extra["solved_hidden"] == result.extra["wrong_hidden"] == 0
