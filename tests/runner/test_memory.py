# SPDX-License-Identifier: MIT
"""The runner's own memory functions do what C says: random cases, at every edge."""

import os
import pathlib
import platform
import subprocess

import pytest
from launch import EMULATOR, Evaluate

# Run inside: ctypes calls the functions that mem/ and memory.c define. Blocks lie
# at the end of a page whose successor is not mapped, so that a byte too far is a crash.
PREAMBLE = """\
import ctypes, mmap, random
c = ctypes.CDLL(None)
for name in ("memcpy", "memmove", "memset", "memchr", "malloc", "calloc", "realloc",
             "aligned_alloc"):
    getattr(c, name).restype = ctypes.c_void_p
c.strlen.restype = ctypes.c_size_t
ptr, size_t = ctypes.c_void_p, ctypes.c_size_t
random.seed(4)
PAGE = mmap.PAGESIZE
c.mmap.restype = ptr
area = c.mmap(None, size_t(4 * PAGE), 3, 0x22, -1, size_t(0))
c.mprotect(ptr(area + 3 * PAGE), size_t(PAGE), 0)
end = area + 3 * PAGE
def fill(at, data): ctypes.memmove(at, data, len(data))
def read(at, n): return ctypes.string_at(at, n)
def sizes():
    yield from range(0, 300)
    for _ in range(3000): yield random.choice([random.randrange(80), random.randrange(PAGE)])
"""


def choices_of_this_cpu() -> list[int]:
    """Return the choices of variants that the CPU can run: sets of enum tbr_cpu."""
    if EMULATOR or platform.machine() != "x86_64":
        return [0]
    about = pathlib.Path("/proc/cpuinfo").read_text().partition("\n\n")[0]
    said = dict(line.split(":", 1) for line in about.replace("\t", "").splitlines())
    flags = said["flags"].split()
    strings = "erms" in flags and said["vendor_id"].strip() == "GenuineIntel"
    features = ("avx2" in flags) + 2 * strings
    return [choice for choice in range(features + 1) if choice & features == choice]


def test_every_variant_does_what_c_says() -> None:
    """Each variant that this CPU can run, chosen by force, at the ends of its memory."""
    program = pathlib.Path(os.environ["TINYBPF_BUILD"], "memory-check")
    done = subprocess.run([*EMULATOR, program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout == "".join(f"ok {choice}\n" for choice in choices_of_this_cpu())


def test_memcpy_and_memmove_copy_exactly(evaluate: Evaluate) -> None:
    """Every size, alignment and overlap, and not a byte beyond."""
    code = PREAMBLE + (
        "for n in sizes():\n"
        "    near = [0, 1, 7, 15, 16, 17, 31, 32, 33]\n"
        "    distance = random.choice([*near, random.randrange(PAGE)])\n"
        "    first, second = end - n, end - n - distance\n"
        "    source, target = random.sample([first, second], 2)\n"
        "    whole = random.randbytes(3 * PAGE)\n"
        "    model = bytearray(whole)\n"
        "    s, t = source - area, target - area\n"
        "    model[t:t + n] = whole[s:s + n]\n"
        "    fill(area, whole)\n"
        "    copy = c.memcpy if distance >= n else c.memmove\n"
        "    assert copy(ptr(target), ptr(source), size_t(n)) == target\n"
        "    assert read(area, 3 * PAGE) == model, (n, distance)\n"
        "print('ok')"
    )
    assert evaluate(code) == "ok"


def test_memset_fills_exactly(evaluate: Evaluate) -> None:
    """Every size, and not a byte beyond."""
    code = PREAMBLE + (
        "for n in sizes():\n"
        "    at, byte = end - n - random.choice([0, 1, 5, 16]), random.randrange(256)\n"
        "    before = read(area, 3 * PAGE)\n"
        "    assert c.memset(ptr(at), byte + 256 * random.randrange(9), size_t(n)) == at\n"
        "    k = at - area\n"
        "    assert read(area, 3 * PAGE) == before[:k] + bytes([byte]) * n + before[k + n:]\n"
        "print('ok')"
    )
    assert evaluate(code) == "ok"


def test_memcmp_orders_like_bytes(evaluate: Evaluate) -> None:
    """The sign is that of the first byte that differs, as unsigned numbers."""
    code = PREAMBLE + (
        "for n in sizes():\n"
        "    a = bytearray(random.randbytes(n)); b = bytearray(a)\n"
        "    if n and random.random() < 0.8: b[random.randrange(n)] = random.randrange(256)\n"
        "    fill(end - n, bytes(a)); fill(area, bytes(b))\n"
        "    got = c.memcmp(ptr(end - n), ptr(area), size_t(n))\n"
        "    assert (got > 0) - (got < 0) == (a > b) - (a < b), (n, got)\n"
        "print('ok')"
    )
    assert evaluate(code) == "ok"


def test_memchr_and_strlen_find_the_first(evaluate: Evaluate) -> None:
    """At every alignment, up to the last byte of a page, and none beyond."""
    code = PREAMBLE + (
        "for n in sizes():\n"
        "    data = bytes(random.choices(b'abc', k=n)); fill(end - n, data)\n"
        "    at = c.memchr(ptr(end - n), ord('c'), size_t(n))\n"
        "    assert (at - (end - n) if at else -1) == data.find(b'c')\n"
        "    assert c.memchr(ptr(end - n), ord('z') + 256, size_t(n)) is None\n"
        "    k = random.randrange(n + 1)\n"
        "    assert (c.memchr(ptr(end - n), 0x63, size_t(k)) or 0) == "
        "(at if at and at - (end - n) < k else 0)\n"
        "    if n:\n"
        "        fill(end - 1, bytes(1))\n"
        "        assert c.strlen(ptr(end - n)) == n - 1\n"
        "fill(end - 9, b'needle..c')\n"
        "assert c.memchr(ptr(end - 9), ord('n'), size_t(2**64 - 1)) == end - 9\n"
        "print('ok')"
    )
    assert evaluate(code) == "ok"


def test_allocation_functions_keep_their_contracts(evaluate: Evaluate) -> None:
    """Zeroed, kept over realloc, aligned, refused when too large."""
    code = PREAMBLE + (
        "blocks = []\n"
        "for n in [0, 1, 8, 100, 512, 4096, 70_000, 3_000_000] * 20:\n"
        "    at = c.calloc(size_t(1), size_t(n)); assert at and read(at, n) == bytes(n)\n"
        "    data = random.randbytes(n); fill(at, data)\n"
        "    at = c.realloc(ptr(at), size_t(2 * n + 1)); assert read(at, n) == data\n"
        "    blocks.append(at)\n"
        "for at in blocks: c.free(ptr(at))\n"
        "for power in range(3, 21):\n"
        "    at = c.aligned_alloc(size_t(1 << power), size_t(100))\n"
        "    assert at % (1 << power) == 0; c.free(ptr(at))\n"
        "out = ptr()\n"
        "assert c.posix_memalign(ctypes.byref(out), size_t(64), size_t(10)) == 0\n"
        "assert out.value % 64 == 0; c.free(out)\n"
        "assert c.posix_memalign(ctypes.byref(out), size_t(24), size_t(10)) == 22\n"
        "assert c.malloc(size_t(2**62)) is None\n"
        "assert c.calloc(size_t(2**33), size_t(2**33)) is None\n"
        "c.free(None)\n"
        "print('ok')"
    )
    assert evaluate(code) == "ok"


def test_too_large_an_object_is_a_memory_error(evaluate: Evaluate) -> None:
    """Python raises MemoryError and goes on."""
    code = (
        "try:\n    bytearray(2**62)\n"
        "except MemoryError:\n    print('MemoryError', len(bytes(2**24)))"
    )
    assert evaluate(code) == "MemoryError 16777216"


def test_threads_allocate_and_free_for_each_other(evaluate: Evaluate) -> None:
    """Blocks that one thread makes and another frees."""
    code = (
        "import queue, threading, random\n"
        "q = queue.Queue(100)\n"
        "def make():\n"
        "    for n in range(5000):\n"
        "        q.put(bytes([n % 251]) * random.choice([10, 600, 9000, 300_000]))\n"
        "def take():\n"
        "    for _ in range(5000): b = q.get(); assert b[0] == b[-1]\n"
        "ts = [threading.Thread(target=f) for f in (make, take, make, take)]\n"
        "[t.start() for t in ts]; [t.join() for t in ts]\n"
        "print('ok', q.empty())"
    )
    assert evaluate(code) == "ok True"


@pytest.mark.parametrize("name", ["malloc", "malloc_debug", "mimalloc", "pymalloc_debug"])
def test_python_may_use_another_allocator(evaluate: Evaluate, name: str) -> None:
    """PYTHONMALLOC chooses among CPython's allocators over ours."""
    code = "import json; print(len(json.dumps([str(n) * 300 for n in range(1000)])))"
    wanted = evaluate(code)
    assert evaluate(code, env={"PYTHONMALLOC": name}) == wanted


@pytest.mark.real
def test_memory_of_ended_threads_is_used_again(evaluate: Evaluate) -> None:
    """Threads that come and go do not make the process grow."""
    code = (
        "import threading\n"
        "def resident(): return int(open('/proc/self/statm').read().split()[1])\n"
        "def work(): [bytes(5000) for _ in range(200)]; bytearray(400_000)\n"
        "def round():\n"
        "    for _ in range(300):\n"
        "        t = threading.Thread(target=work); t.start(); t.join()\n"
        "    return resident()\n"
        "first = round(); round(); last = round()\n"
        "print(last < first * 1.2)"
    )
    assert evaluate(code) == "True"


RESIDENT = """\
import gc
def resident(): return int(open('/proc/self/statm').read().split()[1]) * 4 // 1024
"""


@pytest.mark.real
def test_freed_blocks_of_a_mebibyte_go_back_to_the_kernel(evaluate: Evaluate) -> None:
    """200 MiB that are freed do not stay resident, whether or not anything follows."""
    code = RESIDENT + (
        "blocks = [bytearray(1 << 20) for _ in range(200)]\n"
        "full = resident(); del blocks\n"
        "print(full >= 200, resident())"
    )
    was_full, left = evaluate(code).split()
    assert was_full == "True"
    assert int(left) <= 60


@pytest.mark.real
def test_full_collection_gives_free_memory_back(evaluate: Evaluate) -> None:
    """gc.collect() returns the pages of small blocks, too, that mimalloc keeps for a while."""
    code = RESIDENT + (
        "blocks = [bytes(5000) for _ in range(40_000)]\n"
        "full = resident(); del blocks; gc.collect()\n"
        "print(full >= 190, resident())"
    )
    was_full, left = evaluate(code).split()
    assert was_full == "True"
    assert int(left) <= 60


@pytest.mark.real
def test_block_that_is_made_again_and_again_keeps_its_pages(evaluate: Evaluate) -> None:
    """Giving memory back does not make each allocation of 1 MiB fault its pages in."""
    code = (
        "import resource\n"
        "def faults(): return resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n"
        "bytearray(1 << 20); before = faults()\n"
        "for _ in range(200): bytearray(1 << 20)\n"
        "print(faults() - before)"
    )
    assert int(evaluate(code)) < 200 * 64
