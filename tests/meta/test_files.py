# SPDX-License-Identifier: MIT
"""Every file: has a room, a licence, an opening comment, and names no machine or mirror."""

import fnmatch
import pathlib
import re

import project

# Upstream homes that may be named; any other host is somebody's mirror or a mistake.
HOSTS = {
    *("github.com", "www.python.org", "docs.python.org", "peps.python.org", "bugs.python.org"),
    *(
        "sourceware.org",
        "data.iana.org",
        "musl.libc.org",
        "zlib.net",
        "www.zlib.net",
        "www.kernel.org",
    ),
    *("docs.kernel.org", "git.kernel.org", "docs.ebpf.io", "libbpf.readthedocs.io"),
    *("keepachangelog.com", "semver.org", "opensource.org", "spdx.org", "json.schemastore.org"),
    *("www.gnu.org", "packaging.python.org", "example.com", "example.org", "localhost"),
    "www.w3.org",  # names of XML
    "tinybpf.invalid",  # nobody's, by RFC 2606
}
_URL = re.compile(r"\b(?:https?|ftp|git)://([^/\s\"'<>)\]}:$…]+)")
_PLACE = re.compile(r"(?<![\w}>)])/(?:(?:home|Users|work)/\w+|root/\.?\w+)")
_TALK = re.compile(r"\b(?:TODO|FIXME|XXX)\b")

SPDX = "SPDX-License-Identifier: "
MIT, BOTH = SPDX + "MIT", SPDX + "GPL-2.0-only OR MIT"
# Kinds that carry a licence line and say what they are; the others have no comments, or
# are texts, or belong to somebody else.
SOURCES = (".py", ".pyi", ".c", ".h", ".cmake", ".toml", ".yml", ".sh")
NAMED_SOURCES = ("dev", "CMakeLists.txt", ".ci/run")
USERS = ("tests/kernel/*/*.py", "tests/runner/*.py", "tests/meta/*.py")
FOREIGN = ("cmake/licenses/", "cmake/patches/")
ABOUT = 4  # lines after the licence in which a file says what it is


def is_source(name: str) -> bool:
    """Tell whether a file must carry a licence line and an opening comment."""
    if name.startswith(FOREIGN):
        return False
    return name in NAMED_SOURCES or pathlib.PurePath(name).suffix in SOURCES


def licence_complaints(name: str, text: str) -> list[str]:
    """Return a complaint if the licence line is missing, misplaced, or another one."""
    lines = text.splitlines()[:2]
    top = lines[0] if not text.startswith("#!") else "".join(lines[1:])
    is_bpf = name.endswith((".bpf.c", ".bpf.h")) or name.startswith("tests/bpf/")
    wanted = BOTH if is_bpf else MIT
    said = top.partition(SPDX)[2].replace("*/", "").strip()
    return [] if said == wanted[len(SPDX) :] else [f"{name}: must begin with {wanted}"]


def opening_complaints(name: str, text: str) -> list[str]:
    """Return a complaint if a file does not say at its top what it is."""
    rest = text.partition(SPDX)[2].partition("\n")[2].lstrip()
    if name == "pyproject.toml":
        return []
    if name.endswith((".py", ".pyi")):
        rest = re.sub(r"\A(?:#.*\n|\s)*", "", rest)  # a PEP 723 header may come first
        good = rest.startswith(('"""', 'r"""'))
    else:
        above = "\n".join(rest.splitlines()[:ABOUT])
        good = (
            re.search(r"^\s*(?:/?\*|//|#(?!\s*(?:include|define|pragma|if)))", above)
            is not None
        )
    return [] if good else [f"{name}: does not say at the top what it is"]


def name_complaints(name: str, text: str) -> list[str]:
    """Return the hosts and paths that a file must not name, and promises without reason."""
    found = [
        f"{name}: names the host {host}"
        for host in _URL.findall(text)
        if host not in HOSTS and not host.startswith("{")
    ]
    found += [f"{name}: names a path of some machine: {p}" for p in _PLACE.findall(text)]
    if str(project.ROOT) in text:
        found.append(f"{name}: names the folder that it lies in")
    found += [f"{name}: {word}" for word in _TALK.findall(text)]
    return found


def _texts() -> list[tuple[str, str]]:
    return [
        (name, (project.ROOT / name).read_text(errors="replace")) for name in project.files()
    ]


def test_every_file_has_a_room() -> None:
    """No file lies where nobody would look for it."""
    names = project.files()
    assert len(names) > 80
    project.none(f"{name} belongs to no room of the tree" for name in project.homeless(names))


def test_every_source_has_its_licence() -> None:
    """The licence line is on top of every source file."""
    project.none(c for n, t in _texts() if is_source(n) for c in licence_complaints(n, t))


def test_every_source_says_what_it_is() -> None:
    """Every source file begins with a comment or a docstring about itself."""
    project.none(c for n, t in _texts() if is_source(n) for c in opening_complaints(n, t))


def test_no_file_names_a_mirror_or_a_machine() -> None:
    """No file names a host that is not upstream's, or a path of the machine it came from."""
    this = project.shown(pathlib.Path(__file__))
    project.none(c for n, t in _texts() if n != this for c in name_complaints(n, t))


def test_no_file_is_empty_or_untidy() -> None:
    """Files end with one newline and have no trailing blanks, tabs only where they must."""
    untidy = []
    for name, text in _texts():
        if name.endswith("py.typed") or name.startswith(FOREIGN):
            continue
        if not text.endswith("\n") or text.endswith("\n\n"):
            untidy.append(f"{name}: must end with one newline")
        if re.search(r"[ \t]$", text, re.MULTILINE) and not name.endswith(".md"):
            untidy.append(f"{name}: has trailing blanks")
    project.none(untidy)


def test_bpf_sources_list_what_is_in_them() -> None:
    """The opening comment of a test's .bpf.c lists its maps, programs and users."""
    for path in project.matching("tests/bpf/*.bpf.c"):
        top = path.read_text().partition("*/")[0]
        for word in ("Maps:", "Programs:", "Users:"):
            assert word in top, f"{path.name}: the opening comment has no {word}"
        assert "vmlinux.h" not in path.read_text(), path.name


def user_complaints(name: str, top: str, tests: dict[str, str]) -> list[str]:
    """Return the users that an opening comment names and that do not use the object.

    `tests` is path (below tests/ or tests/kernel/) -> text; a name may be a pattern.
    """
    users = re.sub(r"\n \*", "", top.partition("Users:")[2]).split(",")
    quoted = (f'"{name}"', f"'{name}'")
    using = [path for path, text in tests.items() if any(q in text for q in quoted)]
    return [
        f"{name}.bpf.c: {user.strip() or 'nobody'} does not use it"
        for user in users
        if not fnmatch.filter(using, user.strip() + ".py")
    ]


def test_bpf_objects_have_users() -> None:
    """Every test object is used by those whom its opening comment names."""
    tests = {
        project.shown(path).removeprefix("tests/").removeprefix("kernel/"): path.read_text()
        for path in project.matching(*USERS)
    }
    project.none(
        complaint
        for path in project.matching("tests/bpf/*.bpf.c")
        for complaint in user_complaints(
            path.name[: -len(".bpf.c")], path.read_text().partition("*/")[0], tests
        )
    )


def test_the_checks_find_what_is_wrong() -> None:
    """Each rule is kept by a check that can fail."""
    assert project.homeless(["tinybpf/core/owner/map.c", "dev"]) == []
    stray = ["notes.txt", "tinybpf/core/map.c", "tinybpf/__pycache__/a.pyc", "tests/x.py"]
    stray += ["tests/test_x.py", "tests/kernel/test_x.py", "tests/kernel/map/x.py"]
    assert project.homeless(stray) == stray
    users = {"map/test_a.py": 'load("a")', "map/test_b.py": "load('b')"}
    assert user_complaints("a", " * Users:    map/test_a", users) == []
    assert (
        user_complaints("a", "Users:    map/test_*,\n *           map/test_a\n ", users) == []
    )
    assert len(user_complaints("a", " * Users:    map/test_a, map/test_b", users)) == 1
    assert len(user_complaints("a", " * Users:    ", users)) == 1
    assert licence_complaints("a.py", "#!/usr/bin/python3\n# " + MIT + "\n") == []
    assert licence_complaints("a.c", "/* " + MIT + " */\n") == []
    assert len(licence_complaints("a.py", "import os\n")) == 1
    assert len(licence_complaints("a.bpf.c", "// " + MIT + "\n")) == 1
    assert opening_complaints("a.py", "# " + MIT + '\n"""What."""\n') == []
    assert opening_complaints("a.c", "/* " + MIT + "\n *\n * What.\n */\n") == []
    assert len(opening_complaints("a.py", "# " + MIT + "\nimport os\n")) == 1
    assert len(opening_complaints("a.c", "/* " + MIT + " */\n#include <x.h>\n")) == 1
    assert name_complaints("a", "see https://github.com/libbpf/libbpf") == []
    assert len(name_complaints("a", "http://" + "mirror.test/debian")) == 1
    assert len(name_complaints("a", "/ho" + "me/somebody/x")) == 1
    assert len(name_complaints("a", "# TO" + "DO: later")) == 1
