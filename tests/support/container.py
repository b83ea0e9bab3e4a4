# SPDX-License-Identifier: MIT
"""What the runtime of containers makes of a folder, without one.

A child calls these on itself: namespaces, a root, the mounts, masks and capabilities that
Docker and Podman give by default, and those that their --cap-add and -v are told.
"""

import ctypes
import errno
import os
import pathlib
import platform
import signal
import stat

RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT, BIND = 1, 2, 4, 8, 0x20, 0x1000
MOVE, REC, PRIVATE = 0x2000, 0x4000, 1 << 18
NEWNS = 0x00020000
NAMESPACES = NEWNS | 0x02000000 | 0x04000000 | 0x08000000 | 0x20000000 | 0x40000000
DETACH = 2
PR_CAPBSET_DROP = 24
DEFAULT = 0xA80425FB  # the capabilities of a container that nothing is said of
NUMBERS = {"dac_read_search": 2, "perfmon": 38, "bpf": 39}  # linux/capability.h
PIVOT_ROOT = 155 if platform.machine() == "x86_64" else 41

MOUNTS = (
    ("proc", "proc", NOSUID | NODEV | NOEXEC, ""),
    ("tmpfs", "dev", NOSUID, "mode=755"),
    ("tmpfs", "dev/shm", NOSUID | NODEV | NOEXEC, ""),
    ("sysfs", "sys", RDONLY | NOSUID | NODEV | NOEXEC, ""),
    ("cgroup2", "sys/fs/cgroup", RDONLY | NOSUID | NODEV | NOEXEC, ""),
)
DEVICES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9)}
MASKED = (
    *("proc/acpi", "proc/kcore", "proc/keys", "proc/latency_stats", "proc/timer_list"),
    *("proc/timer_stats", "proc/sched_debug", "proc/scsi", "sys/firmware"),
)
READ_ONLY = ("proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger")

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), what)


def _mount(
    source: object, place: object, kind: str = "", flags: int = 0, data: str = ""
) -> None:
    texts = (os.fsencode(str(text)) for text in (source, place, kind))
    _check(_libc.mount(*texts, ctypes.c_ulong(flags), data.encode()), str(place))


def _bind_read_only(source: object, place: object) -> None:
    _mount(source, place, flags=BIND | REC)
    _mount("none", place, flags=BIND | REMOUNT | RDONLY)


def _furnish(root: pathlib.Path, shared: tuple[str, ...]) -> None:
    """Mount what a container finds below its root, and hide what it shall not see."""
    for kind, place, flags, data in MOUNTS:
        (root / place).mkdir(exist_ok=True)
        _mount(kind, root / place, kind, flags, data)
    for name, (major, minor) in DEVICES.items():
        os.mknod(root / "dev" / name, stat.S_IFCHR | 0o666, os.makedev(major, minor))
        (root / "dev" / name).chmod(0o666)
    for folder in shared:
        _bind_read_only(folder, root / folder.lstrip("/"))
    for path in filter(pathlib.Path.exists, (root / name for name in MASKED)):
        if path.is_dir():
            _mount("tmpfs", path, "tmpfs", RDONLY)
        else:
            _mount(root / "dev/null", path, flags=BIND)
    for path in filter(pathlib.Path.exists, (root / name for name in READ_ONLY)):
        _bind_read_only(path, path)


def _take_root(root: pathlib.Path) -> None:
    """Let the folder, a mount, be the root; what was the root is gone.

    The first file system of a machine, an initramfs, cannot be exchanged, only covered.
    """
    os.chdir(root)
    if _libc.syscall(PIVOT_ROOT, b".", b".") == 0:
        _check(_libc.umount2(b".", DETACH), "/")
    elif ctypes.get_errno() == errno.EINVAL:
        _mount(".", "/", flags=MOVE)
    else:
        _check(-1, "pivot_root")
    os.chroot(".")
    os.chdir("/")


def _bound(added: tuple[str, ...]) -> None:
    """Let programs that are started have the default's capabilities and these."""
    kept = DEFAULT | sum(1 << NUMBERS[name] for name in added)
    for number in range(64):
        if not kept >> number & 1:
            _libc.prctl(PR_CAPBSET_DROP, ctypes.c_ulong(number), 0, 0, 0)


def change_root(root: str, shared: tuple[str, ...] = ()) -> None:
    """Go on with that folder as the root; shared: folders of the host that are in it, too."""
    _check(_libc.unshare(NEWNS), "unshare")
    _mount("none", "/", flags=REC | PRIVATE)
    for folder in shared:
        place = pathlib.Path(root, folder.lstrip("/"))
        place.mkdir(exist_ok=True)
        _mount(folder, place, flags=BIND | REC)
    os.chroot(root)
    os.chdir("/")


def enter(root: str, added: tuple[str, ...] = (), shared: tuple[str, ...] = ()) -> None:
    """Go on as the first process of a container with that root.

    The process that called waits for it, and ends as it does; Ctrl-C is not for that one.
    added: what --cap-add would be told; shared: folders of the host, as -v FOLDER:ro.
    """
    _check(_libc.unshare(NAMESPACES), "unshare")
    pid = os.fork()
    if pid:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os._exit(code if code >= 0 else 128 - code)
    _mount("none", "/", flags=REC | PRIVATE)
    _mount(root, root, flags=BIND)
    _furnish(pathlib.Path(root), shared)
    _take_root(pathlib.Path(root))
    _bound(added)
