# SPDX-License-Identifier: MIT
"""drop_privileges(): what is left is what was said, for good, and what is open works."""

import pathlib
import shutil
from collections.abc import Iterator

import pytest

from support import child, host
from support.gating import kernel
from support.objects import Find

pytestmark = kernel("5.8", "CAP_BPF and CAP_PERFMON")

NOBODY = 65534
BPF, PERFMON = 1 << 39, 1 << 38

# Whatever is imported late is imported first: nobody may not read the home of root.
BEGIN = """
import os, pathlib, subprocess, sys, threading, tinybpf
from support import confine, traffic

PROC = os.open("/proc/self", os.O_RDONLY)  # stays when /proc is hidden

def status():
    with open(os.open("status", os.O_RDONLY, dir_fd=PROC)) as file:
        return dict(line.split(":\\t", 1) for line in file.read().splitlines())

def sets():
    seen = status()
    return [int(seen["Cap" + name], 16) for name in ("Inh", "Prm", "Eff", "Bnd", "Amb")]

def all_of(before=status()):
    now = status()
    names = [n for n in now if n in ("Uid", "Gid", "Groups", "NoNewPrivs") or n[:3] == "Cap"]
    return all(now[name] == before[name] for name in names)
"""


UNPRIVILEGED = pathlib.Path("/proc/sys/kernel/unprivileged_bpf_disabled")


def keeps_cap_bpf() -> bool:
    """Tell whether bpf(2) refuses open maps to those without CAP_BPF here."""
    return host.kernel_version() < (5, 19) and UNPRIVILEGED.read_text() != "0\n"


@pytest.fixture
def as_it_is() -> None:
    """Leave this machine's unprivileged_bpf_disabled alone."""


@pytest.fixture(autouse=True)
def as_since_5_19(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let older kernels allow open maps to everybody meanwhile, as newer ones do."""
    before = UNPRIVILEGED.read_text()
    change = keeps_cap_bpf() and "as_it_is" not in request.fixturenames
    if change:
        UNPRIVILEGED.write_text("0")
    yield
    if change:
        UNPRIVILEGED.write_text(before)


def run(code: str, *args: object) -> str:
    """Run code of a child that starts as root, with the names of BEGIN."""
    return child.output(BEGIN + code, *args).rstrip("\n")


@pytest.mark.parametrize(
    ("keep", "left"),
    [((), 0), (("bpf",), BPF), (("CAP_BPF", "perfmon", "Cap_PerfMon"), BPF | PERFMON)],
)
def test_all_sets_have_what_is_kept(keep: tuple[str, ...], left: int) -> None:
    """Permitted, effective and bounding set have it, the others nothing; no_new_privs."""
    code = f"tinybpf.drop_privileges({keep!r})\nprint(sets(), status()['NoNewPrivs'])"
    assert run(code) == f"{[0, left, left, left, 0]} 1"


@pytest.mark.parametrize(
    ("user", "uid", "gid", "groups"),
    [
        ("'nobody'", NOBODY, None, None),
        ("65534", NOBODY, None, None),
        ("'12345:54321'", 12345, 54321, "54321"),
        ("'nobody:root'", NOBODY, 0, "0"),
        ("'4294967294:4294967294'", 4294967294, 4294967294, "4294967294"),
    ],
)
def test_user_is_who_was_said(user: str, uid: int, gid: object, groups: object) -> None:
    """Real, effective, saved and file system's user and group change, and all groups."""
    seen = run(
        "os.setgroups([0, 4, 27])\n"
        f"tinybpf.drop_privileges(user={user})\n"
        "now = status(); print(now['Uid'], now['Gid'], now['Groups'], sets(), sep='|')"
    ).split("|")
    assert seen[0].split() == [str(uid)] * 4
    assert len(set(seen[1].split())) == 1
    if gid is not None:
        assert (seen[1].split()[0], seen[2].strip()) == (str(gid), groups)
    else:
        import grp
        import pwd

        account = pwd.getpwuid(uid)
        named = [g.gr_gid for g in grp.getgrall() if account.pw_name in g.gr_mem]
        assert seen[1].split()[0] == str(account.pw_gid)
        assert set(map(int, seen[2].split())) == {account.pw_gid, *named}
    assert seen[3] == str([0] * 5)


OPEN = """
obj = tinybpf.load(sys.argv[1])
producer = traffic.Producer(obj).setup(count=3)
links = obj.attach()
got = []
ring = tinybpf.BpfRingBuffer(obj.maps["events"], got.append)
small = tinybpf.BpfMap.create(tinybpf.BpfMapType.HASH, 4, 4, 8)
memory = tinybpf.BpfMap.create(2, 4, 8, 2, flags=tinybpf.BPF_F_MMAPABLE)
window = memory.mmap()
"""
USE = """
producer.fire()
while len(got) < 3 and ring.poll(5000):
    pass
small[b"abcd"] = b"1234"
window[:2] = b"ab"
print(len(got), got[0] == producer.record(0), small[b"abcd"], [k for k in small])
print(bytes(window[:2]), len(dict(obj.maps["config"].items())), memory[0][:2])
del window
for thing in (ring, links, small, memory, obj):
    thing.close()
"""
WORKS = "3 True b'1234' [b'abcd']\nb'ab' 1 b'ab'"


def test_what_is_open_goes_on_working(bpf: Find, as_it_is: None) -> None:
    """Rings, maps, mapped memory and links, until they are closed; nothing new loads.

    Before Linux 5.19 that takes CAP_BPF where unprivileged BPF is off: it is kept.
    """
    left = BPF if keeps_cap_bpf() else 0
    said = run(
        OPEN + "import warnings\n"
        "with warnings.catch_warnings(record=True) as warned:\n"
        "    warnings.simplefilter('always')\n"
        "    tinybpf.drop_privileges(user='nobody')\n"
        "print(sets(), [w.category.__name__ for w in warned])\n" + USE,
        bpf("ring"),
    )
    warned = ["RuntimeWarning"] if left else []
    assert said == f"{[0, left, left, left, 0]} {warned}\n{WORKS}"


def test_nothing_new_is_loaded_afterwards(bpf: Find) -> None:
    """What takes privileges is refused by the error that says which."""
    said = run(
        "data = pathlib.Path(sys.argv[1]).read_bytes()\n"
        "tinybpf.open_bytes(data).close()\n"
        "tinybpf.drop_privileges(user='nobody')\n"
        "try:\n"
        "    tinybpf.open_bytes(data).load()\n"
        "except tinybpf.BpfPermissionError as error:\n"
        "    print(error)\n",
        bpf("guide"),
    )
    assert "needs CAP_BPF" in said


def test_kernel_that_refuses_open_maps_keeps_cap_bpf() -> None:
    """A kernel that refuses bpf(2) without it, for whatever reason, is found by asking."""
    said = run(
        "import warnings\nconfine.refuse('bpf')\n"
        "with warnings.catch_warnings(record=True) as warned:\n"
        "    warnings.simplefilter('always')\n"
        "    tinybpf.drop_privileges(('perfmon',))\n"
        "    print(sets())\n"
        "    tinybpf.drop_privileges(('bpf',))\n"
        "print(*(w.message for w in warned))\n"
    )
    both = BPF | PERFMON
    assert said.splitlines() == [
        str([0, both, both, both, 0]),
        "drop_privileges() keeps CAP_BPF: before Linux 5.19, and with "
        "kernel.unprivileged_bpf_disabled set, maps that are open cannot be read without it",
    ]


def test_warning_as_error_drops_nothing() -> None:
    """Who makes errors of warnings is told before anything was given up."""
    said = run(
        "import warnings\nwarnings.simplefilter('error')\nconfine.refuse('bpf')\n"
        "before = status()\n"
        "try:\n    tinybpf.drop_privileges(user='nobody')\n"
        "except RuntimeWarning as error:\n    print(error)\n"
        "print(all_of(before))"
    )
    assert "keeps CAP_BPF" in said
    assert said.endswith("\nTrue")


@pytest.mark.parametrize("hidden", ["", "/proc"])
def test_other_threads_are_refused(hidden: str) -> None:
    """Nothing is done while there are some; /proc is only there to count them."""
    said = run(
        (f"confine.hide({hidden!r})\n" if hidden else "") + "end = threading.Event()\n"
        "threads = [threading.Thread(target=end.wait) for _ in range(2)]\n"
        "for thread in threads: thread.start()\n"
        "try:\n    tinybpf.drop_privileges()\n"
        "except RuntimeError as error:\n    print(error)\n"
        "print(all_of())\nend.set()\n"
        "for thread in threads: thread.join()\n"
        "tinybpf.drop_privileges()\nprint(sets())"
    )
    count = "" if hidden else "2 "
    assert said.startswith(f"{count}other threads would keep the privileges: call drop_")
    assert said.endswith(f"True\n{[0] * 5}")


def test_threads_that_have_ended_do_not_count() -> None:
    """join() may return before the kernel has forgotten the thread."""
    code = """
for _ in range(100):
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
    tinybpf.drop_privileges()
print(sets())
"""
    assert run(code) == str([0] * 5)


def test_seccomp_filter_of_unshare_is_no_thread() -> None:
    """Where unshare(2) is refused to all, the threads are counted in /proc."""
    code = """
confine.refuse("unshare")
end = threading.Event()
thread = threading.Thread(target=end.wait)
thread.start()
try:
    tinybpf.drop_privileges()
except RuntimeError as error:
    print(error)
end.set()
thread.join()
tinybpf.drop_privileges()
print(sets())
"""
    said = run(code)
    assert said.startswith("1 other threads would keep the privileges")
    assert said.endswith(f"\n{[0] * 5}")


def test_there_is_no_way_back(public_dir: pathlib.Path) -> None:
    """Root's uid gives nothing, file capabilities (all, permitted) what was kept at most."""
    cat = public_dir / "cat"
    shutil.copy("/bin/cat", cat)
    cat.chmod(0o4755)
    said = run(
        "cat = sys.argv[1]\n"
        "def show():\n"
        "    out = subprocess.run([cat, '/proc/self/status'], capture_output=True, text=True)\n"
        "    rows = dict(l.split(':\\t', 1) for l in out.stdout.splitlines() if ':\\t' in l)\n"
        "    print(rows['Uid'].split()[1], int(rows['CapPrm'], 16), int(rows['CapEff'], 16))\n"
        "show()\n"
        "os.setxattr(cat, 'security.capability', bytes.fromhex(\n"
        "    '00000002ffffffff00000000ffffffff00000000'))\n"
        "tinybpf.drop_privileges(('bpf', 'perfmon'))\n"
        "show()\n"
        "tinybpf.drop_privileges()\n"
        "show()\n"
        "for way in (lambda: os.setgroups([0]), lambda: os.chroot('/')):\n"
        "    try:\n        way()\n    except PermissionError:\n        print('refused')\n",
        cat,
    )
    full = said.splitlines()[0].split()
    assert full[0] == "0"
    assert int(full[1]) != 0
    assert said.splitlines()[1:] == [f"0 {BPF | PERFMON} 0", "0 0 0", "refused", "refused"]


def test_nobody_stays_nobody(public_dir: pathlib.Path) -> None:
    """A setuid program of root's gives what was given up to nobody."""
    cat = public_dir / "cat"
    shutil.copy("/bin/cat", cat)
    cat.chmod(0o4755)
    said = run(
        "tinybpf.drop_privileges(('bpf',), user='nobody')\n"
        "out = subprocess.run([sys.argv[1], '/proc/self/status'], capture_output=True)\n"
        "rows = [l.split() for l in out.stdout.decode().splitlines()]\n"
        "print([r[1:] for r in rows if r[0] in ('Uid:', 'CapPrm:')])\n"
        "for change in (os.setuid, os.seteuid, os.setgid):\n"
        "    try:\n        change(0)\n    except PermissionError:\n        print('refused')\n",
        cat,
    )
    uid = [str(NOBODY)] * 4
    assert said == f"{[uid, ['0' * 16]]}\n" + "\n".join(["refused"] * 3)


def test_dropping_again_takes_more() -> None:
    """A second call may keep less, and name the same user again, not another."""
    code = """
tinybpf.drop_privileges(("bpf", "perfmon"), "nobody")
tinybpf.drop_privileges(("perfmon",), "nobody")
print(sets()[1:3])
for how in ({"keep": ["bpf"]}, {"keep": ["perfmon"], "user": "0:0"}):
    try:
        tinybpf.drop_privileges(**how)
    except tinybpf.BpfPermissionError as error:
        print(error)
print(sets()[1:3])
"""
    assert run(code).splitlines() == [
        str([PERFMON] * 2),
        "drop_privileges() did nothing: this process does not have CAP_BPF, and cannot keep it",
        "drop_privileges() did nothing: this process lacks CAP_SETGID, CAP_SETUID, which root"
        " has",
        str([PERFMON] * 2),
    ]


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("keep=['bfp']", "ValueError keep: there is no capability 'bfp'\n  nearest: 'bpf'"),
        ("keep=['']", "ValueError keep: there is no capability ''"),
        ("keep=['bpf\\0']", "ValueError 'bpf\\x00' has a NUL in it"),
        ("keep=['\\udcff']", "UnicodeEncodeError"),
        ("keep='bpf'", "TypeError keep: give names"),
        ("keep=[39]", "TypeError keep: the name of a capability is a str, not 39"),
        ("keep=1", "TypeError 'int' object is not iterable"),
        ("keep=(1 / 0 for _ in 'a')", "ZeroDivisionError division by zero"),
        ("user='nobdy'", "ValueError user: there is no user 'nobdy'\n  nearest: 'nobody'"),
        ("user='nobody:daemn'", "ValueError user: there is no group 'daemn'"),
        ("user='x' * 1000", "ValueError user: 'xxxxxxxxxx"),
        ("user=''", "ValueError user: '' is no user: say NAME, UID or UID:GID"),
        ("user=':0'", "ValueError user: ':0' is no user"),
        ("user='root:'", "ValueError user: 'root:' is no user"),
        ("user=4294967295", "ValueError user: '4294967295' is out of range"),
        ("user='0:4294967295'", "ValueError user: '4294967295' is out of range"),
        ("user=2**64", "ValueError user: '18446744073709551616' is out of range"),
        ("user=-1", "ValueError user: there is no user '-1'"),
        ("user=3999999999", "ValueError user: /etc/passwd has no user 3999999999, so his"),
        ("user=True", "TypeError user: a name or a number, not True"),
        ("user=b'nobody'", "TypeError user: a name or a number, not b'nobody'"),
        ("usr='nobody'", "TypeError"),
    ],
)
def test_wrong_argument_is_told_and_nothing_done(how: str, said: str) -> None:
    """Names that do not exist, with the nearest; numbers that mean something else."""
    code = (
        f"try:\n    tinybpf.drop_privileges({how})\n"
        "except Exception as error:\n    print(type(error).__name__, error)\n"
        "print(all_of())"
    )
    seen = run(code)
    assert seen.startswith(said)
    assert seen.endswith("\nTrue")


def test_without_setpcap_the_rest_is_dropped() -> None:
    """A process that is not root's gives up what it has; no_new_privs bars the way."""
    code = """
os.setgroups([])
libc = __import__("ctypes").CDLL(None)
libc.prctl(8, 1, 0, 0, 0)  # PR_SET_KEEPCAPS
for change, number in ((os.setresgid, 65534), (os.setresuid, 65534)):
    change(number, number, number)
bounding = sets()[3]
tinybpf.drop_privileges(("setuid", "setgid", "bpf"))
print(sets(), status()["NoNewPrivs"])
tinybpf.drop_privileges(("bpf",), "1234:1234")
print(sets() == [0, 1 << 39, 1 << 39, sets()[3], 0], status()["Uid"].split())
"""
    kept = BPF | 1 << 6 | 1 << 7
    assert run(code) == f"{[0, kept, kept, kept, 0]} 1\nTrue {['1234'] * 4}"
