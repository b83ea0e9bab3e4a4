# SPDX-License-Identifier: MIT
"""Check a script's PEP 723 header against what is inside tinybpf-run.

`uv run` would install what the header asks for. Nothing can be installed here: a
script that needs more than tinybpf and the standard library is told so before its
first line runs. Only scripts that have a header load this module.
"""

import os
import re
import sys

import _tbpy

# The regular expression of the specification, which also lets a header be empty.
_BLOCK = re.compile(r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)*)^# ///$")
_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*")
_CLAUSE = re.compile(r"\s*(===|~=|==|!=|<=|>=|<|>)\s*([^\s,]+)\s*")
_VERSION = re.compile(
    r"v?(?:(?P<epoch>\d+)!)?(?P<release>\d+(?:\.\d+)*)"
    r"(?:[-_.]?(?P<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?P<pre_n>\d*))?"
    r"(?P<post>-\d+|[-_.]?(?:post|rev|r)[-_.]?\d*)?"
    r"(?P<dev>[-_.]?dev[-_.]?\d*)?"
    r"(?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?",
    re.IGNORECASE,
)

_PRE_ORDER = {
    "a": "a", "alpha": "a", "b": "b", "beta": "b",
    "c": "rc", "rc": "rc", "pre": "rc", "preview": "rc",
}  # fmt: skip


_ADVICE = """\
  put pure Python packages beside the script or in a directory of PYTHONPATH (`pip install
  --target DIR NAME`), or run it with `uv run`, which installs what it needs"""


class HeaderError(ValueError):
    """The header is not what the specification says."""


class Version:
    """A version of PEP 440, ordered as it says."""

    def __init__(self, text):
        match = _VERSION.fullmatch(text.strip())
        if match is None:
            raise HeaderError(f"{text!r} is not a version")
        self.text = text.strip()
        self.epoch = int(match["epoch"] or 0)
        self.release = tuple(int(part) for part in match["release"].split("."))
        self.pre = self.post = self.dev = None
        if match["pre"]:
            self.pre = (_PRE_ORDER[match["pre"].lower()], int(match["pre_n"] or 0))
        if match["post"] is not None:
            self.post = _trailing_number(match["post"])
        if match["dev"] is not None:
            self.dev = _trailing_number(match["dev"])
        self.local = match["local"]

    def padded(self, length):
        """Return the release with zeroes up to a length."""
        return self.release + (0,) * (length - len(self.release))

    def is_early(self):
        """Is it a pre-release or a development release?"""
        return self.pre is not None or self.dev is not None

    def key(self):
        """Return what orders versions, the local part left out."""
        release = self.release
        while len(release) > 1 and release[-1] == 0:
            release = release[:-1]
        if self.pre is not None:
            pre = self.pre
        elif self.post is None and self.dev is not None:
            pre = ("", 0)  # 1.0.dev1 comes before 1.0a1
        else:
            pre = ("z", 0)
        post = -1 if self.post is None else self.post
        dev = float("inf") if self.dev is None else self.dev
        return self.epoch, release, pre, post, dev


def _trailing_number(text):
    digits = re.search(r"\d*$", text)
    return int(digits[0] or 0)


def _matches_prefix(version, text):
    """Does a version lie under "3.9.*" (text is "3.9")?"""
    prefix = Version(text)
    length = len(prefix.release)
    same_epoch = version.epoch == prefix.epoch
    return same_epoch and version.padded(length)[:length] == prefix.release


def _equal(version, wanted):
    """A local part (1.0+abc) that is not asked for is not looked at."""
    return version.key() == wanted.key() and wanted.local in (None, version.local)


def _compatible(version, wanted):
    """~=2.2 is >=2.2, ==2.*"""
    *prefix, last = map(str, wanted.release)
    if not prefix:
        raise HeaderError(f"~={wanted.text} needs a second number after {last}")
    prefix = f"{wanted.epoch}!" + ".".join(prefix)
    return version.key() >= wanted.key() and _matches_prefix(version, prefix)


def _same_release(version, wanted):
    length = max(len(version.release), len(wanted.release))
    return version.padded(length) == wanted.padded(length)


def _greater(version, wanted):
    """Exclusive: 3.9.post1 is not > 3.9, unless the wanted one is a post-release."""
    late = version.post is not None and wanted.post is None
    if late and _same_release(version, wanted):
        return False
    return version.key() > wanted.key()


def _less(version, wanted):
    """Exclusive: 3.9rc1 is not < 3.9, unless the wanted one is a pre-release."""
    early = version.is_early() and not wanted.is_early()
    if early and _same_release(version, wanted):
        return False
    return version.key() < wanted.key()


_OPERATORS = {
    "~=": _compatible,
    "==": _equal,
    "!=": lambda version, wanted: not _equal(version, wanted),
    ">": _greater,
    "<": _less,
    ">=": lambda version, wanted: version.key() >= wanted.key(),
    "<=": lambda version, wanted: version.key() <= wanted.key(),
}


def _holds(version, operator, text):
    """Does a version meet one clause such as ">=", "3.9"?"""
    if operator == "===":
        return version.text.lower() == text.lower()
    if not text.endswith(".*"):
        return _OPERATORS[operator](version, Version(text))
    if operator not in ("==", "!="):
        raise HeaderError(f"{operator}{text}: only == and != know a wildcard")
    return _matches_prefix(version, text[:-2]) == (operator == "==")


def satisfies(version, specifier):
    """Does a version meet a specifier such as ">=3.9,<4"?"""
    clauses = [clause for clause in specifier.split(",") if clause.strip()]
    for clause in clauses:
        match = _CLAUSE.fullmatch(clause)
        if match is None:
            raise HeaderError(f"{clause.strip()!r} is not a version specifier")
        if not _holds(Version(version), match[1], match[2]):
            return False
    return True


def _environment():
    """Return the variables of PEP 508's markers."""
    import platform

    version = platform.python_version()
    return {
        "implementation_name": sys.implementation.name,
        "implementation_version": version,
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_python_implementation": "CPython",
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": version,
        "python_version": ".".join(version.split(".")[:2]),
        "sys_platform": sys.platform,
        "extra": "",
    }


_TOKEN = re.compile(
    r"\s*(?:(?P<punct>[()])|(?P<op>===|~=|==|!=|<=|>=|<|>|not\s+in\b|in\b)"
    r"|(?P<word>and\b|or\b)|'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\""
    r"|(?P<name>[a-z_]+))"
)


class Marker:
    """A marker such as `python_version < "3.11" and sys_platform == "linux"`."""

    def __init__(self, text):
        self._text = text
        self._tokens = []
        at = 0
        while text[at:].strip():
            match = _TOKEN.match(text, at)
            if match is None:
                raise HeaderError(f"{text.strip()!r} is not a marker")
            self._tokens.append((match.lastgroup, match[match.lastgroup]))
            at = match.end()
        self._variables = _environment()

    def holds(self):
        """Evaluate it for this Python, on this host."""
        answer = self._either()
        if self._tokens:
            self._fail()
        return answer

    def _fail(self):
        raise HeaderError(f"{self._text.strip()!r} is not a marker")

    def _take(self, *wanted):
        if self._tokens and self._tokens[0] in wanted:
            return self._tokens.pop(0)
        return None

    def _either(self):
        answer = self._both()
        while self._take(("word", "or")):
            answer = self._both() or answer
        return answer

    def _both(self):
        answer = self._one()
        while self._take(("word", "and")):
            answer = self._one() and answer
        return answer

    def _one(self):
        if self._take(("punct", "(")):
            answer = self._either()
            if not self._take(("punct", ")")):
                self._fail()
            return answer
        left_is_version, left = self._value()
        if not self._tokens or self._tokens[0][0] != "op":
            self._fail()
        operator = " ".join(self._tokens.pop(0)[1].split())
        right_is_version, right = self._value()
        return self._compare(left, operator, right, left_is_version or right_is_version)

    def _value(self):
        if not self._tokens:
            self._fail()
        kind, text = self._tokens.pop(0)
        if kind in ("single", "double"):
            return False, text
        if kind != "name" or text not in self._variables:
            self._fail()
        return text.endswith("_version") and "platform" not in text, self._variables[text]

    @staticmethod
    def _compare(left, operator, right, versions):
        if operator in ("in", "not in"):
            return (left in right) == (operator == "in")
        if versions:
            return satisfies(left, operator + right)
        return {
            "==": left == right, "===": left == right, "!=": left != right,
            "<": left < right, ">": left > right,
            "<=": left <= right, ">=": left >= right,
        }.get(operator, False)  # fmt: skip


def _split_marker(rest):
    """Split what follows a requirement's name at the `;` of its marker.

    A URL may contain one: there it needs a space in front (PEP 508).
    """
    separator = r"\s;" if rest.lstrip().startswith("@") else ";"
    specifier, *marker = re.split(separator, rest, maxsplit=1)
    return specifier, "".join(marker)


def _normalized(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def search_path(script):
    """Return what sys.path will be when the script runs: its directory comes first."""
    if sys.flags.safe_path:
        return sys.path
    return [os.path.dirname(os.path.realpath(script)), *sys.path]


def _can_be_imported(name, path):
    """Tell whether a module of a package's name, spelled as modules are, is there."""
    from importlib.machinery import PathFinder

    spellings = {name.replace("-", "_"), name.replace("-", "_").lower(), name}
    return any(PathFinder.find_spec(each, path) for each in spellings)


def found_version(name, path):
    """Return a package's version, "" if it can be imported and has none, or None."""
    from importlib import metadata

    for each in metadata.distributions(name=name, path=path):
        return each.version or ""
    return "" if _can_be_imported(name, path) else None


def _unmet_package(name, specifier, version, place):
    """Return why a package of a version, None if it is not there, is not enough."""
    if version is None:
        return f"it needs the package '{name}', which is neither inside nor {place}"
    if not version or not specifier or satisfies(version, specifier):
        return None
    if name == "tinybpf":
        place = "inside tinybpf-run"
    return f"it needs {name} {specifier}, and {version} is {place}"


def unmet_requirement(requirement, find, place):
    """Return why a requirement cannot be met here, or None.

    `find` tells a package's version, "" if it has none, None if it is not there; `place`
    is where it looks.
    """
    match = _NAME.match(requirement)
    if match is None:
        raise HeaderError(f"{requirement!r} is not a requirement")
    rest = re.sub(r"^\s*\[[^\]]*\]", "", requirement[match.end() :])
    specifier, marker = _split_marker(rest)
    if marker.strip() and not Marker(marker).holds():
        return None
    name = match[1]
    if _normalized(name) == "tinybpf":
        name, version = "tinybpf", _tbpy.VERSION
    else:
        version = find(name)
    specifier = specifier.strip()
    if specifier.startswith("@"):
        specifier = ""  # some file of it: the one that is there stands for it
    if specifier.startswith("(") and specifier.endswith(")"):
        specifier = specifier[1:-1]
    return _unmet_package(name, specifier, version, place)


def read_header(script):
    """Return the header's table, None if there is none."""
    import tomllib

    script = script.replace("\r\n", "\n")
    blocks = [m for m in _BLOCK.finditer(script) if m["type"] == "script"]
    if not blocks:
        # The marker in a string or in the middle of a line is no header, a line of
        # its own that nothing closes is a mistake.
        if re.search(r"(?m)^# /// script[ \t]*$", script):
            raise HeaderError("'# /// script' has no '# ///' line that closes it")
        return None
    if len(blocks) > 1:
        raise HeaderError("there are two '# /// script' blocks")
    lines = blocks[0]["content"].splitlines()
    content = "\n".join(line[2:] if line.startswith("# ") else line[1:] for line in lines)
    try:
        return tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise HeaderError(f"not TOML: {error}") from None


def _requirements(header):
    requirements = header.get("dependencies", [])
    if not isinstance(requirements, list) or not all(
        isinstance(each, str) for each in requirements
    ):
        raise HeaderError("dependencies is not a list of strings")
    return requirements


def unmet_packages(script, find):
    """Return the requirements of a script's header that packages do not meet."""
    header = read_header(script) or {}
    each_why = ((each, unmet_requirement(each, find, "")) for each in _requirements(header))
    return [each.partition(";")[0].strip() for each, why in each_why if why is not None]


def unmet(script, find, place):
    """Return the reasons why the header in a script's text cannot be met here.

    `find` and `place`: as for unmet_requirement().
    """
    import platform

    python_version = platform.python_version()
    header = read_header(script)
    if header is None:
        return []
    reasons = []
    wanted = header.get("requires-python", "")
    if not isinstance(wanted, str):
        raise HeaderError("requires-python is not a string")
    requirements = _requirements(header)
    if not satisfies(python_version, wanted):
        reasons.append(f"it needs Python {wanted}, and {python_version} is inside tinybpf-run")
    reasons += [unmet_requirement(each, find, place) for each in requirements]
    return [reason for reason in reasons if reason]


def check(data):
    """Say on stderr why the script cannot run here; return whether there is a reason."""
    script = sys.argv[0]
    try:
        path = search_path(script)
        text = data.decode("utf-8", "replace")
        reasons = unmet(text, lambda name: found_version(name, path), "on sys.path")
    except RecursionError:
        reasons = ["script header: it is nested too deeply"]
    except ValueError as error:  # HeaderError, or a number that int() refuses
        reasons = [f"script header: {error}"]
    else:
        if reasons:
            reasons.append(_ADVICE)
    for reason in reasons:
        prefix = "" if reason is _ADVICE else f"tinybpf-run: {script}: "
        print(prefix + reason, file=sys.stderr)
    return bool(reasons)
