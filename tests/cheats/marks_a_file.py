"""Sets a flag of a file of the runtime through a descriptor for reading.

Ends: ok
Needs: seccomp
"""

import fcntl
import struct

import numpy as np

FS_IOC_GETFLAGS, FS_IOC_SETFLAGS = 0x80086601, 0x40086602
NO_DUMP = 0x40


def attack(world):
    with open(world["library"], "rb") as file:
        flags = struct.unpack("<q", fcntl.ioctl(file, FS_IOC_GETFLAGS, bytes(8)))[0]
        fcntl.ioctl(file, FS_IOC_SETFLAGS, struct.pack("<q", flags ^ NO_DUMP))
    return True


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
