"""Opens parts of the kernel that have had holes.

Ends: ok
Needs: seccomp
"""

import ctypes

import numpy as np

CALLS = {
    "userfaultfd": (323, 1),
    "io_uring_setup": (425, 8, bytes(120)),
    "perf_event_open": (298, bytes(128), 0, -1, -1, 0),
    "bpf": (321, 0, bytes(72), 72),
    "add_key": (248, b"user", b"note", b"hello", 5, -2),
    "fanotify_init": (300, 0, 0),
    "open_by_handle_at": (304, -1, bytes(16), 0),
}


def attack(world):
    libc = ctypes.CDLL(None)
    return any(libc.syscall(*call) >= 0 for call in CALLS.values())


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
