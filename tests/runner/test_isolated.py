# SPDX-License-Identifier: MIT
"""A bundle with file capabilities: no way in for its caller.

Each test is a way in that was tried. The tool tells all that it sees of its surroundings;
whatever a caller does, that must be what it sees without him, or it must not run.
"""

import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
from typing import Any, Optional

import pytest
from bundling import Bundle
from launch import Run
from secure import BPF, NOBODY, PERFMON, TOOL, TRAP, Tool, capabilities

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def made(runner: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Return the tool as a bundle, without capabilities."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "tool.py").write_text(TOOL)
    files = [str(folder / name) for name in ("tool", "tool.py")]
    command = [str(runner), "--bundle", "-o", *files]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder / "tool"


@pytest.fixture
def tool(run: Run, made: pathlib.Path, public_dir: pathlib.Path) -> Tool:
    """Return a bundle with CAP_BPF and CAP_PERFMON, and a folder full of traps."""
    path = public_dir / "tool"
    shutil.copy(made, path)
    path.chmod(0o755)
    os.setxattr(path, "security.capability", capabilities(2))
    folder = public_dir / "folder"
    names = ("json", "helper", "sitecustomize", "usercustomize", "tool", "tool_trap", "os")
    for place in (folder, folder / ".local/lib/python3.14/site-packages"):
        place.mkdir(parents=True)
        for name in names:
            (place / f"{name}.py").write_text(TRAP)
        (place / "site_trap.pth").write_text("import helper\n")
    (folder / "pyvenv.cfg").write_text(f"home = {folder}\n")
    (folder / "zone").write_bytes(b"TZif2")
    return Tool(run, path, folder)


@pytest.fixture
def wanted(tool: Tool) -> "dict[str, Any]":
    """Return what the tool sees when its caller does nothing."""
    return tool.seen()


def test_nothing_of_the_caller_is_seen(wanted: "dict[str, Any]") -> None:
    """What it sees without a caller's doing is what it should."""
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    both = BPF | PERFMON
    assert wanted["environment"] == {"PATH": path}
    assert wanted["path"] == ["/tbpy/tool", "/tbpy/lib/python3.14"]
    assert wanted["capabilities"] == [both, both, 0]
    assert wanted["ids"] == [str(NOBODY)] * 4
    assert (wanted["umask"], wanted["core"]) == (0o077, [0, 0])
    assert (wanted["descriptors"], wanted["others"]) == ([0, 1, 2], [])
    assert all(wanted["limits"])
    assert wanted["executable"] == ""
    for flag in ("isolated=1", "ignore_environment=1", "no_user_site=1", "safe_path=True"):
        assert flag in wanted["flags"]


def test_without_capabilities_the_caller_is_seen(tool: Tool, wanted: "dict[str, Any]") -> None:
    """The same file without them: the comparison does see what a caller does."""
    os.removexattr(tool.path, "security.capability")
    env = {"TMPDIR": str(tool.folder), "HOME": str(tool.folder)}
    seen = tool.seen(env=env, umask=0o007, pass_fds=[0])
    for name in ("environment", "temporary", "home", "umask", "capabilities"):
        assert seen[name] != wanted[name], name


@pytest.mark.parametrize("revision", [2, 3])
def test_both_revisions_of_the_attribute(tool: Tool, revision: int) -> None:
    """As setcap writes it, and as it does in a user namespace."""
    os.setxattr(tool.path, "security.capability", capabilities(revision))
    assert tool.seen()["capabilities"][1] == BPF | PERFMON


def test_permitted_alone_is_isolated(tool: Tool, wanted: "dict[str, Any]") -> None:
    """+p without e: the capabilities are there to be raised, and so is the wall."""
    os.setxattr(tool.path, "security.capability", capabilities(2, effective=False))
    seen = tool.seen(env={"PYTHONPATH": str(tool.folder), "TRAP": "1"})
    assert seen.pop("capabilities") == [BPF | PERFMON, 0, 0]
    del wanted["capabilities"]
    assert seen == wanted


PYTHON = (
    *("PATH", "HOME", "STARTUP", "USERBASE", "EXECUTABLE", "PLATLIBDIR", "CASEOK", "INSPECT"),
    *("OPTIMIZE", "DEBUG", "VERBOSE", "DONTWRITEBYTECODE", "UNBUFFERED", "WARNINGS", "DEVMODE"),
    *("BREAKPOINT", "PYCACHEPREFIX", "IOENCODING", "UTF8", "COERCECLOCALE", "HASHSEED"),
    *("TRACEMALLOC", "FAULTHANDLER", "MALLOC", "MALLOCSTATS", "PROFILEIMPORTTIME"),
    *("ASYNCIODEBUG", "DUMPREFS", "NODEBUGRANGES", "PERFSUPPORT", "PERF_JIT_SUPPORT", "GIL"),
    *("SAFEPATH", "NOUSERSITE", "INTMAXSTRDIGITS", "CPU_COUNT", "FROZEN_MODULES", "_COLORS"),
    *("CONTEXT_AWARE_WARNINGS", "THREAD_INHERIT_CONTEXT", "LEGACYWINDOWSSTDIO", "TZPATH"),
    *("DISABLE_REMOTE_DEBUG", "PRESITE", "BASICREPL", "_HISTORY", "IMPORTTIME", "STATS"),
)
OTHERS = (
    *("LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "LD_DEBUG", "LD_BIND_NOW", "GCONV_PATH"),
    *("MUSL_LOCPATH", "NLSPATH", "LOCPATH", "LANG", "LC_ALL", "LANGUAGE", "LOCALDOMAIN"),
    *("RES_OPTIONS", "HOSTALIASES", "GETCONF_DIR", "MALLOC_TRACE", "GLIBC_TUNABLES"),
    *("TMPDIR", "TEMP", "TMP", "TZ", "TZDIR", "HOME", "PATH", "CDPATH", "IFS", "ENV"),
    *("BASH_ENV", "SHELLOPTS", "TERM", "TERMINFO", "COLUMNS", "INPUTRC", "PAGER", "EDITOR"),
    *("BROWSER", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "http_proxy", "SSLKEYLOGFILE"),
    *("SSL_CERT_FILE", "LIBBPF_LOG_LEVEL", "LIBBPF_BPF_TOKEN_PATH", "DEBUGINFOD_URLS"),
    *("MIMALLOC_VERBOSE", "MIMALLOC_SHOW_STATS", "MIMALLOC_SHOW_ERRORS", "TINYBPF_TRACE"),
    *("FORCE_COLOR", "NO_COLOR", "SOURCE_DATE_EPOCH", "NOTIFY_SOCKET", "LISTEN_FDS", "TRAP"),
)


@pytest.mark.parametrize(
    "names", [*(["PYTHON" + name] for name in PYTHON), *([name] for name in OTHERS)], ids=str
)
def test_environment_is_not_there(
    tool: Tool, wanted: "dict[str, Any]", names: "list[str]"
) -> None:
    """No variable is seen or obeyed: not by Python, its allocator, libbpf or libc."""
    for value in ("1", f":{tool.folder}/zone" if names == ["TZ"] else str(tool.folder)):
        assert tool.seen(env=dict.fromkeys(names, value)) == wanted


@pytest.mark.parametrize("below", [".", ".local/lib/python3.14/site-packages"])
def test_working_directory_is_not_imported_from(
    tool: Tool, wanted: "dict[str, Any]", below: str
) -> None:
    """Nor are the home directory's packages, nor is a pyvenv.cfg read."""
    folder = tool.folder / below
    assert tool.seen(cwd=folder, env={"HOME": str(tool.folder)}) == wanted


def test_working_directory_may_be_gone(tool: Tool, wanted: "dict[str, Any]") -> None:
    """Nothing asks for its path."""

    def leave() -> None:
        os.mkdir("gone")
        os.chdir("gone")
        os.rmdir("../gone")

    assert tool.seen(preexec_fn=leave) == wanted


@pytest.mark.parametrize(
    "words",
    [
        *(["-c", "print('GOT IN')"], ["-m", "helper"], ["helper.py"], ["-"], ["-i"], ["-E"]),
        *(["--version"], ["--help"], ["--licenses"], ["-V"], ["-X", "importtime"], ["-v"]),
        *(["--tbpy-child=3:" + "0" * 32], ["--tbpy-child=0:" + "0" * 32]),
        *(["--multiprocessing-fork", "3"], ["--bundle", "-o", "x", "helper.py"], ["--"]),
        *(["--user", "root"], ["--caps", "sys_admin"], [""], ["\udcff"], ["x" * 100000]),
        ["from multiprocessing.spawn import spawn_main; spawn_main()"],
    ],
    ids=lambda words: words[0][:20] or "empty",
)
def test_words_are_the_tools_own(
    tool: Tool, wanted: "dict[str, Any]", words: "list[str]"
) -> None:
    """None is an option of Python's or of the runner's, wherever it stands."""
    assert tool.seen(*words, input="print('GOT IN')\n") == wanted
    done = tool.run(*words, executable=tool.path, cwd=tool.folder, user=NOBODY, group=NOBODY)
    assert "GOT IN" not in done.stdout + done.stderr
    assert done.returncode == 1  # the first word is no file that it can write its report to


def start_by(tool: Tool, path: pathlib.Path, name: Optional[str] = None) -> "dict[str, Any]":
    """Return what the tool sees when it is started by another path, or another name."""
    words = [name if name is not None else str(path), str(tool.report)]
    tool.report.write_text("")
    done = subprocess.run(
        words,
        executable=path,
        cwd=tool.folder,
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        env={"TRAP": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    report: dict[str, Any] = json.loads(tool.report.read_text())
    assert report.pop("argv") == [str(tool.report)]
    return report


def test_links_lead_to_the_same_tool(tool: Tool, wanted: "dict[str, Any]") -> None:
    """Hard and symbolic links, beside traps, and names that mean something to Python."""
    os.link(tool.path, tool.folder / "hard")
    os.symlink(tool.path, tool.folder / "soft")
    os.symlink("hard", tool.folder / "python3")
    for name in ("hard", "soft", "python3"):
        assert start_by(tool, tool.folder / name) == wanted
    for said in ("", "-", "python3", "/proc/self/exe", str(tool.folder / "tool.py"), "-c"):
        assert start_by(tool, tool.path, said) == wanted


def test_descriptor_is_started_as_the_file(tool: Tool, wanted: "dict[str, Any]") -> None:
    """/proc/self/fd/N, as fexecve() does it; its own path is never asked for."""
    fd = os.open(tool.path, os.O_RDONLY)
    try:
        os.set_inheritable(fd, True)
        path = f"/proc/self/fd/{fd}"
        done = tool.start(executable=path, pass_fds=[fd])
    finally:
        os.close(fd)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    seen = json.loads(tool.report.read_text())
    del seen["argv"]
    assert seen == wanted


def test_interpreter_of_a_script_does_not_read_it(tool: Tool) -> None:
    """As the interpreter of a caller's script it gets a file's name, and runs its own."""
    script = tool.folder / "script"
    script.write_text(f"#!{tool.path} {tool.report}\nprint('GOT IN')\n")
    script.chmod(0o755)
    done = tool.start(executable=script)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert json.loads(tool.report.read_text())["argv"][:2] == [str(tool.report), str(script)]


def test_copy_has_no_capabilities(tool: Tool) -> None:
    """A copy, which the caller can change, is nothing but a program of his."""
    copy = tool.folder / "copy"
    shutil.copyfile(tool.path, copy)
    copy.chmod(0o755)
    assert tool.seen(executable=copy)["capabilities"] == [0, 0, 0]


@pytest.mark.parametrize("closed", [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]], ids=str)
def test_closed_descriptors_are_opened(
    tool: Tool, wanted: "dict[str, Any]", closed: "list[int]"
) -> None:
    """No file that it opens becomes its standard output."""

    def close() -> None:
        for fd in closed:
            os.close(fd)

    assert tool.seen(preexec_fn=close) == wanted


def test_word_of_a_parent_makes_it_no_python(tool: Tool, wanted: "dict[str, Any]") -> None:
    """What a bundle tells the Pythons that it starts, a caller tells it in vain."""
    word = "0" * 32
    read, write = os.pipe()
    os.write(write, word.encode())
    try:
        words = [f"--tbpy-child={read}:{word}", "-c", "print('GOT IN')", str(tool.report)]
        done = tool.run(*words, executable=tool.path, pass_fds=[read], user=NOBODY, cwd="/")
        assert (done.returncode, done.stdout) == (1, "")
        assert "GOT IN" not in done.stderr.replace("print('GOT IN')", "")
        os.removexattr(tool.path, "security.capability")
        done = tool.run(*words, executable=tool.path, pass_fds=[read], user=NOBODY, cwd="/")
        assert done.stdout == "GOT IN\n"  # it is the way in that it looks like
    finally:
        os.close(read)
        os.close(write)


def test_other_descriptors_are_closed(tool: Tool, wanted: "dict[str, Any]") -> None:
    """What a caller left open is not inherited, however high its number is."""
    high = 1000
    os.dup2(0, high)
    try:
        assert tool.seen(pass_fds=[high], env={"LISTEN_FDS": "998"}) == wanted
    finally:
        os.close(high)


LIMITS = ("AS", "CORE", "CPU", "DATA", "FSIZE", "MEMLOCK", "NOFILE", "NPROC", "STACK")


@pytest.mark.parametrize("name", LIMITS)
def test_soft_limits_are_raised(tool: Tool, wanted: "dict[str, Any]", name: str) -> None:
    """A soft limit at which it would fail is not one any more."""
    which = getattr(resource, "RLIMIT_" + name)
    hard = resource.getrlimit(which)[1]
    lowest = {"AS": 1 << 26, "DATA": 1 << 22, "STACK": 1 << 17, "NOFILE": 4}.get(name, 1)
    seen = tool.seen(preexec_fn=lambda: resource.setrlimit(which, (lowest, hard)))
    assert seen == wanted


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("value", [0, 1, 4, 1 << 16, 1 << 20, 1 << 24])
def test_hard_limits_end_it_at_worst(
    tool: Tool, wanted: "dict[str, Any]", name: str, value: int
) -> None:
    """With a hard one it does its work, or ends with an error: it never runs another's."""
    which = getattr(resource, "RLIMIT_" + name)
    low = min(value, resource.getrlimit(which)[1]) if value else 0
    try:
        done = tool.start(
            preexec_fn=lambda: resource.setrlimit(which, (low, low)), env={"TRAP": "1"}
        )
    except subprocess.SubprocessError:
        return  # not even the child's own start
    assert "GOT IN" not in done.stdout + done.stderr
    if done.returncode == 0:
        seen = json.loads(tool.report.read_text())
        del seen["argv"]
        assert seen == wanted


def test_signals_and_timers_are_reset(tool: Tool, wanted: "dict[str, Any]") -> None:
    """What a caller blocks, ignores, or lets run out does not reach it."""

    def arrange() -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGUSR1, signal.SIGALRM):
            signal.signal(number, signal.SIG_IGN)
        signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)

    assert tool.seen(preexec_fn=arrange) == wanted


def test_umask_is_its_own(tool: Tool, wanted: "dict[str, Any]") -> None:
    """Files that it makes are its caller's alone, whatever he says."""
    assert tool.seen(umask=0) == wanted


TRACE = """\
import ctypes, os, sys
number = {"x86_64": 101, "aarch64": 117}[os.uname().machine]
call = ctypes.CDLL(None, use_errno=True).syscall
pid = os.fork()
if pid == 0:
    call(number, 0, 0, 0, 0)
    os.execv(sys.argv[1], sys.argv[1:])
_, status = os.waitpid(pid, 0)
assert os.WIFSTOPPED(status), status
while os.WIFSTOPPED(status):
    call(number, 7, pid, 0, 0)
    _, status = os.waitpid(pid, 0)
print(os.waitstatus_to_exitcode(status))
"""


def test_traced_from_the_start_it_has_no_capabilities(
    tool: Tool, runner: pathlib.Path, wanted: "dict[str, Any]"
) -> None:
    """The kernel takes them away from who is traced by somebody without them."""
    own = tool.folder / "run"
    shutil.copy(runner, own)
    own.chmod(0o755)
    tool.report.write_text("")
    done = tool.run(
        *("-c", TRACE, tool.path, tool.report), executable=own, cwd=tool.folder, user=NOBODY,
        group=NOBODY, extra_groups=[], env={"TRAP": "1"},
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("0\n", "")
    seen = json.loads(tool.report.read_text())
    assert seen.pop("capabilities")[0] == 0
    assert seen["environment"] == wanted["environment"]


ATTACH = """\
import ctypes, errno, os, sys
number = {"x86_64": 101, "aarch64": 117}[os.uname().machine]
libc = ctypes.CDLL(None, use_errno=True)
pid = int(sys.argv[1])
for request in (16, 0x4206):  # PTRACE_ATTACH, PTRACE_SEIZE
    assert libc.syscall(number, request, pid, 0, 0) == -1, request
    assert ctypes.get_errno() == errno.EPERM, ctypes.get_errno()
for name in ("mem", "environ", "maps", "fd/0", "cwd/x", "exe", "root/x", "auxv", "syscall"):
    try:
        os.open(f"/proc/{pid}/{name}", os.O_RDONLY)
    except PermissionError:
        continue
    raise AssertionError(name)
print("kept out")
"""


def test_running_tool_cannot_be_looked_into(
    tool: Tool, runner: pathlib.Path, bundle: Bundle, tmp_path: pathlib.Path
) -> None:
    """Its memory, descriptors and environment are closed to its caller."""
    (tmp_path / "wait.py").write_text("print('ready', flush=True)\ninput()\n")
    shutil.copyfile(bundle(tmp_path / "wait.py", name="wait"), tool.path)
    os.setxattr(tool.path, "security.capability", capabilities(2))
    own = tool.folder / "run"
    shutil.copy(runner, own)
    own.chmod(0o755)
    process = subprocess.Popen(
        [tool.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, user=NOBODY, group=NOBODY,
        extra_groups=[],
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        who = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        done = tool.run("-c", ATTACH, process.pid, executable=own, cwd="/", **who)
        assert (done.stdout, done.stderr) == ("kept out\n", "")
        process.communicate(b"\n")
    assert process.returncode == 0


def test_bounding_set_that_lacks_them_fails_exec(tool: Tool) -> None:
    """+ep demands all of them: the kernel refuses the exec itself; +p starts with less."""
    command = ["setpriv", f"--reuid={NOBODY}", "--clear-groups", "--bounding-set=-bpf"]
    command += [str(tool.path), str(tool.report)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode != 0
    assert "Operation not permitted" in done.stderr
    os.setxattr(tool.path, "security.capability", capabilities(2, effective=False))
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(tool.report.read_text())["capabilities"] == [PERFMON, 0, 0]


@pytest.mark.parametrize("mode", [0o4755, 0o2755, 0o6755], ids=oct)
def test_setuid_bundles_refuse(tool: Tool, mode: int) -> None:
    """Another user's files would be the caller's: with or without capabilities."""
    for attribute in (True, False):
        if not attribute:
            os.removexattr(tool.path, "security.capability")
        tool.path.chmod(mode)
        done = tool.start(env={"TRAP": "1"})
        assert (done.returncode, done.stdout) == (2, "")
        assert "refusing to start setuid or setgid" in done.stderr
        assert tool.report.read_text() == ""


FORK = """\
import concurrent.futures, multiprocessing, os, subprocess, sys

def capabilities(_=None):
    return [line.split()[1] for line in open("/proc/self/status") if line[:6] == "CapEff"]

with concurrent.futures.ProcessPoolExecutor(2) as pool:
    print(list(pool.map(capabilities, range(2))))
with multiprocessing.Pool(2) as pool:
    print(pool.map(abs, [-1]), multiprocessing.get_all_start_methods())
def refused(call, *args):
    try:
        call(*args)
    except (ValueError, OSError) as error:
        print(error)
refused(multiprocessing.get_context, "spawn")
refused(multiprocessing.set_start_method, "forkserver", True)
refused(multiprocessing.context.SpawnProcess(target=abs, args=(1,)).start)
refused(subprocess.run, [sys.executable, "-c", "print('GOT IN')"])
refused(subprocess.run, [sys.executable, "helper.py"])
"""


def test_processes_are_forked_alone(tool: Tool, bundle: Bundle, tmp_path: pathlib.Path) -> None:
    """What would start a Python says why it does not, and starts none."""
    (tmp_path / "fork.py").write_text(FORK)
    shutil.copyfile(bundle(tmp_path / "fork.py", name="fork"), tool.path)
    os.setxattr(tool.path, "security.capability", capabilities(2))
    done = tool.start()
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert lines[:2] == [f"{[[f'{BPF | PERFMON:016x}']] * 2}", "[1] ['fork']"]
    reason = "would start a Python, which an executable with capabilities of its own does not"
    assert [line.partition(" ")[0] for line in lines[2:4]] == ["'spawn'", "'forkserver'"]
    assert all(reason in line for line in lines[2:4])
    started = "An executable with capabilities of its own starts no Python: use"
    assert all(started in line for line in lines[4:6])
    assert lines[6].endswith(": ''")


def test_root_is_no_caller_to_be_kept_out(tool: Tool) -> None:
    """Root has the capabilities anyhow, and may say by the environment what he likes."""
    seen = tool.seen(user=None, group=None, extra_groups=None, env={"TMPDIR": "/var/tmp"})
    assert seen["temporary"] == "/var/tmp"
