"""The layers one by one, each raised in a process of its own."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import confine

try:
    ABI = confine.landlock_abi()
except OSError as error:
    ABI = 0
    WHY = str(error)
else:
    WHY = ""
needs_landlock = pytest.mark.skipif(ABI == 0, reason=f"no Landlock on this machine: {WHY}")
needs_x86_64 = pytest.mark.skipif(
    sys.platform != "linux" or os.uname().machine != "x86_64",
    reason="the table of system calls is that of Linux on x86-64",
)


def outcome(code: str) -> str:
    """Run code in a fresh process and return what it prints."""
    program = "from harness import confine\nimport os\n" + textwrap.dedent(code)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def grown(root: Path, *files: str) -> None:
    for name in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def readable(root: Path, masked: list[Path], *files: Path) -> list[bool]:
    """Return which files a process can read behind `readable_except`."""
    rules = confine.readable_except(str(root), [str(path) for path in masked])
    code = f"""
        confine.landlock({rules!r})
        for path in {[str(path) for path in files]!r}:
            try:
                open(path).close()
                print(True)
            except PermissionError:
                print(False)
    """
    return [word == "True" for word in outcome(code).split()]


def test_without_masks_one_rule_opens_the_whole_root(tmp_path: Path) -> None:
    root = os.path.realpath(tmp_path)
    assert confine.readable_except(root, []) == [(root, confine.READ)]
    assert confine.readable_except(root, ["/somewhere/else"]) == [(root, confine.READ)]


def test_a_masked_root_gets_no_rule(tmp_path: Path) -> None:
    assert confine.readable_except(str(tmp_path), [str(tmp_path)]) == []


@needs_landlock
def test_a_masked_file_is_closed_and_its_neighbours_are_open(tmp_path: Path) -> None:
    grown(tmp_path, "a/data/labels", "a/data/other", "a/code", "b/code")
    files = [tmp_path / name for name in ("a/data/labels", "a/data/other", "a/code", "b/code")]
    assert readable(tmp_path, [files[0]], *files) == [False, True, True, True]
    assert readable(tmp_path, [tmp_path / "a/data"], *files) == [False, False, True, True]


@needs_landlock
@pytest.mark.parametrize("masked", ["lib/data", "lib64/data"])
@pytest.mark.parametrize("through", ["lib/data/labels", "lib64/data/labels"])
def test_a_mask_holds_whichever_name_of_a_linked_folder_is_used(
    tmp_path: Path, masked: str, through: str
) -> None:
    grown(tmp_path, "lib/data/labels", "lib/code")
    (tmp_path / "lib64").symlink_to("lib")
    files = (tmp_path / through, tmp_path / "lib64/code", tmp_path / "lib/code")
    assert readable(tmp_path, [tmp_path / masked], *files) == [False, True, True]


@needs_landlock
def test_a_link_does_not_open_what_it_points_to(tmp_path: Path) -> None:
    grown(tmp_path, "root/data/labels", "outside/secret")
    (tmp_path / "root/link").symlink_to(tmp_path / "outside")
    (tmp_path / "root/back").symlink_to(tmp_path / "root/data")
    files = (tmp_path / "root/link/secret", tmp_path / "root/back/labels")
    assert readable(tmp_path / "root", [tmp_path / "root/data"], *files) == [False, False]


@needs_landlock
def test_names_below_a_mask_stay_listed_and_contents_do_not(tmp_path: Path) -> None:
    grown(tmp_path, "data/labels", "code")
    rules = confine.readable_except(str(tmp_path), [str(tmp_path / "data/labels")])
    listed = outcome(f"confine.landlock({rules!r}); print(os.listdir({str(tmp_path / 'data')!r}))")
    assert listed == "['labels']"


@needs_landlock
def test_landlock_opens_what_its_rules_name_and_returns_its_version(tmp_path: Path) -> None:
    grown(tmp_path, "open/file", "closed/file")
    code = f"""
        print(confine.landlock([({str(tmp_path / "open")!r}, confine.READ), ("/no/such", 4)]))
        print(open({str(tmp_path / "open/file")!r}).read())
        for path, mode in (("open/file", "a"), ("open/new", "w"), ("closed/file", "r")):
            try:
                open(os.path.join({str(tmp_path)!r}, path), mode)
            except PermissionError:
                print("denied")
    """
    assert outcome(code).split() == [str(ABI), "open/file", "denied", "denied", "denied"]


@needs_x86_64
def test_seccomp_leaves_threads_and_private_memory_alone() -> None:
    code = """
        import mmap, threading
        confine.seccomp()
        seen = []
        thread = threading.Thread(target=seen.append, args=(1,))
        thread.start()
        thread.join()
        mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).write(b"x")
        print(seen, os.kill(os.getpid(), 0))
    """
    assert outcome(code) == "[1] None"


@needs_x86_64
def test_shared_anonymous_memory_is_for_those_who_ask() -> None:
    code = "import mmap\nconfine.seccomp({})\nmmap.mmap(-1, 4096)\nprint('mapped')"
    assert outcome(code.format("shared_memory=True")) == "mapped"
    with pytest.raises(AssertionError, match="PermissionError"):
        outcome(code.format(""))


# What Landlock denies as well, where it is new enough: here the filter stands alone.
@needs_x86_64
@pytest.mark.parametrize(
    "attack",
    [
        "os.kill(parent, 0)",
        "os.kill(0, 0)",
        "libc.syscall(129, parent, 0, struct.pack('<iii', 0, 0, -1) + bytes(116))",
        "libc.syscall(297, parent, parent, 0, struct.pack('<iii', 0, 0, -1) + bytes(116))",
        "fcntl.fcntl(0, fcntl.F_SETOWN, parent)",
        "fcntl.fcntl(0, 15, struct.pack('<ii', 1, parent))",
        "fcntl.ioctl(0, 0x8901, struct.pack('<i', parent))",
        "fcntl.ioctl(0, 0x5412, b'x')",
        "libc.prctl(4, 1, 0, 0, 0)",
        "os.truncate(file, 0)",
        "os.fork()",
        "libc.vfork()",
        "os.execv('/bin/true', ['true'])",
        "libc.shmget(0, 4096, 0o1666)",
        "libc.syscall(240, b'queue', 0o102, 0o600, 0)",
        "libc.syscall(462 + 1, 0)",
        "libc.syscall(27, page, 4096, page)",
        "libc.syscall(451, 0, page, page, 0)",
        "os.preadv(os.open(file, os.O_RDONLY), [bytearray(1)], 0, os.RWF_NOWAIT)",
        "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))",
    ],
)
def test_seccomp_alone_denies(attack: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    code = f"""
        import ctypes, errno, fcntl, resource, struct
        libc = ctypes.CDLL(None, use_errno=True)
        parent, file = os.getppid(), {str(tmp_path / "file")!r}
        page = ctypes.create_string_buffer(4096)
        confine.seccomp()
        try:
            print(ctypes.get_errno() if {attack} == -1 else "done")
        except (OSError, ValueError) as error:  # setrlimit raises ValueError for EPERM
            print(getattr(error, "errno", errno.EPERM))
    """
    assert outcome(code) == str(errno.ENOSYS if "462" in attack else errno.EPERM)
    assert (tmp_path / "file").read_text() == "kept"


@needs_x86_64
def test_reading_limits_and_the_window_size_stays_allowed() -> None:
    code = """
        import resource
        confine.seccomp()
        print(resource.getrlimit(resource.RLIMIT_CORE) is not None, os.isatty(1))
    """
    assert outcome(code) == "True False"


def test_limits_are_hard() -> None:
    code = """
        import resource
        confine.limit(memory=2 << 30, file_size=1 << 20, open_files=20, seconds=7)
        kinds = ("CORE", "FSIZE", "NOFILE", "CPU", "DATA")
        print([resource.getrlimit(getattr(resource, "RLIMIT_" + kind)) for kind in kinds])
    """
    expected = [(n, n) for n in (0, 1 << 20, 20, 7, 2 << 30)]
    assert outcome(code) == str(expected)


def test_a_limit_that_is_lower_already_is_kept() -> None:
    code = """
        import resource
        resource.setrlimit(resource.RLIMIT_CPU, (5, 5))
        confine.limit(memory=2 << 30, file_size=1 << 20, open_files=20, seconds=7)
        print(resource.getrlimit(resource.RLIMIT_CPU))
    """
    assert outcome(code) == "(5, 5)"


@pytest.mark.skipif(sys.platform != "linux", reason="capabilities are Linux's")
def test_no_capability_is_left() -> None:
    code = """
        confine.drop_capabilities()
        for line in open("/proc/self/status"):
            if line.startswith(("Cap", "NoNewPrivs")):
                print(line.split()[1].lstrip("0") or "none")
    """
    *capabilities, no_new_privileges = outcome(code).split()
    bounding = 3
    if os.getuid() != 0:  # an ordinary user cannot shrink the bounding set, and has no use of it
        del capabilities[bounding]
    assert set(capabilities) == {"none"} and no_new_privileges == "1"


@pytest.mark.parametrize(
    "layer",
    [
        confine.die_with_parent,
        confine.hide_from_debuggers,
        confine.leave_namespaces,
        confine.drop_capabilities,
        lambda: confine.landlock([]),
        confine.seccomp,
    ],
)
def test_a_system_that_is_not_linux_lacks_a_layer_and_says_so(
    layer: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(OSError, match="on this system") as lack:
        layer()
    assert lack.value.errno == errno.ENOSYS


@needs_landlock
@pytest.mark.skipif(ABI < 5, reason="Landlock leaves device controls alone before version 5")
def test_only_an_accelerator_may_be_controlled() -> None:
    code = """
        import fcntl
        confine.landlock([("/dev/urandom", confine.{})])
        print(fcntl.ioctl(os.open("/dev/urandom", os.O_RDONLY), 0x80045200, bytes(4)) != b"")
    """
    assert outcome(code.format("ACCELERATOR")) == "True"
    with pytest.raises(AssertionError, match="PermissionError"):
        outcome(code.format("WRITE"))
