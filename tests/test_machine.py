"""What a round says of its machine."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import fields

from harness import machine
from harness.sandbox import Limits


def test_a_machine_is_described_by_kernel_rights_interpreter_and_limits() -> None:
    found = machine.describe()
    assert platform.release() in found["system"]
    assert found["architecture"] == platform.machine()
    assert found["python"].endswith(platform.python_version())
    assert found["root"] == (os.geteuid() == 0)
    assert set(found["limits"]) == {field.name for field in fields(Limits)} - {"seconds"}
    assert found["limits"]["memory"] == Limits(seconds=1).memory
    assert json.loads(json.dumps(found)) == found
