"""Nothing crosses from phase to phase or from trial to trial but the artifact.

One submission hides a mark in every channel that it can think of and looks for the marks of those
before it. That each probe would find its mark is held, too: where there is no wall it does.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from harness.sandbox import Limits, Nursery
from harness.vocabulary import Submission
from tests import tiny

LIMITS = Limits(seconds=60)
LAYERS = ("death with the parent", "limits", "namespaces", "capabilities", "landlock", "seccomp")
MARK = f"harness-mark-{os.getpid()}"

# Name -> how a mark is hidden, how it is found, how it is taken away again.
CHANNELS: dict[str, tuple[str, ...]] = {
    # Files
    "the working folder": ("mark('.')", "marked('.')"),
    "HOME": ("mark(os.environ['HOME'])", "marked(os.environ['HOME'])"),
    "TMPDIR": ("mark(tempfile.gettempdir())", "marked(tempfile.gettempdir())"),
    "its own source": (
        "open(__file__, 'a').write('# mark')",
        "open(__file__).read()[-4:] == 'mark'",
    ),
    "/tmp": ("mark('/tmp')", "marked('/tmp')", "unmark('/tmp')"),
    "/var/tmp": ("mark('/var/tmp')", "marked('/var/tmp')", "unmark('/var/tmp')"),
    "/dev/shm": ("mark('/dev/shm')", "marked('/dev/shm')", "unmark('/dev/shm')"),
    "a folder outside": ("mark(world['folder'])", "marked(world['folder'])"),
    "the runtime": ("mark(world['runtime'])", "marked(world['runtime'])"),
    "the folder of all phases": ("mark(world['scratch'])", "marked(world['scratch'])"),
    "the text of a file": (
        "open(world['file'], 'a').write('mark')",
        "'mark' in open(world['file']).read()",
    ),
    "the mode of a file": (
        "os.chmod(world['file'], 0o711)",
        "os.stat(world['file']).st_mode & 0o777 == 0o711",
    ),
    "the time of a change": (
        "os.utime(world['file'], (9, 9))",
        "os.stat(world['file']).st_mtime == 9",
    ),
    "an attribute of a file": (
        "os.setxattr(world['file'], 'user.mark', b'1')",
        "'user.mark' in os.listxattr(world['file'])",
    ),
    "a link": (
        "os.symlink('mark', world['folder'] + '/link')",
        "os.path.islink(world['folder'] + '/link')",
    ),
    "a lock on a file": (
        "fcntl.flock(keep(open(world['library'])), fcntl.LOCK_EX)",
        "fcntl.flock(open(world['library']), fcntl.LOCK_EX | fcntl.LOCK_NB)",  # raises if locked
    ),
    "a lock on a part of a file": (
        "fcntl.fcntl(keep(open(world['library'])), OF_SET, part(fcntl.F_RDLCK))",
        "locked_part(world['library'])",
    ),
    "the time of last access": (
        "open(world['aged']).read()",
        "os.stat(world['aged']).st_atime > 86400",
    ),
    # Memory
    "a module's global": ("np.mark = 1", "hasattr(np, 'mark')"),
    "a built-in": ("builtins.mark = 1", "hasattr(builtins, 'mark')"),
    "the list of modules": ("sys.modules['mark'] = sys", "'mark' in sys.modules"),
    "the path of modules": ("sys.path.append('/mark')", "'/mark' in sys.path"),
    "the environment": ("os.environ.update(MARK='1')", "'MARK' in os.environ"),
    "libc's environment": ("libc.setenv(b'MARK_C', b'1', 1)", "libc.getenv(b'MARK_C') != 0"),
    "torch's settings": (
        "torch.set_default_dtype(torch.float64)",
        "torch.get_default_dtype() is torch.float64",
    ),
    "torch's seed": ("torch.manual_seed(77)", "torch.initial_seed() == 77"),
    "numpy's settings": ("np.seterr(under='raise')", "np.geterr()['under'] == 'raise'"),
    "a thread": (
        "threading.Thread(target=time.sleep, args=(30,), name='mark', daemon=True).start()",
        "any(thread.name == 'mark' for thread in threading.enumerate())",
    ),
    "an open descriptor": ("os.dup2(1, 200)", "os.path.exists('/proc/self/fd/200')"),
    # What the kernel keeps
    "a System V segment": (
        "libc.shmget(KEY, 4096, 0o1666)",
        "libc.shmget(KEY, 0, 0) >= 0",
        "libc.shmctl(libc.shmget(KEY, 0, 0), 0, 0)",
    ),
    "a System V semaphore": (
        "libc.semget(KEY, 1, 0o1666)",
        "libc.semget(KEY, 0, 0) >= 0",
        "libc.semctl(libc.semget(KEY, 0, 0), 0, 0)",
    ),
    "a System V queue": (
        "libc.msgget(KEY, 0o1666)",
        "libc.msgget(KEY, 0) >= 0",
        "libc.msgctl(libc.msgget(KEY, 0), 0, 0)",
    ),
    "a POSIX queue": (
        "librt.mq_open(b'/' + MARK.encode(), 0o102, 0o666, 0)",
        "librt.mq_open(b'/' + MARK.encode(), 2) >= 0",
        "librt.mq_unlink(b'/' + MARK.encode())",
    ),
    "a port": (
        "serve(socket.AF_INET, ('127.0.0.1', PORT))",
        "calls(socket.AF_INET, ('127.0.0.1', PORT))",
    ),
    "an abstract socket": (
        "serve(socket.AF_UNIX, chr(0) + MARK)",
        "calls(socket.AF_UNIX, chr(0) + MARK)",
    ),
    "the name of the process": (
        "libc.prctl(15, b'mark')",
        "open('/proc/self/comm').read() == 'mark\\n'",
    ),
    "the slack of timers": ("libc.prctl(29, 4242)", "libc.prctl(30) == 4242"),
    "the mask of modes": ("os.umask(0o003)", "'Umask:\\t0003' in open('/proc/self/status').read()"),
    "the priority": ("os.nice(3)", "os.nice(0) > world['priority']"),
    "a limit": (
        "resource.setrlimit(resource.RLIMIT_STACK, (7 << 20, 7 << 20))",
        "resource.getrlimit(resource.RLIMIT_STACK)[0] == 7 << 20",
    ),
    "a timer": (
        "signal.setitimer(signal.ITIMER_REAL, 99)",
        "signal.getitimer(signal.ITIMER_REAL)[0] > 0",
    ),
    "an ignored signal": (
        "signal.signal(signal.SIGUSR1, signal.SIG_IGN)",
        "signal.getsignal(signal.SIGUSR1) == signal.SIG_IGN",
    ),
    "the personality": ("libc.personality(0x40000)", "libc.personality(0xFFFFFFFF) == 0x40000"),
}
KNOWN = {"the time of last access"}
"""SECURITY.md says that they are open."""

PROBE = f"""
import builtins, ctypes, fcntl, os, resource, signal, socket, struct, sys, tempfile, threading, time
import numpy as np
import torch

MARK, KEY, PORT = {MARK!r}, {0x7E000000 + os.getpid()}, {20000 + os.getpid() % 10000}
OF_GET, OF_SET = 36, 37  # F_OFD_GETLK F_OFD_SETLK: locks that closing another file leaves alone
CHANNELS = {CHANNELS!r}
libc, librt = ctypes.CDLL(None), ctypes.CDLL("librt.so.1")
kept = []


def keep(thing):
    kept.append(thing)
    return thing


def mark(folder):
    open(os.path.join(folder, MARK), "w").close()


def marked(folder):
    return MARK in os.listdir(folder)


def unmark(folder):
    os.remove(os.path.join(folder, MARK))


def serve(family, address):
    server = keep(socket.socket(family))
    server.bind(address)
    server.listen()


def part(kind):
    return struct.pack("hhqqi4x", kind, os.SEEK_SET, 0, 0, 0)


def locked_part(path):
    found = fcntl.fcntl(open(path), OF_GET, part(fcntl.F_WRLCK))
    return struct.unpack("hhqqi4x", found)[0] != fcntl.F_UNLCK


def calls(family, address):
    socket.socket(family).connect(address)
    return True


def attempt(code, names):
    try:
        return bool(eval(code, {{**globals(), **names}}))
    except BlockingIOError:  # somebody holds the lock
        return True
    except Exception:
        return False


def hide(world):
    for hidden, *_ in CHANNELS.values():
        statement = compile(hidden, "hide", "exec")
        try:
            exec(statement, {{**globals(), "world": world}})
        except Exception:
            continue


def find(world):
    return np.array([attempt(found, {{"world": world}}) for _, found, *_ in CHANNELS.values()])


def fit(train, context):
    before = find(context.facts)
    hide(context.facts)
    after = find(context.facts)
    if context.facts["undo"]:
        for _, _, *undo in CHANNELS.values():
            [attempt(code, {{"world": context.facts}}) for code in undo]
    return {{"before": before, "after": after}}


def predict(artifact, inputs):
    import json
    return {{"before": find(json.loads(inputs["world"].tobytes()))}}
"""


@pytest.fixture
def world(nursery: Nursery, tmp_path: Path) -> dict[str, object]:
    runtime = Path(nursery.masked[-1]).parent
    (tmp_path / "file").write_text("text")
    aged = runtime / "aged"
    aged.write_text("text")
    os.utime(aged, (1000, 999))
    return {
        "folder": str(tmp_path),
        "file": str(tmp_path / "file"),
        "runtime": str(runtime),
        "library": str(runtime / "library.py"),
        "aged": str(aged),
        "scratch": nursery.scratch,
        "priority": os.nice(0),
        "undo": False,
    }


def found(arrays: dict[str, np.ndarray], when: str) -> set[str]:
    return {name for name, there in zip(CHANNELS, arrays[when], strict=True) if there}


def test_nothing_crosses_but_the_artifact(
    nursery: Nursery, layers: tuple[str, ...], world: dict[str, object], tmp_path: Path
) -> None:
    for layer in ("landlock", "seccomp", "namespaces", "limits"):
        if not any(name.split()[0] == layer for name in layers):
            pytest.skip(f"this machine does not offer {layer}")
    question = {"world": np.frombuffer(json.dumps(world).encode(), np.uint8)}
    for name in ("first", "second"):
        entry: Submission = tiny.submission(tmp_path, PROBE, name)
        fit = nursery.start(entry, "fit", LIMITS)
        artifact = fit.call({}, world)[0]
        assert len(found(artifact, "after")) > 10  # its own memory, if nothing else
        predict = nursery.start(entry, "predict", LIMITS)
        try:
            predict.hand(artifact)
            seen = {"fit": artifact, "predict": predict.call(question)[0]}
        finally:
            fit.close(), predict.close()
        for phase, arrays in seen.items():
            assert found(arrays, "before") <= KNOWN, (name, phase)


def test_every_probe_finds_its_mark_where_there_is_no_wall(
    world: dict[str, object], tmp_path: Path
) -> None:
    if os.getuid() != 0:
        pytest.skip("some marks can be left by root alone")
    with Nursery(skip=LAYERS) as bare:
        process = bare.start(tiny.submission(tmp_path, PROBE), "fit", LIMITS)
        arrays = process.call({}, {**world, "scratch": bare.scratch, "undo": True})[0]
        process.close()
    assert found(arrays, "before") == set()
    assert set(CHANNELS) - found(arrays, "after") <= KNOWN  # disks may keep no times of access
