"""The task's side of layer-wise training: it owns the network, the loss and every forward pass.

`build` walks over stages, layers and sweeps and has one layer trained at a time, each in a fresh
call of the submission's `fit`. It does not know how a layer is optimized.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from harness import arrays as named
from harness.kernels.layer_gradient import layer_gradient, poolable, windows
from harness.kernels.layered_forward import Layer, layer, output_shape, pool, pooled_size
from harness.kernels.ridge import ridge
from harness.kernels.simplex_etf import simplex_etf
from harness.vocabulary import Arrays, Fit, Refused

from .plan import Conv, Plan

LARGEST = 1e4
"""No weight may be larger in absolute value."""
RIDGE = 1e-3
"""Penalty of the least-squares head."""
MOST_WINDOWS = 200_000_000
"""Entries of the input's windows above which gradients come from automatic differentiation."""
EPOCHS = 400
"""Sample gradients that one call of `fit` may ask for, in units of the number of samples."""


@dataclass(frozen=True)
class Data:
    """Labelled images or strings of one data set, with its trunk."""

    name: str
    trunk: tuple[Conv, ...]
    n_classes: int
    X: Tensor  # (n, c, h, w) float32
    y: Tensor  # (n,) int64

    def rows(self, rows: Tensor) -> Data:
        """Return the data set with these rows only."""
        return Data(self.name, self.trunk, self.n_classes, self.X[rows], self.y[rows])


@dataclass
class Step:
    """One call of `fit`: which layer of which stage, and everything that is frozen around it."""

    data: Data
    plan: Plan
    stage: int
    sweep: int
    index: int
    H: Tensor  # (n, c_in, h, w): what enters the layer
    F: Tensor  # (n, C): output of everything below
    later: list[Layer]
    current: Arrays

    @property
    def conv(self) -> Conv:
        """The layer's fixed shape."""
        return self.data.trunk[self.index]

    @property
    def E(self) -> Tensor:  # noqa: N802 - the paper's letter
        """The fixed simplex ETF head, (p, C), drawn from the layer's place alone."""
        if self.pooled < self.data.n_classes - 1:
            raise Refused(
                f"plan: a fixed head for {self.data.n_classes} classes needs "
                f"{self.data.n_classes - 1} features, layer {self.index + 1} of {self.data.name} "
                f"hands it {self.pooled}: take a wider layer."
            )
        head = simplex_etf(self.pooled, self.data.n_classes, 100 * self.stage + self.index)
        return torch.as_tensor(head, dtype=torch.float32)

    @property
    def pooled(self) -> int:
        """Features that the layer hands to its head."""
        conv, width = self.conv, self.plan.widths[self.index]
        shape = tuple(self.H.shape[1:])
        return pooled_size(output_shape(shape, width, conv.kernel, conv.stride, conv.padding))

    def shapes(self, trained: bool) -> dict[str, tuple[int, ...]]:
        """Return the layer's parameters by name; `trained` leaves out what the task solves for."""
        width = self.plan.widths[self.index]
        found: dict[str, tuple[int, ...]] = {
            "W": (width, self.H.shape[1], *self.conv.kernel),
            "b": (width,),
        }
        if self.plan.head == "etf":
            found["scale"] = ()
        elif self.plan.head == "learned" or not trained:
            found["A"] = (self.pooled, self.data.n_classes)
        return found

    def facts(self) -> dict[str, Any]:
        """Return what `context.facts` says of this call."""
        return self.plan.facts() | {
            "data": self.data.name,
            "stage": self.stage,
            "sweep": self.sweep,
            "layer": self.index,
            "n_samples": len(self.data.y),
            "n_classes": self.data.n_classes,
            "shapes": {name: list(shape) for name, shape in self.shapes(False).items()},
            "epochs_allowed": EPOCHS,
            "trunk": trunk_facts(self.data, self.plan),
        }


def trunk_facts(data: Data, plan: Plan) -> list[dict[str, Any]]:
    """Return the shape of every layer that a plan builds, as JSON values."""
    return [
        {
            "width": width,
            "kernel": list(conv.kernel),
            "stride": list(conv.stride),
            "padding": list(conv.padding),
        }
        for width, conv in zip(plan.widths, data.trunk, strict=False)
    ]


def error(F: Tensor, y: Tensor) -> float:
    """Return the percentage of rows whose largest output is not the label's."""
    return 100 * float((F.argmax(1) != y).double().mean())


def objective(plan: Plan, F: Tensor, y: Tensor) -> Tensor:
    """Return half the mean squared distance to the one-hot labels, or the cross-entropy."""
    if plan.loss == "ce":
        return torch.nn.functional.cross_entropy(F, y)
    Y = torch.nn.functional.one_hot(y, F.shape[1]).to(F.dtype)
    return 0.5 * (F - Y).square().sum(1).mean()


class Oracle:
    """Loss and gradient of one layer, everything else frozen; counts what it is asked."""

    def __init__(self, step: Step, tell: Callable[[float, float], None]) -> None:
        self.step = step
        self.n = len(step.data.y)
        self.n_gradients = 0
        self._tell = tell
        self._sum = self._seen = 0.0
        self._shapes = step.shapes(False)
        self._E = step.E if step.plan.head == "etf" else None
        self._gradient = self._by_graph if step.later else self._by_hand()

    def __call__(self, question: Arrays) -> Arrays:
        """Answer {W, b, A or scale, rows} with {loss, and a gradient under each name}.

        Raises
        ------
        Refused
            Wrong names or shapes, rows outside the training set, the budget is spent, or the
            answer is not finite.
        """
        question = dict(question)
        rows = _rows(question.pop("rows", None), self.n)
        named.require(question, self._shapes, "oracle")
        self.n_gradients += len(rows)
        if self.n_gradients > EPOCHS * self.n:
            raise Refused(f"oracle: one fit may ask for {EPOCHS} gradients a sample and no more.")
        with np.errstate(over="ignore", invalid="ignore"):  # said below, once and in words
            parameters = {name: array.astype(np.float32) for name, array in question.items()}
            if self._E is not None:
                parameters["A"] = parameters.pop("scale") * self._E.numpy()
            loss, gradients = self._gradient(parameters, rows)
            if self._E is not None:
                gradients["scale"] = np.vdot(gradients.pop("A"), self._E.numpy())
            answer = {name: np.asarray(g, np.float32) for name, g in gradients.items()}
            answer["loss"] = np.array(loss, np.float32)
        if not all(np.isfinite(array).all() for array in answer.values()):
            largest = max(float(np.abs(array).max()) for array in question.values())
            raise Refused(
                "oracle: the loss or its gradient is not finite where the largest parameter is "
                f"{largest:.3g}: the training diverged, take smaller steps."
            )
        self._count(loss, len(rows))
        return answer

    def _by_hand(self) -> Callable[[Arrays, np.ndarray], tuple[float, Arrays]]:
        """Prepare the closed form for a layer with nothing above it, where it fits in memory."""
        step, conv = self.step, self.step.conv
        n_entries = step.H.shape[0] * math.prod(step.H.shape[2:]) * math.prod(self._shapes["W"][1:])
        if n_entries > MOST_WINDOWS:
            return self._by_graph
        cut = windows(step.H.numpy(), conv.kernel, conv.stride, conv.padding)
        if not poolable(cut.grid):
            return self._by_graph
        F = step.F.numpy()
        Y = np.eye(step.data.n_classes, dtype=np.float32)[step.data.y.numpy()]

        def gradient(parameters: Arrays, rows: np.ndarray) -> tuple[float, Arrays]:
            loss, W, b, A = layer_gradient(
                cut.P[rows], cut.grid, F[rows], Y[rows], **parameters,
                cross_entropy=step.plan.loss == "ce",
            )  # fmt: skip
            return loss, {"W": W, "b": b, "A": A}

        return gradient

    def _by_graph(self, parameters: Arrays, rows: np.ndarray) -> tuple[float, Arrays]:
        """Differentiate through the frozen layers above."""
        step = self.step
        at = torch.as_tensor(rows)
        leaves = {name: torch.tensor(a, requires_grad=True) for name, a in parameters.items()}
        h = layer(step.H[at], leaves["W"], leaves["b"], step.conv.stride, step.conv.padding)
        F = step.F[at] + pool(h) @ leaves["A"]
        for frozen in step.later:
            h = layer(h, frozen.W, frozen.b, frozen.stride, frozen.padding)
            F = F + pool(h) @ frozen.A
        value = objective(step.plan, F, step.data.y[at])
        gradients = torch.autograd.grad(value, list(leaves.values()))
        return value.item(), {n: g.numpy() for n, g in zip(leaves, gradients, strict=True)}

    def _count(self, value: float, n: int) -> None:
        self._sum += value * n
        self._seen += n
        if self._seen >= self.n:
            self._tell(self.n_gradients / self.n, self._sum / self._seen)
            self._sum = self._seen = 0.0


def build(data: Data, plan: Plan, fit: Fit, unseen: Data | None = None) -> Arrays:
    """Have a network trained layer by layer and return its parameters.

    Parameters
    ----------
    unseen
        Held-out rows, which stay here: with them each call's errors and the objective on the way
        are recorded, and noted what sweeps and a second network took off the held-out error.

    Returns
    -------
    arrays
        'stage/layer/W', '/b' and '/A' (or '/scale' under a fixed head), and 'F0', the class
        frequencies that every output starts from.
    """
    frequencies = torch.bincount(data.y, minlength=data.n_classes) / len(data.y)
    F = frequencies.to(torch.float32).expand(len(data.y), -1)
    spent = 0.0
    found: Arrays = {"F0": frequencies.to(torch.float32).numpy()}
    diary = None if unseen is None else Diary(data, unseen, found["F0"], fit)
    for stage in range(plan.stages):
        parameters: list[Arrays] = []
        layers: list[Layer] = []
        order = [(0, index) for index in range(len(plan.widths))]
        order += [(s + 1, i) for s in range(plan.sweeps) for i in range(len(plan.widths))]
        for sweep, index in order:
            H, below = _below(data.X, F, layers[:index])
            current = parameters[index] if sweep else {}
            step = Step(data, plan, stage, sweep, index, H, below, layers[index + 1 :], current)
            returned, epochs = _train(step, fit, spent, diary)
            spent += epochs
            parameters[index:] = [returned, *parameters[index + 1 :]]
            layers[index:] = [_layer(step, returned), *layers[index + 1 :]]
            if diary is not None:
                diary.call(step, layers, epochs)
        _, F = _below(data.X, F, layers)
        if diary is not None:
            diary.close_stage(layers)
        for index, arrays in enumerate(parameters):
            found |= {f"{stage}/{index}/{name}": array for name, array in arrays.items()}
    if diary is not None:
        fit.notes[f"{data.name}_epochs"] = spent
        fit.notes |= {f"{data.name}_{what}": gain for what, gain in diary.gains().items()}
    return found


class Diary:
    """What is recorded while a network grows; it costs the submission no time."""

    def __init__(self, data: Data, unseen: Data, F0: np.ndarray, fit: Fit) -> None:
        self._parts = {"visible": data, "heldout": unseen}
        self._F = {part: torch.as_tensor(F0) for part in self._parts}
        self._fit, self._name = fit, data.name
        self._n_calls = 0
        self._pass = (0, 0)
        self._ends: dict[tuple[int, int], float] = {}

    def loss(self, step: Step, epochs: float, value: float) -> None:
        """Record the objective; `begins` is 1 where a sweep or a second network begins."""
        begins = self._pass != (step.stage, step.sweep)
        self._pass = (step.stage, step.sweep)
        place = {"stage": step.stage, "sweep": step.sweep, "layer": step.index}
        row = {"epochs": epochs, "loss": value, "begins": float(begins)}
        self._fit.record("objective", data=self._name, **place, **row)

    def call(self, step: Step, layers: list[Layer], epochs: float) -> None:
        """Record the errors of all that stands after a call; a pass is one on the axis."""
        self._n_calls += 1
        errors = {
            part: error(_below(data.X, self._F[part], layers)[1], data.y)
            for part, data in self._parts.items()
        }
        self._ends[step.stage, step.sweep] = errors["heldout"]
        place = {"stage": step.stage, "sweep": step.sweep, "layer": step.index}
        at = self._n_calls / len(step.plan.widths)
        self._fit.record("calls", data=self._name, **place, passes=at, epochs=epochs, **errors)

    def close_stage(self, layers: list[Layer]) -> None:
        """Let the next network start from the output of this one."""
        for part, data in self._parts.items():
            self._F[part] = _below(data.X, self._F[part], layers)[1]

    def gains(self) -> dict[str, float]:
        """Return the points of held-out error that sweeps took off, and a second network."""
        first = [end for (stage, _), end in self._ends.items() if stage == 0]
        last = list(self._ends.values())[-1]
        return {"sweep_gain": first[0] - first[-1], "stage_gain": first[-1] - last}


def plan_of(network: Arrays, trunk: tuple[Conv, ...]) -> Plan:
    """Read off a network's arrays how it was built."""
    stages = 1 + max(int(name.split("/")[0]) for name in network if "/" in name)
    widths = [network[f"0/{i}/W"].shape[0] for i in range(len(trunk)) if f"0/{i}/W" in network]
    head = "etf" if any(name.endswith("/scale") for name in network) else "learned"
    return Plan(tuple(widths), stages=stages, head=head)


def layers_of(network: Arrays, data: Data, plan: Plan) -> Iterator[tuple[int, list[Layer]]]:
    """Yield (stage, its layers) of a network that `build` or a line returned."""
    for stage in range(plan.stages):
        layers: list[Layer] = []
        for step in _walk(data, plan, stage, layers):
            prefix = f"{stage}/{step.index}/"
            own = {n.removeprefix(prefix): a for n, a in network.items() if n.startswith(prefix)}
            layers.append(_layer(step, own))
        yield stage, layers


def network_shapes(data: Data, plan: Plan) -> dict[str, tuple[int, ...]]:
    """Return the shape of every array of a network that follows `plan`."""
    found: dict[str, tuple[int, ...]] = {"F0": (data.n_classes,)}
    for stage in range(plan.stages):
        layers: list[Layer] = []
        for step in _walk(data, plan, stage, layers):
            shapes = step.shapes(False)
            found |= {f"{stage}/{step.index}/{name}": shape for name, shape in shapes.items()}
            zeros = {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}
            layers.append(_layer(step, zeros))
    return found


def _walk(data: Data, plan: Plan, stage: int, layers: list[Layer]) -> Iterator[Step]:
    """Yield each layer's step on one sample, for its shapes; the caller appends to `layers`."""
    for index in range(len(plan.widths)):
        H, F = _below(data.X[:1], torch.zeros(1, data.n_classes), layers)
        yield Step(data, plan, stage, 0, index, H, F, [], {})


def _below(X: Tensor, F: Tensor, layers: list[Layer]) -> tuple[Tensor, Tensor]:
    """Return (H, F): what comes out of the frozen layers below, and their summed output."""
    with torch.no_grad():
        for frozen in layers:
            X = layer(X, frozen.W, frozen.b, frozen.stride, frozen.padding)
            F = F + pool(X) @ frozen.A
    return X, F


def _train(step: Step, fit: Fit, spent: float, diary: Diary | None) -> tuple[Arrays, float]:
    """Call `fit` for one layer; return its checked parameters and the epochs that it asked for."""

    def tell(epochs: float, value: float) -> None:
        if diary is not None:
            diary.loss(step, spent + epochs, value)

    if fit.division == "certified":
        oracle = Oracle(step, tell)
        returned = fit(step.current, step.facts(), oracle)
        epochs = oracle.n_gradients / oracle.n
    else:
        returned = fit(_view(step), step.facts())
        epochs = 0.0
    what = f"fit (layer {step.index + 1} of {step.data.name})"
    returned = parameters_of(returned, step.shapes(True), what)
    if step.plan.head == "ridge":
        returned["A"] = _ridge_head(step, returned)
    return returned, epochs


def parameters_of(returned: Arrays, shapes: dict[str, tuple[int, ...]], what: str) -> Arrays:
    """Return what `fit` returned in single precision, or refuse its names, shapes or size."""
    named.require(returned, shapes, what)
    for name, array in returned.items():
        if array.size and np.abs(array).max() > LARGEST:
            raise Refused(f"{what}[{name!r}] must stay within {LARGEST:g} in absolute value.")
    return {name: array.astype(np.float32) for name, array in returned.items()}


def _view(step: Step) -> Arrays:
    """Return what the open division shows: features and the layers above, never the held-out."""
    shown = {
        "H": step.H.numpy(),
        "F": step.F.numpy(),
        "y": step.data.y.numpy(),
        **step.current,
    }
    for index, frozen in enumerate(step.later, start=step.index + 1):
        shown |= {f"{index}/{name}": getattr(frozen, name).numpy() for name in ("W", "b", "A")}
    return shown


def _ridge_head(step: Step, arrays: Arrays) -> np.ndarray:
    W, b = (torch.as_tensor(arrays[name]) for name in ("W", "b"))
    with torch.no_grad():
        features = pool(layer(step.H, W, b, step.conv.stride, step.conv.padding))
    Y = torch.nn.functional.one_hot(step.data.y, step.data.n_classes)
    try:
        return ridge(features, Y - step.F, RIDGE).to(torch.float32).numpy()
    except ValueError as error:
        raise Refused(
            f"The least-squares head of layer {step.index + 1} of {step.data.name} cannot be "
            f"solved: make W and b smaller, or their channels less alike ({error})"
        ) from None


def _layer(step: Step, arrays: Arrays) -> Layer:
    W, b = (torch.as_tensor(arrays[name]) for name in ("W", "b"))
    A = float(arrays["scale"]) * step.E if "scale" in arrays else torch.as_tensor(arrays["A"])
    return Layer(W, b, A, step.conv.stride, step.conv.padding)


def _rows(rows: np.ndarray | None, n: int) -> np.ndarray:
    if rows is None or rows.ndim != 1 or rows.dtype.kind not in "iu" or not 1 <= len(rows) <= n:
        got = "nothing" if rows is None else f"{rows.dtype} of shape {rows.shape}"
        raise Refused(f"oracle['rows'] must be 1 to {n} integers in one dimension, got {got}.")
    if rows.min() < 0 or rows.max() >= n:
        raise Refused(f"oracle['rows'] must lie from 0 to {n - 1}, got {rows.min()}..{rows.max()}.")
    return rows.astype(np.int64)
