"""Lock the calling process in, with what this kernel offers and nothing installed.

Every function raises one layer of the wall by a system call through ctypes, or raises `OSError`
with the reason why this machine has no such layer. Raised layers cannot be lowered again, and
they bind the calling thread and what it starts: call them before a second thread exists.

Covered: files (Landlock), network and System V objects (namespaces, seccomp), other processes
(seccomp, Landlock scopes), resources (rlimits), privileges (capabilities, no_new_privs).
Not covered: processor time (the parent's clock), resident memory and disk totals (the parent's
watch), timing side channels, the shared page cache and the times of last access of the runtime's
files (which carry bits from one phase to the next), holes of the kernel itself.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import struct
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)


def _needs_linux(lack: str) -> None:
    if not sys.platform.startswith("linux"):
        raise OSError(errno.ENOSYS, f"{lack} on this system")


def _call(number: int, *arguments: object) -> int:
    _needs_linux("no such system call")
    result = int(_libc.syscall(ctypes.c_long(number), *arguments))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def _prctl(option: int, *values: int) -> None:
    _needs_linux("no prctl")
    arguments = [ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4]]
    if _libc.prctl(ctypes.c_int(option), *arguments) < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


# ---------------------------------------------------------------------------------------------
# Process

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP = 1, 4, 24
_PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 36, 38
_CLONE_NEWUTS, _CLONE_NEWIPC, _CLONE_NEWUSER, _CLONE_NEWNET = (
    0x04000000,
    0x08000000,
    0x10000000,
    0x40000000,
)


def die_with_parent() -> None:
    """Ask the kernel to kill this process when the thread that forked it ends."""
    _prctl(_PR_SET_PDEATHSIG, 9)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def hide_from_debuggers() -> None:
    """Make the memory of this process unreadable for others of the same user."""
    _prctl(_PR_SET_DUMPABLE, 0)


def limit(memory: int, file_size: int, open_files: int, seconds: int) -> None:
    """Set hard limits: private memory and file size in bytes, open files, processor seconds.

    Address space stays free, because CUDA and sparse mappings need it.
    """
    wanted = [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, file_size),
        (resource.RLIMIT_NOFILE, open_files),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_DATA, memory),
    ]
    for kind, value in wanted:
        _, hard = resource.getrlimit(kind)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))


def leave_namespaces() -> None:
    """Move to empty user, network, IPC and host-name namespaces."""
    _needs_linux("no namespaces")
    if _libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET | _CLONE_NEWIPC | _CLONE_NEWUTS) < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def drop_capabilities() -> None:
    """Give up every capability, the bounding set included, and gaining any by exec."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    for capability in range(64):
        try:
            _prctl(_PR_CAPBSET_DROP, capability)
        except OSError as error:
            if error.errno == errno.EINVAL:  # past the last capability that this kernel knows
                break
            if error.errno != errno.EPERM:  # an ordinary user has nothing to drop
                raise
    header = struct.pack("<Ii", 0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this thread
    if _libc.capset(header, bytes(24)) < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


# ---------------------------------------------------------------------------------------------
# Landlock: Documentation/userspace-api/landlock.rst of the Linux kernel

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG = 1 << 4, 1 << 5, 1 << 7, 1 << 8
_TRUNCATE, _IOCTL_DEVICE = 1 << 14, 1 << 15

READ = _READ_FILE | _READ_DIR
WRITE = READ | _WRITE_FILE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _TRUNCATE
ACCELERATOR = WRITE | _IOCTL_DEVICE
"""What a driver needs of its device files."""
_ON_FILES = EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEVICE

Rule = tuple[str, int]
"""A path and the rights that hold on it and below."""


def landlock_abi() -> int:
    """Return the version of Landlock that this kernel offers; raise `OSError` without one."""
    _needs_linux("no Landlock")
    return _call(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1))


def landlock(rules: Iterable[Rule]) -> int:
    """Allow the rights in `rules` on files and no others, and return the version in force.

    From version 4 no TCP socket may bind or connect; from version 6 neither signals nor abstract
    sockets reach a process outside. Paths that do not exist are passed over.
    """
    abi = landlock_abi()
    files = (1 << 13) - 1
    files |= (1 << 13) if abi >= 2 else 0  # link and rename between folders
    files |= _TRUNCATE if abi >= 3 else 0
    files |= _IOCTL_DEVICE if abi >= 5 else 0
    attributes = struct.pack("<QQQ", files, 0b11, 0b11)
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    ruleset = _call(_CREATE_RULESET, attributes, ctypes.c_size_t(size), ctypes.c_uint32(0))
    try:
        for path, rights in rules:
            _allow(ruleset, path, rights & files)
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
        _call(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)
    return abi


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not os.path.isdir(path):
            rights &= _ON_FILES
        rule = struct.pack("<Qi", rights, descriptor)
        _call(_ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(1), rule, ctypes.c_uint32(0))
    finally:
        os.close(descriptor)


def devices(accelerator: bool) -> list[Rule]:
    """Return rules for the harmless device files, and for NVIDIA's where one is to be used."""
    rules = [(f"/dev/{name}", WRITE) for name in ("null", "zero", "urandom", "random")]
    if accelerator:
        names = (name for name in os.listdir("/dev") if name.startswith("nvidia"))
        rules += [(f"/dev/{name}", ACCELERATOR) for name in names]
    return rules


def readable_except(root: str, masked: Sequence[str]) -> list[Rule]:
    """Return rules that open `root` for reading but for the contents of `masked` paths below it.

    Landlock can only allow; so every folder on the way to a masked path is opened entry by entry.
    Names stay listable, contents do not. Masked paths may lead through symbolic links; the rules
    name real paths.
    """
    return _open_around(os.path.realpath(root), [os.path.realpath(path) for path in masked])


def _open_around(root: str, masked: Sequence[str]) -> list[Rule]:
    inside = [Path(path).relative_to(root).parts for path in masked if _below(path, root)]
    if not inside:
        return [(root, READ)]
    if () in inside:
        return []
    rules: list[Rule] = [(root, _READ_DIR)]
    onward: dict[str, list[str]] = {}
    for parts in inside:
        onward.setdefault(parts[0], []).append(os.path.join(root, *parts))
    with os.scandir(root) as entries:
        for entry in entries:
            if entry.name in onward:
                rules += _open_around(entry.path, onward[entry.name])
            elif not entry.is_symlink():  # a rule would open what it points to
                rules.append((entry.path, READ))
    return rules


def _below(path: str, root: str) -> bool:
    return Path(path).is_relative_to(root)


# ---------------------------------------------------------------------------------------------
# seccomp: classic BPF over struct seccomp_data {int nr; u32 arch; u64 ip; u64 args[6]}

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_X86_64 = 0xC000003E
_CLONE_THREAD = 0x00010000

# System calls of x86-64 that a learning program never needs, by what they would open.
_DENIED: dict[str, tuple[int, ...]] = {
    "sockets": (41, 42, 43, 49, 50, 53, 288),  # socket connect accept bind listen pair accept4
    "system v and posix queues": (29, 30, 31, 64, 65, 66, 67, 68, 69, 70, 71, 220, 240, 241, 242),
    "processes": (57, 58, 59, 322, 109, 112, 434),  # fork exec setpgid setsid pidfd_open
    "signals": (129, 200, 297, 424),  # rt_sigqueueinfo tkill rt_tgsigqueueinfo pidfd_send_signal
    "other memory": (101, 310, 311, 312, 438, 440, 448),  # ptrace process_vm_* kcmp pidfd_getfd
    "anonymous files": (319, 447, 323),  # memfd_create memfd_secret userfaultfd
    "io_uring and aio, whose requests are counted for all together": (
        *(425, 426, 427),
        *(206, 207, 208, 209, 210, 333),
    ),
    "file locks": (73,),  # flock, which works on files that others may read, too
    "walls of its own": (444, 445, 446),  # kernel memory that no limit counts
    "kernel programs": (321, 298, 175, 176, 313, 246, 320),  # bpf perf modules kexec
    "mounts": (161, 155, 165, 166, 428, 429, 430, 431, 432, 433, 442, 303, 304),
    "namespaces": (272, 308),
    "keys": (248, 249, 250),
    "clock": (159, 164, 227, 305),
    "machine": (103, 163, 167, 168, 169, 170, 171, 172, 173, 179, 135, 154),
    "the page cache": (27, 451),  # mincore cachestat: what others have read
    "watching files": (253, 254, 255, 294, 300, 301),  # inotify fanotify
    "scheduling": (141, 142, 144, 203, 251, 314, 237, 238, 256, 279),
    # Landlock leaves these alone, and the owner of the runtime could break it by them.
    "file attributes": (90, 91, 268, 452, 92, 93, 94, 260, 188, 189, 190, 197, 198, 199),
    "file times": (132, 235, 261, 280),
    "file lengths": (76,),  # truncate, which Landlock leaves alone before version 3
    "special files and links": (133, 259, 86, 88, 265, 266),
    "limits": (160,),
}
_CLONE, _CLONE3, _KILL, _TGKILL, _PRLIMIT = 56, 435, 62, 234, 302
_MMAP, _IOCTL, _FCNTL, _PRCTL, _PREADV2 = 9, 16, 72, 157, 327

# (call, index of an argument, mask): denied where the argument under the mask is one of these.
_DENIED_VALUES: dict[tuple[int, int, int], tuple[int, ...]] = {
    # Files: FS_IOC_SETFLAGS and its kin ('f', 'X', 'v', 0x94) work on descriptors for reading.
    # Sockets: FIOSETOWN (0x89), as F_SETOWN below.
    (_IOCTL, 1, 0xFF00): (0x6600, 0x5800, 0x7600, 0x9400, 0x8900),
    # TIOCSTI and TIOCLINUX type into the terminal that started us; FIOASYNC sends signals.
    (_IOCTL, 1, 0xFFFFFFFF): (0x5412, 0x541C, 0x5452),
    # F_SETOWN F_SETSIG F_SETOWN_EX send any signal to any process; F_SETLEASE F_NOTIFY; and the
    # locks F_GETLK F_SETLK F_SETLKW, each in two forms.
    (_FCNTL, 1, 0xFFFFFFFF): (8, 10, 15, 1024, 1026, 5, 6, 7, 36, 37, 38),
    # RWF_NOWAIT tells what is in the page cache.
    (_PREADV2, 5, 0x8): (0x8,),
    (_PRCTL, 0, 0xFFFFFFFF): (_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE),
}
_SHARED_ANONYMOUS = 0x21
Instruction = tuple[int, int, int, int]
"""Of classic BPF: code, jumps where the test holds and where not, operand."""
_NEWEST = 462  # later system calls did not exist when the list was made


def seccomp(shared_memory: bool = False) -> int:
    """Deny what a learning program never needs; return the filter's length.

    Denied are the calls in `_DENIED` and `_DENIED_VALUES`, new processes, and signals to others.

    Threads may be started. Denied calls fail with EPERM, unknown and x32 ones with ENOSYS.

    Parameters
    ----------
    shared_memory
        Allow shared anonymous mappings. They are in no limit, and once released from the page
        table in no count of resident memory either; drivers of accelerators may want them.
    """
    _needs_linux("no seccomp")
    if platform.machine() != "x86_64":
        raise OSError(errno.ENOSYS, f"no table of system calls for {platform.machine()}")
    pid = os.getpid()
    deny, unknown = _ERRNO | errno.EPERM, _ERRNO | errno.ENOSYS
    program: list[Instruction] = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, _X86_64),
        (_RETURN, 0, 0, unknown),
        (_LOAD, 0, 0, 0),
        (_AT_LEAST, 0, 1, _NEWEST + 1),
        (_RETURN, 0, 0, unknown),
        (_EQUAL, 0, 1, _CLONE3),
        (_RETURN, 0, 0, unknown),  # its flags are out of a filter's reach; libc falls back
    ]
    for number in sorted(n for group in _DENIED.values() for n in group):
        program += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, deny)]
    program += _unless(_CLONE, 0, _ANY_BIT, _CLONE_THREAD, deny)
    program += _unless(_KILL, 0, _EQUAL, pid, deny)
    program += _unless(_TGKILL, 0, _EQUAL, pid, deny)
    program += [
        (_EQUAL, 0, 5, _PRLIMIT),  # reading limits is fine, setting them is not
        (_LOAD, 0, 0, _argument(2)),
        (_EQUAL, 0, 2, 0),
        (_LOAD, 0, 0, _argument(2) + 4),
        (_EQUAL, 1, 0, 0),
        (_RETURN, 0, 0, deny),
        (_LOAD, 0, 0, 0),
    ]
    denied = dict(_DENIED_VALUES)
    if not shared_memory:
        denied[_MMAP, 3, _SHARED_ANONYMOUS] = (_SHARED_ANONYMOUS,)
    for (number, argument, mask), values in denied.items():
        program += [
            (_EQUAL, 0, 3 + 2 * len(values), number),
            (_LOAD, 0, 0, _argument(argument)),
            (_AND, 0, 0, mask),
        ]
        for value in values:
            program += [(_EQUAL, 0, 1, value), (_RETURN, 0, 0, deny)]
        program.append((_LOAD, 0, 0, 0))
    program.append((_RETURN, 0, 0, _ALLOW))
    _install(program)
    return len(program)


def _install(program: Sequence[Instruction]) -> None:
    code = b"".join(struct.pack("<HBBI", *instruction) for instruction in program)
    buffer = ctypes.create_string_buffer(code)
    header = struct.pack("<HxxxxxxQ", len(program), ctypes.addressof(buffer))
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _call(317, ctypes.c_uint(1), ctypes.c_uint(0), header)  # SECCOMP_SET_MODE_FILTER


def _argument(index: int) -> int:
    return 16 + 8 * index  # the low half: little-endian


def _unless(number: int, argument: int, test: int, value: int, otherwise: int) -> list[Instruction]:
    return [
        (_EQUAL, 0, 4, number),
        (_LOAD, 0, 0, _argument(argument)),
        (test, 1, 0, value),
        (_RETURN, 0, 0, otherwise),
        (_RETURN, 0, 0, _ALLOW),
    ]
