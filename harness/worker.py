"""The child: one phase of one submission, from its first moment to its end.

It raises the wall around itself, says which layers hold, and only then imports the submission and
calls its function as often as the examiner asks. It sees the arrays that it is sent and nothing
else; whatever it says is checked again outside.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import random
import socket
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any, NoReturn

import numpy as np

from harness import arrays as named
from harness import confine, wire
from harness.vocabulary import Arrays, Context, Facts, Refused


@dataclass(frozen=True)
class Job:
    """One phase, as the examiner orders it; JSON values only."""

    phase: str
    """'fit', 'predict' or 'plan'."""
    module: str
    scratch: str
    """Private folder; the submission lies in `scratch/submission`."""
    readable: list[str]
    """Folders of the runtime that may be read."""
    masked: list[str]
    """Public copies of data that must be out of reach."""
    seed: int
    seconds: float
    threads: int
    device: str
    memory: int
    file_size: int
    open_files: int
    skip: list[str]
    """Layers that are left out: for tests and for machines that need it."""
    fresh: bool
    """Whether it began as a fresh interpreter; else as a fork of the nursery."""


def main() -> NoReturn:
    """Run one phase in a fresh interpreter: the job is an argument, the channel descriptor 3."""
    from harness import nursery

    nursery.load()
    live(Job(**json.loads(sys.argv[1])), socket.socket(fileno=3))


def live(job: Job, channel: socket.socket) -> NoReturn:
    """Run one phase in this process, which has done nothing yet, and leave."""
    code = 1
    try:
        holding, missing = lock_in(job)
        start = time.process_time()
        facts = {"holding": holding, "missing": missing, "processor_seconds": start}
        channel.sendall(wire.pack(wire.READY, facts, {}))
        serve(job, channel)
        code = 0
    except (EOFError, ConnectionError):  # the examiner has hung up
        code = 0
    except Exception:  # ours: what a submission raises is an answer
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def lock_in(job: Job) -> tuple[list[str], list[str]]:
    """Raise every layer that this machine offers; return those that hold and those that do not."""
    own = f"/proc/{os.getpid()}"
    rules = [(path, confine.READ) for path in (*job.readable, own)]
    rules += [(job.scratch, confine.WRITE), *confine.devices(job.device != "cpu")]
    processor_seconds = int(job.seconds * job.threads) + 60
    layers: list[tuple[str, Callable[[], Any]]] = [
        ("death with the parent", confine.die_with_parent),
        (
            "limits",
            lambda: confine.limit(job.memory, job.file_size, job.open_files, processor_seconds),
        ),
        ("namespaces", confine.leave_namespaces),
        ("capabilities", confine.drop_capabilities),
        ("landlock", lambda: confine.landlock(rules)),
        ("seccomp", lambda: confine.seccomp(shared_memory=job.device != "cpu")),
    ]
    holding, missing = [f"process {'fresh' if job.fresh else 'forked'}"], []
    for name, raise_layer in layers:
        if name in job.skip:
            missing.append(f"{name}: left out on request")
            continue
        try:
            version = raise_layer()
            holding.append(name if version is None else f"{name} {version}")
        except (OSError, ValueError) as error:
            missing.append(f"{name}: {error}")
    exposed = [path for path in job.masked if _readable(path)]
    if exposed:
        missing.append(f"masked data: {exposed[0]} can be read")
    else:
        holding.append("masked data")
    return holding, missing


def _readable(path: str) -> bool:
    try:
        if os.path.isdir(path):
            return any(_readable(os.path.join(path, name)) for name in os.listdir(path))
        with open(path, "rb"):
            return True
    except OSError:
        return False


def serve(job: Job, channel: socket.socket) -> None:
    """Answer calls until the examiner hangs up."""
    with channel.makefile("rb", buffering=0) as stream:

        def read(n: int) -> bytearray:
            buffer = bytearray(n)
            view = memoryview(buffer)
            while view:
                got = stream.readinto(view)
                if not got:
                    raise EOFError
                view = view[got:]
            return buffer

        module: ModuleType | None = None
        artifact: Arrays = {}
        while True:
            frame = wire.unpack(read, "the examiner", trusted=True)
            try:
                if module is None:
                    module = _enter(job)
                if "artifact" in frame.facts:
                    artifact = frame.arrays
                    message = wire.pack(wire.RESULT, {}, {})
                elif job.phase == "predict":
                    message = wire.pack(wire.RESULT, {}, _predict(module, artifact, frame.arrays))
                elif job.phase == "plan":
                    message = wire.pack(wire.RESULT, {"plan": _plan(module, frame.facts)}, {})
                else:
                    message = wire.pack(wire.RESULT, {}, _fit(job, module, frame, channel, read))
            except Refused as refusal:
                message = wire.pack(wire.ERROR, {"message": str(refusal), "refused": True}, {})
            except (EOFError, ConnectionError):
                raise
            except BaseException as error:  # SystemExit and KeyboardInterrupt are answers, too
                facts = {"message": _explain(error, job.scratch), "refused": False}
                message = wire.pack(wire.ERROR, facts, {})
            channel.sendall(message)


def _enter(job: Job) -> ModuleType:
    """Import the submission, as the first thing that happens on its own clock."""
    os.chdir(job.scratch)
    random.seed(job.seed)
    np.random.seed(job.seed % 2**32)
    torch = sys.modules.get("torch")
    if torch is not None:
        if job.device == "cpu":  # `manual_seed` spends 4 ms on devices that are not there
            torch.default_generator.manual_seed(job.seed)
        else:
            torch.manual_seed(job.seed)
        if torch.get_num_threads() != job.threads:
            torch.set_num_threads(job.threads)
    gc.enable()
    if job.module.split(".")[0] in sys.modules:
        raise Refused(f"A library is called {job.module.split('.')[0]!r} already; rename yours.")
    sys.path.insert(0, os.path.join(job.scratch, "submission"))
    return importlib.import_module(job.module)


def _function(module: ModuleType, name: str) -> Callable[..., Any]:
    function: Callable[..., Any] | None = getattr(module, name, None)
    if not callable(function):
        raise Refused(f"{module.__name__} has no function {name}; a submission needs it.")
    return function


def _plan(module: ModuleType, facts: Facts) -> Any:
    return _function(module, "plan")(facts["facts"]) if hasattr(module, "plan") else [{}]


def _predict(module: ModuleType, artifact: Arrays, inputs: Arrays) -> Arrays:
    return named.check(_function(module, "predict")(artifact, inputs), "predict")


def _fit(
    job: Job,
    module: ModuleType,
    frame: wire.Frame,
    channel: socket.socket,
    read: Callable[[int], bytearray],
) -> Arrays:
    def oracle(question: Arrays) -> Arrays:
        question = named.check(question, "the oracle's question")
        channel.sendall(wire.pack(wire.QUESTION, {}, question))
        return wire.unpack(read, "the examiner", trusted=True).arrays

    context = Context(
        seed=job.seed,
        seconds=job.seconds,
        threads=job.threads,
        device=job.device,
        facts=frame.facts["facts"],
        oracle=oracle if frame.facts["oracle"] else None,
    )
    return named.check(_function(module, "fit")(frame.arrays, context), "fit")


def _explain(error: BaseException, scratch: str) -> str:
    """Say what was raised and at which line of the submission's own files."""
    try:
        text = " ".join(f"{type(error).__name__}: {error}".split())[:500]
    except Exception:  # the text of an exception is code of the submission
        text = type(error).__name__
    root = os.path.join(scratch, "submission") + os.sep
    if isinstance(error, SyntaxError) and (error.filename or "").startswith(root):
        return f"{text} [{str(error.filename).removeprefix(root)}:{error.lineno}]"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename.startswith(root)]
    if not own:
        return text
    return f"{text} [{own[-1].filename.removeprefix(root)}:{own[-1].lineno}]"
