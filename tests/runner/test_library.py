# SPDX-License-Identifier: MIT
"""The standard library inside tinybpf-run: what is there, what is not, what it shows."""

import fnmatch
import hashlib
import json
import pathlib
from typing import Any

import pytest
from launch import Evaluate, Run

LIST = pathlib.Path(__file__).parents[2] / "runner" / "stdlib.toml"

# Running these, rather than importing them, is their purpose.
NOT_IMPORTED = {"antigravity", "this"}

# os comes first, as wherever CPython's own site runs: genericpath, which os imports, is one
# of a circle that must be entered there (`python -S -c "import genericpath"` fails).
IMPORT_ALL = """\
import os
import importlib, io, json, sys, _tbpy
failed = {}
for name in json.loads(sys.stdin.read()) or _tbpy.names():
    try:
        importlib.import_module(name)
    except BaseException as error:
        failed[name] = f"{type(error).__name__}: {error}"
print(json.dumps(failed))
"""


@pytest.fixture
def lists(evaluate: Evaluate) -> Any:
    """Return the list of modules."""
    code = f"import json, tomllib; print(json.dumps(tomllib.load(open({str(LIST)!r}, 'rb'))))"
    return json.loads(evaluate(code))


def test_every_module_inside_imports(run: Run) -> None:
    """Each module of the tables can be imported, __main__ modules aside."""
    names = json.loads(run("-c", "import _tbpy, json; print(json.dumps(_tbpy.names()))").stdout)
    wanted = [n for n in names if not n.endswith("__main__") and n not in NOT_IMPORTED]
    assert len(wanted) > 300
    done = run("-c", IMPORT_ALL, input=json.dumps(wanted))
    assert json.loads(done.stdout.splitlines()[-1]) == {}


def test_every_module_of_the_list_is_inside(run: Run, lists: dict[str, Any]) -> None:
    """The list says what can be imported."""
    names = [name for names in lists["library"].values() for name in names]
    names += lists["start"]["modules"]
    done = run("-c", IMPORT_ALL, input=json.dumps([n for n in names if n not in NOT_IMPORTED]))
    assert json.loads(done.stdout.splitlines()[-1]) == {}


def test_every_name_of_the_standard_library_is_accounted_for(
    run: Run, lists: dict[str, Any]
) -> None:
    """What does not import is in [left_out] or [absent], and nothing that does is."""
    done = run(
        "-c", IMPORT_ALL.replace("_tbpy.names()", "sys.stdlib_module_names"), input="null"
    )
    failed = set(json.loads(done.stdout.splitlines()[-1]))
    without = set(lists["left_out"]) | set(lists["absent"]["modules"])
    assert failed <= without, failed - without
    top = {name for name in without if "." not in name}
    script = "import sys; print(' '.join(sys.stdlib_module_names))"
    known = set(run("-c", script).stdout.split())
    assert (top & known) <= failed


def test_every_code_is_that_of_its_source(evaluate: Evaluate, lists: dict[str, Any]) -> None:
    """What is unpacked is whole: sources compile to the code; only tables have none."""
    code = (
        "import _tbpy, json\n"
        "for name in _tbpy.names():\n"
        "    code, source = _tbpy.code(name), _tbpy.source(name)\n"
        "    again = compile(source or '', code.co_filename, 'exec')\n"
        "    if again.co_code != code.co_code: print(name, source is None)"
    )
    for line in evaluate(code).split("\n"):
        name, has_none = line.split()
        assert has_none == "True", line
        patterns = lists["no_source"]["modules"]
        assert any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns), name


def test_left_out_module_says_so(run: Run, lists: dict[str, Any]) -> None:
    """Its ModuleNotFoundError has .name and one sentence more."""
    code = (
        "import importlib, json, sys\n"
        "for name in json.loads(sys.stdin.read()):\n"
        "    try: importlib.import_module(name)\n"
        "    except ModuleNotFoundError as error: print(json.dumps([error.name, str(error)]))\n"
    )
    names = sorted(lists["left_out"])
    rows = [json.loads(r) for r in run("-c", code, input=json.dumps(names)).stdout.splitlines()]
    assert [name for name, _ in rows] == names
    for name, message in rows:
        told = message.removeprefix(f"No module named {name!r}. ")
        assert told.startswith(("It is not inside tinybpf-run: ", "Python 3.1"))


def test_other_missing_module_keeps_pythons_message(evaluate: Evaluate) -> None:
    """A third-party module is only missing."""
    code = "try:\n    import requests\nexcept ImportError as e:\n    print(e.name, e)"
    assert evaluate(code) == "requests No module named 'requests'"


def test_left_out_module_does_not_disturb_probing(evaluate: Evaluate) -> None:
    """`except ImportError`, find_spec and contextlib.suppress work as for any module."""
    code = (
        "import importlib.util, pkgutil\n"
        "try:\n    import bz2\nexcept ImportError:\n    bz2 = None\n"
        "print(bz2, importlib.util.find_spec('bz2'), importlib.util.find_spec('sqlite3'))"
    )
    assert evaluate(code) == "None None None"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("pip", "pip install --target DIR"),
        ("venv", "pip install --target DIR"),
        ("ensurepip", "on PYTHONPATH"),
        ("sqlite3", "JSON lines"),
        ("curses", "ANSI escape"),
        ("distutils", "Python 3.12 removed it: use sysconfig"),
    ],
)
def test_command_that_was_left_out_says_so(run: Run, name: str, words: str) -> None:
    """`-m NAME` tells what an import would tell; of others what python3 says."""
    done = run("-m", name)
    assert done.returncode == 1
    assert f": No module named '{name}'. " in done.stderr
    assert words in done.stderr
    assert run("-m", "nothing").stderr.endswith("No module named nothing\n")


@pytest.mark.parametrize(
    ("code", "file"),
    [
        ("import orjson", "orjson.cpython-314-x86_64-linux-gnu.so"),
        ("import package._speed", "package/_speed.abi3.so"),
        ("from package import _speed", "package/_speed.abi3.so"),
        ("import package.relative", "package/_speed.abi3.so"),
    ],
)
def test_extension_module_that_is_there_is_named(
    run: Run, tmp_path: pathlib.Path, code: str, file: str
) -> None:
    """The ImportError names the file and says that a static executable cannot load it."""
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").touch()
    (tmp_path / "package" / "relative.py").write_text("from . import _speed\n")
    for name in ("orjson.cpython-314-x86_64-linux-gnu.so", "package/_speed.abi3.so"):
        (tmp_path / name).touch()
    done = run("-c", code, env={"PYTHONPATH": str(tmp_path)})
    assert f"{tmp_path}/{file} is there, but a static executable loads no" in done.stderr
    assert "_tbpy" not in done.stderr
    guarded = f"try:\n    {code}\nexcept ImportError as error:\n    print(error.path)"
    done = run("-c", guarded, env={"PYTHONPATH": str(tmp_path)})
    assert done.stdout == f"{tmp_path}/{file}\n"


def test_left_out_module_may_be_supplied(evaluate: Evaluate, tmp_path: pathlib.Path) -> None:
    """A module of that name on PYTHONPATH is imported."""
    (tmp_path / "curses.py").write_text("NAME = 'mine'\n")
    env = {"PYTHONPATH": str(tmp_path)}
    assert evaluate("import curses; print(curses.NAME)", env=env) == "mine"


def test_traceback_shows_lines_of_the_library(run: Run) -> None:
    """A frame inside the library, frozen or not, is shown with its source line."""
    done = run("-c", "import os, json\njson.loads('{')")
    assert 'File "/tbpy/lib/python3.14/json/decoder.py", line' in done.stderr
    assert "obj, end = self.scan_once(s, idx)" in done.stderr
    done = run("-c", "import os\nos.makedirs('')")
    assert 'File "/tbpy/lib/python3.14/os.py", line' in done.stderr
    assert "mkdir(name, mode)" in done.stderr


def test_traceback_has_no_frames_of_the_importer(run: Run, tmp_path: pathlib.Path) -> None:
    """An exception in a module that is being imported shows that module only."""
    (tmp_path / "broken.py").write_text("1 / 0\n")
    script = tmp_path / "script.py"
    script.write_text("import broken\n")
    done = run(script)
    assert done.stderr.count("File ") == 2, done.stderr
    assert "_tbpy" not in done.stderr


def test_sources_are_found_by_inspect(evaluate: Evaluate) -> None:
    """inspect.getsource works on library, frozen modules, and tinybpf."""
    code = (
        "import inspect, json.decoder, os, site, tinybpf\n"
        "for thing in (json.decoder.JSONDecoder, os.walk, site.main, tinybpf):\n"
        "    print(len(inspect.getsource(thing)) > 40, end=' ')"
    )
    assert evaluate(code) == "True True True True"


def test_packages_can_be_walked(evaluate: Evaluate) -> None:
    """pkgutil lists the modules inside, help('modules') stands on it."""
    code = (
        "import pkgutil, xml\n"
        "print(sorted(m.name for m in pkgutil.walk_packages(xml.__path__, 'xml.'))[:3],"
        " 'json' in {m.name for m in pkgutil.iter_modules()})"
    )
    assert evaluate(code) == "['xml.dom', 'xml.dom.NodeFilter', 'xml.dom.domreg'] True"


def test_interactive_tools_work(run: Run, tmp_path: pathlib.Path) -> None:
    """help(), pdb, unittest and doctest do their work."""
    assert "Return the number of items" in run("-c", "help(len)").stdout
    assert "modules.html" not in run("-c", "help('json')").stderr
    script = tmp_path / "test_it.py"
    script.write_text(
        "import unittest\n"
        "class Test(unittest.TestCase):\n"
        "    def test_it(self):\n"
        "        self.assertTrue(True)\n"
    )
    assert "OK" in run("-m", "unittest", "test_it", cwd=tmp_path).stderr
    done = run("-m", "pdb", script, input="next\nlist\nquit\n")
    assert "class Test(unittest.TestCase):" in done.stdout


def test_trace_counts_the_lines_of_a_script(run: Run, tmp_path: pathlib.Path) -> None:
    """`-m trace` writes what it counted; files of the library are none to write beside."""
    script = tmp_path / "script.py"
    script.write_text("import colorsys\ncolorsys.rgb_to_hsv(1, 1, 1)\n")
    done = run("-m", "trace", "--count", "--summary", "-C", tmp_path / "counts", script)
    assert done.returncode == 0, done.stderr
    assert "100.0%   script" in done.stdout
    assert [path.name for path in (tmp_path / "counts").iterdir()] == ["script.cover"]
    lines = run("-m", "trace", "--trace", script).stdout
    assert "script.py(2):" in lines
    assert "colorsys.py(129):      v = maxc" in lines  # of the library, too


def test_any_module_may_be_imported_first(evaluate: Evaluate) -> None:
    """Also one that os imports and that imports os."""
    assert evaluate("import genericpath; print(genericpath.exists('/'))", "-S") == "True"


def test_platform_names_the_libc(evaluate: Evaluate) -> None:
    """platform says what is inside, whatever libc the host has."""
    code = "import platform; print(platform.platform(), *platform.libc_ver())"
    name, libc, version = evaluate(code).split()
    assert name.endswith(f"-with-musl{version}")
    assert libc == "musl"


def test_keys_are_derived_from_passwords(evaluate: Evaluate) -> None:
    """hashlib.pbkdf2_hmac() is that of OpenSSL; of scrypt it is said that it is not there."""
    for arguments in (
        ("sha1", b"password", b"salt", 2),
        ("sha256", b"k" * 200, b"", 1000, 77),
        ("md5", b"", b"salt", 3, 1),
        ("sha512", b"passwd", bytes(range(256)), 10, 130),
    ):
        code = f"import hashlib; print(hashlib.pbkdf2_hmac(*{arguments!r}).hex())"
        assert evaluate(code) == hashlib.pbkdf2_hmac(*arguments).hex()
    code = (
        "import hashlib\n"
        "for change in ({'iterations': 0}, {'dklen': 0}, {'hash_name': 'none'}):\n"
        "    try: hashlib.pbkdf2_hmac(**{'hash_name': 'sha1', 'password': b'p', 'salt': b's',"
        " 'iterations': 1, **change})\n"
        "    except ValueError as error: print('ValueError')\n"
        "try: hashlib.scrypt\n"
        "except AttributeError as error: print('needs OpenSSL' in str(error))\n"
        "print(hasattr(hashlib, 'scrypt'))"
    )
    assert evaluate(code).split() == ["ValueError"] * 3 + ["True", "False"]


def test_library_directory_agrees_with_sysconfig(evaluate: Evaluate) -> None:
    """sysconfig, os.__file__ and sys.path tell of one place."""
    code = (
        "import os, sys, sysconfig\n"
        "print({os.path.dirname(os.__file__), sys.path[-1], sysconfig.get_path('stdlib')})"
    )
    assert evaluate(code) == "{'/tbpy/lib/python3.14'}"


def test_subinterpreters_have_the_library(evaluate: Evaluate) -> None:
    """A subinterpreter imports from the library and knows what was left out."""
    code = (
        "from concurrent import interpreters\n"
        "i = interpreters.create()\n"
        "i.exec('import json, colorsys; print(json.loads(\"[1]\"))')\n"
        "try: i.exec('import bz2')\n"
        "except interpreters.ExecutionFailed as e: print('not inside' in str(e))"
    )
    assert evaluate(code) == "[1]\nTrue"


def test_common_imports_read_no_block(evaluate: Evaluate, lists: dict[str, Any]) -> None:
    """What takes longest to unpack is not among what most scripts and servers import."""
    code = (
        "import json, argparse, logging.handlers, subprocess, pathlib, datetime, typing\n"
        "import asyncio, unittest, concurrent.futures, multiprocessing.pool, socketserver\n"
        "import http.server, urllib.request, csv, shlex, tempfile, random, decimal, uuid\n"
        "import ipaddress, statistics, zipfile, configparser, ctypes, tinybpf\n"
        "import sys; print(*sys.modules)"
    )
    names, patterns = evaluate(code).split(), lists["solid"]["modules"]
    assert {n for n in names if any(fnmatch.fnmatchcase(n, p) for p in patterns)} == set()


def test_interpreters_read_the_library_side_by_side(evaluate: Evaluate) -> None:
    """What one unpacks is not disturbed by another that unpacks something else."""
    code = (
        "import _tbpy, threading\n"
        "from concurrent import interpreters\n"
        "names = ['mailbox', 'xml.dom.minidom', 'doctest', 'wave', 'this'] * 5\n"
        "read = 'import _tbpy; all_equal = all((_tbpy.source(n), len(_tbpy.code(n).co_code))'"
        " ' == known[n] for n in names); assert all_equal'\n"
        "known = {n: (_tbpy.source(n), len(_tbpy.code(n).co_code)) for n in names}\n"
        "wrong = []\n"
        "def work(n):\n"
        "    i = interpreters.create()\n"
        "    try: i.exec(f'known, names = {known!r}, {names[n:] + names[:n]!r}; ' + read)\n"
        "    except interpreters.ExecutionFailed as error: wrong.append(error)\n"
        "threads = [threading.Thread(target=work, args=[n]) for n in range(4)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]\n"
        "print(len(known), wrong)"
    )
    assert evaluate(code) == "5 []"


def test_looking_at_all_modules_imports_none(evaluate: Evaluate) -> None:
    """hasattr() over sys.modules, as test tools do, does not change sys.modules."""
    code = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "[hasattr(module, '__path__') for module in sys.modules.values()]\n"
        "print(set(sys.modules) - before)"
    )
    assert evaluate(code) == "set()"


def test_odd_names_are_not_found(evaluate: Evaluate) -> None:
    """A name with a NUL or a surrogate is missing, not another module."""
    code = (
        "for name in ('string\\0', 'j\\udce9', 'bz2\\0'):\n"
        "    try: __import__(name)\n"
        "    except ModuleNotFoundError as error: print('inside' in str(error), end=' ')"
    )
    assert evaluate(code) == "False False False"


def test_prompt_completes_submodules(evaluate: Evaluate) -> None:
    """What the prompt offers after `import importlib.res` comes from the library."""
    code = (
        "import importlib.resources\n"
        "from _pyrepl._module_completer import ModuleCompleter\n"
        "find = ModuleCompleter({}).find_modules\n"
        "print(find('importlib.resources', 'a'), find('xml.parsers', 'e'), find('', 'jso'))"
    )
    assert evaluate(code) == "['abc'] ['expat'] ['json']"
