"""The zoo: its networks against loops and torch's own optimizer, and who stops when."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import platformdirs
import pytest
import torch

from tasks._data import zoo
from tasks._data.zoo import Shape

SHAPES = {
    "dense": Shape("dense", 5, 2, 0, 16),
    "low rank": Shape("dense", 9, 3, 2, 64),
    "local": Shape("local", 4, 2, 0, 64),
    "conv": Shape("conv", 4, 3, 0, 16),
}


def nets(shape: Shape, n: int) -> zoo.Net:
    rng = np.random.default_rng(0)
    starts = [zoo.start(shape, rng) for _ in range(n)]
    found = {name: torch.stack([one[name] for one in starts]) for name in starts[0]}
    for name, values in found.items():
        if name[0] == "b":
            values += 0.3 * torch.from_numpy(rng.standard_normal(values.shape)).float()
    return found


def naive(net: dict[str, np.ndarray], x: np.ndarray) -> np.ndarray:
    """Return the outputs of one network on one sample, place by place."""
    depth = sum(name[0] == "b" for name in net)
    h = x
    for k in range(depth):
        if f"U{k}" in net:
            z = h @ net[f"U{k}"] @ net[f"V{k}"]
        elif net[f"W{k}"].ndim == 3:
            filters = net[f"W{k}"]
            z = np.max([h[p : p + 7] @ filters[p if len(filters) > 1 else 0] for p in range(18)], 0)
        else:
            z = h @ net[f"W{k}"]
        z = z + net[f"b{k}"]
        h = np.maximum(z, 0) if k < depth - 1 else z
    return h


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_outputs_are_those_of_a_loop(shape):
    many = nets(shape, 3)
    assert {name: v.shape[1:] for name, v in many.items()} == shape.arrays()
    X = np.random.default_rng(1).standard_normal((3, 5, 24)).astype(np.float32)
    found = zoo.forward(many, torch.from_numpy(X)).numpy()
    for r in range(3):
        one = {name: values[r].numpy() for name, values in many.items()}
        for x, answer in zip(X[r], found[r], strict=True):
            np.testing.assert_allclose(naive(one, x), answer, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_steps_are_those_of_torch_with_a_gradient_that_is_cut(shape):
    data = zoo.draw(3, 0)
    X = torch.from_numpy(data.x).expand(2, -1, -1)
    y = torch.from_numpy(data.y).expand(2, -1)
    decay = np.array([0.0, 0.1])
    mine = nets(shape, 2)
    theirs = [{n: v[r].clone().requires_grad_() for n, v in mine.items()} for r in range(2)]
    zoo.descend(mine, X, y, torch.ones(2, 400), decay, shape.batch, 6, np.random.default_rng(5))
    order = np.random.default_rng(5).permutation(400)
    cut = 0
    for r, net in enumerate(theirs):
        weights = [v for n, v in net.items() if n[0] != "b"]
        biases = [v for n, v in net.items() if n[0] == "b"]
        groups = [{"params": weights, "weight_decay": decay[r]}, {"params": biases}]
        optimizer = torch.optim.SGD(groups, lr=1.0, momentum=0.9)
        for step in range(6):
            rows = order[step * shape.batch : (step + 1) * shape.batch]
            logits = zoo.forward({n: v[None] for n, v in net.items()}, X[:1, rows])[0]
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(logits, y[0, rows]).backward()
            cut += torch.nn.utils.clip_grad_norm_(weights + biases, 2.0) > 2.0
            for group in optimizer.param_groups:
                group["lr"] = zoo.RATES[shape.batch] * zoo._schedule(step, 6)
            optimizer.step()
        for name, values in net.items():
            np.testing.assert_allclose(mine[name][r], values.detach(), rtol=1e-3, atol=1e-5)
    assert cut or shape.kind != "conv"


def test_the_rate_warms_up_and_falls_to_a_twentieth():
    assert zoo._schedule(0, 1200) == pytest.approx(1 / 40, rel=0.01)
    assert zoo._schedule(40, 1200) == pytest.approx(1, rel=0.01)
    assert zoo._schedule(1199, 1200) == pytest.approx(0.05, rel=0.01)


def test_a_network_is_the_same_in_company_and_alone():
    of = {"n_steps": 40, "n_fresh": 500, "n_folds": 0, **vars(SHAPES["conv"])}
    alone = zoo.group([7], **of)
    company = zoo.group([9, 7], **of)
    for name, values in alone.items():
        if name != "data":
            np.testing.assert_allclose(values, company[name][3:], rtol=1e-3, atol=1e-4)
    assert company["data"].tolist() == [0] * 3 + [1] * 3
    assert not np.allclose(company["W0"][0], company["W0"][3])
    np.testing.assert_allclose(alone["decay"], zoo.DECAYS)


def test_who_is_done_stands_still_and_the_others_go_on(monkeypatch):
    shape, data = SHAPES["dense"], zoo.draw(3, 0)
    X, y = torch.from_numpy(data.x).expand(2, -1, -1), torch.from_numpy(data.y).expand(2, -1)

    def train(n_steps: int) -> zoo.Net:
        mine = nets(shape, 2)
        mine["b2"][1, :] = torch.tensor([50.0, 0, 0, 0])  # so wrong that it will not be done
        zoo.descend(mine, X, y, torch.ones(2, 400), np.zeros(2), 16, n_steps,
                    np.random.default_rng(5))  # fmt: skip
        return mine

    monkeypatch.setattr(zoo, "_schedule", lambda step, n_steps: 0.1)
    monkeypatch.setattr(zoo, "DONE", 10.0)
    one, two = train(25), train(50)  # an epoch, and two
    assert torch.equal(one["W0"][0], two["W0"][0])
    assert not torch.equal(one["W0"][1], two["W0"][1])


def test_a_fold_that_is_left_out_is_not_seen():
    shape = Shape("dense", 6, 1, 0, 16)
    data = zoo.draw(3, 0)
    kept = torch.ones(1, 400)
    kept[:, :50] = 0
    found = []
    for spoilt in (False, True):
        X = torch.from_numpy(data.x.copy())[None]
        if spoilt:
            X[:, :50] += 100
        mine = nets(shape, 1)
        zoo.descend(mine, X, torch.from_numpy(data.y)[None], kept, np.zeros(1), 16, 30,
                    np.random.default_rng(5))  # fmt: skip
        found.append(mine["W0"])
    assert torch.equal(*found)


def test_replicates_start_alike_and_each_misses_its_fold():
    of = {"n_steps": 250, "n_fresh": 500, "n_folds": 4, **vars(Shape("dense", 24, 2, 0, 16))}
    found = zoo.group([7], **of)
    assert found["full"].shape == (3, 400, 4) and found["reps"].shape == (3, 4, 400, 4)
    assert (np.bincount(found["fold"][0]) == 100).all()
    whole = zoo.group([7], **{**of, "n_folds": 0})
    np.testing.assert_allclose(whole["test_error"], found["test_error"], atol=0.02)
    # Who misses a fold errs on it more than who has seen it.
    y = zoo.draw(7, 0).y
    wrong = found["reps"][0].argmax(2) != y
    out = found["fold"][0] == np.arange(4)[:, None]
    assert wrong[out].mean() > wrong[~out].mean() + 0.2


def test_weights_start_with_the_variance_of_he():
    rng = np.random.default_rng(0)
    net = zoo.start(Shape("dense", 128, 2, 6, 16), rng)
    W = (net["U1"] @ net["V1"]).numpy()
    assert W.var() == pytest.approx(2 / 128, rel=0.3)
    assert zoo.start(Shape("local", 48, 2, 0, 16), rng)["W0"].var() == pytest.approx(2 / 7, rel=0.1)
    assert zoo.start(Shape("dense", 128, 2, 0, 16), rng)["W2"].var() == pytest.approx(
        2 / 128, rel=0.2
    )


def test_the_error_is_that_on_fresh_samples(monkeypatch):
    monkeypatch.setattr(zoo, "CHUNK", 70)
    of = {"n_steps": 30, "n_fresh": 200, "n_folds": 0, **vars(SHAPES["dense"])}
    found, data = zoo.group([7], **of), zoo.draw(7, 200)
    for r in range(3):
        net = {name: found[name][r] for name in SHAPES["dense"].arrays()}
        wrong = [naive(net, x).argmax() != y for x, y in zip(data.fresh_x, data.fresh_y,
                                                             strict=True)]  # fmt: skip
        assert found["test_error"][r] == pytest.approx(np.mean(wrong), abs=0.011)


def test_grids_are_full():
    for name, small in (("dense", 3), ("struct", 6)):
        assert len(set(zoo.grid(name))) == 24
        assert set(zoo.grid(name, small=True)) < set(zoo.grid(name))
        assert len(zoo.grid(name, small=True)) == small
    assert {s.kind for s in zoo.grid("struct")} == set(zoo.KINDS)
    assert {s.rank for s in zoo.grid("dense")} == {0, 6}


def test_what_was_trained_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "user_cache_dir", lambda *_, **__: str(tmp_path))
    shapes = [SHAPES["dense"], SHAPES["conv"]]
    first = zoo.trained(shapes, [7, 8], 20, 100)
    assert len(list((tmp_path / "runs").iterdir())) == 2
    monkeypatch.setattr(zoo, "descend", None)
    again = zoo.trained(shapes, [7, 8], 20, 100)
    for one, other in zip(first, again, strict=True):
        assert all(np.array_equal(one[name], other[name]) for name in one)
