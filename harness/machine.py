"""What this machine is, as stored with every round: processor, kernel, limits, versions, commit.

How a trial was walled off stands with the trial.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

import harness
from harness.sandbox import Limits

PACKAGES = ("torch", "numpy", "scipy", "pandas", "scikit-learn", "safetensors")


def describe(device: str = "cpu") -> dict[str, Any]:
    """Return plain facts about the machine; nothing that names its user."""
    return {
        "device": device,
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": f"{platform.system()} {platform.release()}",
        "architecture": platform.machine(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "root": os.geteuid() == 0 if hasattr(os, "geteuid") else False,
        "limits": _limits(),
    }


def _limits() -> dict[str, int]:
    """Return what a phase may use beside its clock, which is the task's."""
    limits = dataclasses.asdict(Limits(seconds=0))
    del limits["seconds"]
    return limits


@functools.cache
def versions() -> dict[str, str]:
    """Return the versions that a trial's numbers depend on."""
    found = {"python": platform.python_version(), "harness": harness.__version__}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    commit = _commit()
    return found | ({"commit": commit} if commit else {})


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _commit() -> str:
    """Return the commit of the harness's own checkout, marked where files differ from it."""
    root = Path(harness.__file__).resolve().parent.parent
    if not (root / ".git").exists():
        return ""
    git = ["git", "-C", str(root)]
    try:
        head = subprocess.run(
            [*git, "rev-parse", "HEAD"], capture_output=True, text=True, timeout=10
        )
        changed = subprocess.run(
            [*git, "status", "--porcelain", "--untracked-files=no"],
            capture_output=True, text=True, timeout=10,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return head.stdout.strip() + ("+changes" if changed.stdout.strip() else "")
