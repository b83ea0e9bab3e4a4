# SPDX-License-Identifier: MIT
"""The kernel's BTF: parsed once per process, whoever loads and however often."""

from support import child
from support.objects import Find

KERNEL_BTF = "/sys/kernel/btf/vmlinux"

# What a process has read so far, and how often it has the kernel's BTF mapped (Linux
# 6.16 lets it map the file; before, it reads all of it).
WATCH = f"""
import os, pathlib, shutil, sys, threading
import tinybpf

def read_so_far():
    lines = pathlib.Path("/proc/self/io").read_text().splitlines()
    return int(dict(line.split(": ") for line in lines)["rchar"])

def mapped():
    return pathlib.Path("/proc/self/maps").read_text().count("{KERNEL_BTF}")

size = len(pathlib.Path("{KERNEL_BTF}").read_bytes())
path = sys.argv[1]
"""


def test_kernel_btf_is_parsed_once_per_process(bpf: Find) -> None:
    """Objects loaded after the first one neither read the kernel's types nor map them."""
    code = """
    start = read_so_far()
    tinybpf.load(path).close()
    before, maps = read_so_far(), mapped()
    print(before - start >= size or maps == 1)
    for _ in range(5):
        tinybpf.load(path).close()
    with tinybpf.load(path), tinybpf.load(path):
        print(mapped() == maps, read_so_far() - before < size)
    """
    assert child.output(WATCH + _dedent(code), bpf("core")) == "True\nTrue True\n"


def test_kernel_btf_that_was_missing_is_looked_for_again(bpf: Find, tmp_path: object) -> None:
    """A failure is not kept: once the kernel's types are there, loading works."""
    code = """
    shutil.copy(path, sys.argv[2])
    root = os.open("/", os.O_RDONLY)
    os.chroot(sys.argv[2])
    os.chdir("/")
    try:
        tinybpf.load(os.path.basename(path))
    except tinybpf.BpfError as e:
        print("kernel BTF is missing" in e.libbpf_log)
    os.fchdir(root)
    os.chroot(".")
    os.close(root)
    tinybpf.load(path).close()
    """
    assert child.output(WATCH + _dedent(code), bpf("core"), tmp_path) == "True\n"


def test_threads_that_load_at_once_share_the_kernel_btf(bpf: Find) -> None:
    """Threads that all load first, at the same moment, end with one BTF in the process."""
    code = """
    start = threading.Barrier(8)

    def cycle():
        start.wait()
        for _ in range(3):
            tinybpf.load(path).close()

    threads = [threading.Thread(target=cycle) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(mapped() <= 1)
    """
    assert child.output(WATCH + _dedent(code), bpf("core")) == "True\n"


def test_fork_while_threads_load_leaves_a_child_that_loads(bpf: Find) -> None:
    """A child that is forked in the middle of another thread's load can load itself."""
    code = """
    import warnings
    warnings.simplefilter("ignore", DeprecationWarning)  # of fork() beside threads

    over = threading.Event()

    def cycle():
        while not over.is_set():
            tinybpf.load(path).close()

    thread = threading.Thread(target=cycle)
    thread.start()
    statuses = []
    for _ in range(10):
        pid = os.fork()
        if pid == 0:
            tinybpf.load(path).close()
            os._exit(7)
        statuses.append(os.waitpid(pid, 0)[1] >> 8)
    over.set()
    thread.join()
    print(set(statuses))
    """
    assert child.output(WATCH + _dedent(code), bpf("core")) == "{7}\n"


def _dedent(code: str) -> str:
    return "\n".join(line[4:] for line in code.splitlines())
