"""Reference submissions do what their names say: their optimizers, layers and plans."""

from __future__ import annotations

import ast
import importlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from harness import catalog
from harness import run as rounds
from harness.kernels.layered_forward import Layer, forward
from harness.vocabulary import Context
from submissions.baselines.optimization import layerwise, layerwise_open
from submissions.references.optimization import (
    layerwise_adam,
    layerwise_no_skip,
    layerwise_open_adam,
)
from tasks.optimization.layerwise import TRUNKS
from tasks.optimization.layerwise.plan import read

ENTRIES = [entry for task in catalog.tasks() for entry in catalog.submissions(task).values()]


def module_of(entry):
    folder = "baselines" if entry.name.startswith("baseline") else "references"
    theme = catalog.entry(entry.task).theme
    return importlib.import_module(f"submissions.{folder}.{theme}.{entry.module}")


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.task}-{entry.name}")
def test_it_has_the_two_functions_a_docstring_and_a_division_of_its_task(entry):
    assert ast.get_docstring(ast.parse(Path(entry.folder).read_bytes()))
    module = module_of(entry)
    task = catalog.load(entry.task)
    assert callable(module.fit)
    # Who asks in its own way may leave `predict` uncalled, as layerwise does.
    assert task.ask is not None or callable(module.predict)
    division = rounds.entered(task, entry).division
    assert getattr(module, "DIVISION", next(iter(task.divisions))) == division
    # What others trained may not ride along in constants; an entry's text is its work.
    assert entry.embedded_bytes < (4000 if entry.task == "encyclopedia_entry" else 1000)


@pytest.mark.parametrize("name", catalog.submissions("layerwise"))
@pytest.mark.parametrize("data", TRUNKS)
def test_its_plan_is_one_that_the_task_takes_for_every_data_set(name, data):
    module = module_of(catalog.submissions("layerwise")[name])
    facts = {"data": data, "caps": [conv.cap for conv in TRUNKS[data]], "n_classes": 10}
    candidates = json.loads(json.dumps(module.plan(facts)))
    plans = [read(candidate, TRUNKS[data]) for candidate in candidates]
    assert len(plans) == (3 if name == "tuned" else 1)
    wanted = {"etf": "etf", "random": "ridge"}.get(name, "learned")
    first = {"width_16": 1 / 4, "width_24": 3 / 8, "width_32": 1 / 2}
    for plan in plans:
        assert plan.head == wanted
        assert plan.loss == ("ce" if name == "cross_entropy" else "mse")
        assert plan.sweeps == {"one_sweep": 1, "sweeps": 3}.get(name, 0)
        assert plan.stages == (2 if name.startswith("residual") else 1)
        assert len(plan.widths) == (1 if name == "shallow" else len(TRUNKS[data]))
        if name in first:
            assert plan.widths[0] == first[name] * facts["caps"][0]
            rest = [width / cap for width, cap in zip(plan.widths, facts["caps"], strict=True)][1:]
            assert rest == [2 * first[name]] * len(rest)
        elif name == "residual_narrow":
            assert sum(plan.widths) < 0.71 * sum(facts["caps"])
        elif name != "shallow":
            assert list(plan.widths) == facts["caps"]


def test_without_skips_only_the_last_head_is_kept():
    def oracle(question):
        return {**{n: np.ones_like(a) for n, a in question.items() if n != "rows"}, "loss": 1.0}

    hyper = layerwise.SETTINGS["hierarchy"] | {"epochs": 1}
    shapes = {"W": [3, 2, 1, 2], "b": [3], "A": [12, 8]}
    for index in range(3):
        facts = {"stage": 0, "sweep": 0, "layer": index, "trunk": [{}] * 3, "shapes": shapes}
        facts |= {"hyper": hyper, "effort": 1.0, "n_samples": 64, "head": "learned"}
        layer = layerwise_no_skip.fit({}, Context(0, 1.0, 1, "cpu", facts, oracle))
        assert layer["A"].any() == (index == 2)
        assert layer["W"].all()


OPTIMIZERS = {
    "nesterov": (
        layerwise.Nesterov,
        lambda p, h: torch.optim.SGD(
            p, h["rate"], momentum=0.9, nesterov=True, weight_decay=h["decay"]
        ),
    ),
    "adamw": (
        layerwise_adam.AdamW,
        lambda p, h: torch.optim.AdamW(p, h["rate"], weight_decay=h["decay"]),
    ),
}


@pytest.mark.parametrize("ours, theirs", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_an_optimizer_takes_the_steps_that_the_library_takes(ours, theirs):
    rng = np.random.default_rng(0)
    hyper = {"rate": 0.05, "decay": 0.02}
    start = {"W": rng.normal(size=(3, 4)).astype(np.float32), "b": np.ones(3, np.float32)}
    layer = {name: array.copy() for name, array in start.items()}
    mine = ours(layer, hyper)
    tensors = {name: torch.tensor(array, requires_grad=True) for name, array in start.items()}
    library = theirs(list(tensors.values()), hyper)
    for step in range(1, 8):
        rate = hyper["rate"] / step
        gradient = {n: rng.normal(size=a.shape).astype(np.float32) for n, a in start.items()}
        mine.step(gradient, rate)
        for group in library.param_groups:
            group["lr"] = rate
        for name, tensor in tensors.items():
            tensor.grad = torch.tensor(gradient[name])
        library.step()
        for name, tensor in tensors.items():
            np.testing.assert_allclose(layer[name], tensor.detach(), rtol=1e-5, atol=1e-6)


def test_the_open_optimizers_are_those_of_the_certified_division():
    hyper = {"rate": 0.05, "decay": 0.02}
    parameter = [torch.zeros(1, requires_grad=True)]
    group = layerwise_open.sgd(parameter, hyper).param_groups[0]
    assert (group["momentum"], group["nesterov"], group["weight_decay"]) == (0.9, True, 0.02)
    group = layerwise_open_adam.adamw(parameter, hyper).param_groups[0]
    assert (group["betas"], group["weight_decay"]) == ((0.9, 0.999), 0.02)


def test_a_layer_starts_with_the_weights_of_he_no_bias_and_a_small_head():
    rng = np.random.default_rng(0)
    layer = layerwise.start({"W": (256, 32, 1, 2), "b": (256,), "A": (1024, 8)}, rng)
    assert layer["W"].std() == pytest.approx(np.sqrt(2 / 64), rel=0.05)
    assert layer["A"].std() == pytest.approx(0.1 / np.sqrt(1024), rel=0.05)
    assert not layer["b"].any()
    assert {array.dtype.name for array in layer.values()} == {"float32"}
    assert layerwise.start({"W": (2, 1, 1, 2), "b": (2,), "scale": ()}, rng)["scale"] == 1


@pytest.mark.parametrize("name", ["hierarchy", "digits"])
def test_the_blocks_of_the_open_division_are_the_network_of_the_task(name):
    torch.manual_seed(0)
    shape = (5, 8, 1, 8) if name == "hierarchy" else (5, 1, 8, 8)
    trunk = [
        {"width": 6, "kernel": conv.kernel, "stride": conv.stride, "padding": conv.padding}
        for conv in TRUNKS[name]
    ]
    X = torch.randn(shape)
    blocks = layerwise_open.grow(X[:1], trunk, 10)
    with torch.no_grad():
        h, output = X, torch.zeros(5, 10)
        for block in blocks:
            h, output = block(h, output)
    layers = [
        Layer(*(torch.as_tensor(block.arrays()[n]) for n in "WbA"), s["stride"], s["padding"])
        for block, s in zip(blocks, trunk, strict=True)
    ]
    torch.testing.assert_close(forward(X, layers, torch.zeros(10))[1][-1], output)
