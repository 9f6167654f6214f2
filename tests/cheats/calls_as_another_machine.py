"""Makes system calls by the numbers of another machine type.

Ends: ok
Needs: seccomp
"""

import ctypes
import mmap
import os

import numpy as np

X32 = 0x40000000
GETPID_X32 = X32 | 39
# mov eax, 20 (getpid of i386); int 0x80; ret
GETPID_I386 = bytes.fromhex("b814000000cd80c3")


def attack(world):
    memory = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, 7)
    memory.write(GETPID_I386)
    function = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))
    return os.getpid() in (function(), ctypes.CDLL(None).syscall(GETPID_X32))


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
