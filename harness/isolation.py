"""The layers of the wall as one table: what each keeps out, what its absence costs, who offers it.

`worker.lock_in` raises them and says which hold; here stands what that means. A layer's text in a
trial may carry a version or a kind ('landlock 7', 'process fresh'); it is matched by its name.
Nothing is raised or tried here: `harness doctor` does that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from harness import catalog
from harness.vocabulary import Unknown

Level = Literal["full", "confined", "process"]


@dataclass(frozen=True)
class Layer:
    """One layer of the wall."""

    name: str
    keeps_out: str
    """Goes on from 'it keeps out ...'."""
    cost: str
    """What a submission can do where this layer alone is missing: a sentence."""
    offered_by: str


LAYERS: tuple[Layer, ...] = (
    Layer(
        "process",
        "the examiner's data; running past the clock or the memory",
        "There is no wall at all.",
        "every system",
    ),
    Layer(
        "death with the parent",
        "phases that outlive the examiner",
        "A submission goes on running where the examiner is killed.",
        "Linux",
    ),
    Layer(
        "limits",
        "memory, file sizes and open files without a bound",
        "A submission can map memory, grow a file and open files without a hard limit; it is "
        "ended only when the examiner next looks.",
        "every Unix",
    ),
    Layer(
        "namespaces",
        "the network, System V objects, the host's name",
        "No known attack gets through while seccomp and Landlock hold; one layer less is behind "
        "them.",
        "Linux that lets this user make user namespaces (sysctl user.max_user_namespaces, "
        "kernel.apparmor_restrict_unprivileged_userns)",
    ),
    Layer(
        "capabilities",
        "the rights of root",
        "No known attack gets through while the other layers hold; without namespaces a "
        "submission that root runs has root's rights.",
        "Linux",
    ),
    Layer(
        "landlock",
        "your files, other submissions, writing outside its folder",
        "A submission can read your files, the store, other submissions and public copies of the "
        "exam's data; it can write, rename and remove files, and leave predict more than the "
        "artifact.",
        "Linux 5.13 or later with Landlock enabled (lsm= on the kernel's command line)",
    ),
    Layer(
        "seccomp",
        "new processes, sockets, memory that no limit counts",
        "A submission can start processes, connect to local sockets, change the mode of your "
        "files, and hold memory that no limit counts.",
        "Linux on x86-64 with CONFIG_SECCOMP_FILTER",
    ),
    Layer(
        "masked data",
        "public copies of data, installed submissions",
        "A submission can look answers up in the data sets that libraries bring along.",
        "Landlock",
    ),
)
EVERY = tuple(layer.name for layer in LAYERS)

LEVELS: Mapping[Level, tuple[str, ...]] = {
    "full": EVERY,
    "confined": ("limits", "capabilities", "landlock", "seccomp", "masked data"),
    "process": (),
}
"""Level -> the layers that must hold, the strongest first."""


def parse(text: str) -> tuple[str, str]:
    """Return a layer's name and its version or kind; what is not in the table stays whole."""
    for name in EVERY:
        if text == name or text.startswith(name + " "):
            return name, text.removeprefix(name).strip()
    return text, ""


def named(layers: Iterable[str]) -> tuple[str, ...]:
    """Return the layers of these names; raise `Unknown` where one is not in the table."""
    found = tuple(layers)
    for name in found:
        if name not in EVERY:
            raise Unknown(f"There is no layer {name!r}. {catalog.nearest(name, EVERY)}")
    return found


def holds(layer: str, isolation: Iterable[str]) -> bool:
    """Whether a layer, or a version of it at least as new ('landlock 6'), is among these."""
    name, least = parse(layer)
    found = [version for known, version in map(parse, isolation) if known == name]
    if not least.isdigit():
        return bool(found)
    return any(version.isdigit() and int(version) >= int(least) for version in found)


def lacking(isolation: Sequence[str], needs: Iterable[str]) -> list[str]:
    """Return which of the needed layers are not among these."""
    return [layer for layer in needs if not holds(layer, isolation)]


def level(isolation: Sequence[str]) -> Level:
    """Return the strongest level whose layers all hold."""
    return next(name for name, needs in LEVELS.items() if not lacking(isolation, needs))


def shared(isolations: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Return the layers that are in all of these; the name alone where their versions differ."""
    first, *others = [dict(map(parse, isolation)) for isolation in isolations] or [{}]
    found = []
    for name, version in first.items():
        if all(name in other for other in others):
            same = version and all(other[name] == version for other in others)
            found.append(f"{name} {version}" if same else name)
    return tuple(found)


@dataclass(frozen=True)
class Wall:
    """How trials of one level were walled off."""

    level: Level
    n_trials: int
    held: tuple[str, ...]
    """The layers that held in every one of them."""
    gaps: Mapping[str, str]
    """Layer that did not hold in every one -> the reasons that the systems gave."""


def walls(trials: Iterable[tuple[Sequence[str], Sequence[str], int]]) -> list[Wall]:
    """Describe trials level by level, the strongest first; those that ended before any phase not.

    Parameters
    ----------
    trials
        The layers that held, those that did not with their reasons, as `Trial` has them, and how
        many trials were so.
    """
    found = []
    known = [trial for trial in trials if trial[0]]
    for name in LEVELS:
        those = [trial for trial in known if level(trial[0]) == name]
        if not those:
            continue
        held = shared(layers for layers, _, _ in those)
        reasons: dict[str, dict[str, None]] = {layer: {} for layer in lacking(held, EVERY)}
        for _, missing, _ in those:
            for text in missing:
                layer, _, reason = text.partition(": ")
                if layer in reasons:
                    reasons[layer][reason] = None
        gaps = {layer: "; ".join(said) or "no reason on record" for layer, said in reasons.items()}
        found.append(Wall(name, sum(count for _, _, count in those), held, gaps))
    return found


def layer(name: str) -> Layer:
    """Return a layer of the table by its name."""
    return LAYERS[EVERY.index(name)]
