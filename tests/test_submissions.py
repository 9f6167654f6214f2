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
from submissions.baselines.optimization import layerwise, layerwise_open
from submissions.references.optimization import layerwise_adam, layerwise_open_adam
from tasks.optimization.layerwise import TRUNKS
from tasks.optimization.layerwise.plan import read

ENTRIES = {
    f"{task}: {name}": (task, entry)
    for task in catalog.tasks()
    for name, entry in catalog.submissions(task).items()
}


def module_of(entry):
    folder = "baselines" if entry.name.startswith("baseline") else "references"
    theme = catalog.entry(entry.task).theme
    return importlib.import_module(f"submissions.{folder}.{theme}.{entry.module}")


@pytest.mark.parametrize("name", ENTRIES)
def test_it_has_the_functions_of_its_task_a_docstring_and_one_of_its_divisions(name):
    task, entry = ENTRIES[name]
    assert ast.get_docstring(ast.parse(Path(entry.folder).read_bytes()))
    module, loaded = module_of(entry), catalog.load(task)
    assert callable(module.fit)
    assert loaded.ask is not None or callable(module.predict)
    division = rounds.entered(loaded, entry).division
    assert getattr(module, "DIVISION", next(iter(loaded.divisions))) == division
    # What others trained may not ride along in constants.
    assert entry.embedded_bytes < 1000


@pytest.mark.parametrize("name", catalog.submissions("layerwise"))
@pytest.mark.parametrize("data", TRUNKS)
def test_its_plan_is_one_that_the_task_takes_for_every_data_set(name, data):
    module = module_of(catalog.submissions("layerwise")[name])
    facts = {"data": data, "caps": [conv.cap for conv in TRUNKS[data]], "n_classes": 10}
    (candidate,) = json.loads(json.dumps(module.plan(facts)))
    plan = read(candidate, TRUNKS[data])
    wanted = {"etf": "etf", "random": "ridge"}.get(name, "learned")
    assert plan.head == wanted
    assert plan.sweeps == {"one_sweep": 1, "sweeps": 3}.get(name, 0)
    assert plan.stages == (2 if name == "residual" else 1)
    assert len(plan.widths) == (1 if name == "shallow" else len(TRUNKS[data]))


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
