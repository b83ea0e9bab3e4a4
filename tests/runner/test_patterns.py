# SPDX-License-Identifier: MIT
"""re looks among expressions that were compiled when the runner was built, then compiles."""

import pytest
from launch import Evaluate

TYPICAL = "import json, argparse, logging, subprocess, pathlib, datetime, sys"


def test_each_is_what_the_compiler_makes(evaluate: Evaluate) -> None:
    """Code, flags and groups are the same; so is what it prints."""
    assert (
        evaluate(
            "import re\n"
            "from _tbpy_patterns import READY\n"
            "for kind, patterns in READY.items():\n"
            "    for pattern, flags in patterns:\n"
            "        ready = re._ready(pattern, flags)\n"
            "        made = re._compiler.compile(pattern, flags)\n"
            "        assert ready == made, pattern\n"
            "        assert ready.groupindex == made.groupindex, pattern\n"
            "        assert (ready.groups, repr(ready)) == (made.groups, repr(made)), pattern\n"
            "        assert type(pattern) is kind\n"
            "print(len(READY[str]) > 50, len(READY[bytes]) > 5)"
        )
        == "True True"
    )


def test_typical_tool_compiles_none(evaluate: Evaluate) -> None:
    """What imports and argparse want is there: the compiler is not even imported."""
    wanted = "{'re._compiler', 're._parser', 'tokenize', 'codeop', 'selectors', 'locale'}"
    line = (
        "parser = argparse.ArgumentParser(); parser.add_argument('-n', type=int, help='n');"
        " parser.add_argument('name'); parser.parse_args(['-n', '-1', 'x']); json.loads('[1]')"
    )
    assert evaluate(f"{TYPICAL}\n{line}\nprint({wanted} & set(sys.modules))") == "set()"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("re.compile(r'(?P<a>x)|y').groupindex['a']", "1"),
        ("re.sub('(b)', r'<\\1>', 'abc')", "a<b>c"),
        ("re.Scanner([('a+', lambda s, t: t), (' ', None)]).scan('aa a')[0]", "['aa', 'a']"),
        ("re._parser.parse('a').getwidth()", "(1, 1)"),
        ("re._compiler.compile('a').match('a').span()", "(0, 1)"),
        ("__import__('re', fromlist=['_parser'])._parser.__name__", "re._parser"),
        ("hasattr(re, '_nothing')", "False"),
        ("re.compile(b'', 0).pattern, re.compile('', 0).pattern", "(b'', '')"),
        ("re.compile(type('S', (str,), {})('[&<]')).match('<').span()", "(0, 1)"),
        ("re.compile('[&<]', re.I).flags, re.compile('[&<]').flags", "(34, 32)"),
        ("re.compile('[&<]') is re.compile('[&<]')", "True"),
        ("re.purge() or re.compile('[&<]') is not re.compile('[&>]')", "True"),
        (
            "__import__('pickle').loads(__import__('pickle').dumps(re.compile('[&<]'))).pattern",
            "[&<]",
        ),
        ("__import__('copy').deepcopy(re.compile('[&<]')).flags", "32"),
    ],
)
def test_re_is_whole(evaluate: Evaluate, expression: str, value: str) -> None:
    """What waits for its use is there when it is used."""
    assert evaluate(f"import re; print(({expression}))") == value


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("re.compile('(')", "PatternError: missing ), unterminated subpattern at position 0"),
        ("re.compile(1)", "TypeError: first argument must be string or compiled pattern"),
        ("re.compile([])", "TypeError: cannot use 'tuple' as a dict key"),
        ("re.compile('[&<]', 'x')", "TypeError: "),
        ("re.compile(re.compile('a'), re.I)", "ValueError: cannot process flags argument"),
        ("re.compile('[&<]', re.L)", "ValueError: cannot use LOCALE flag with a str pattern"),
        ("re._nothing", "AttributeError: module 're' has no attribute '_nothing'"),
    ],
)
def test_errors_are_those_of_python(evaluate: Evaluate, call: str, error: str) -> None:
    """Nothing that the compiler refuses is taken."""
    told = evaluate(
        f"import re\ntry: {call}\nexcept Exception as e: print(type(e).__name__, e, sep=': ')"
    )
    assert told.startswith(error)


def test_text_and_bytes_are_never_compared(evaluate: Evaluate) -> None:
    """-bb makes an error of a comparison that a dictionary of both would do."""
    assert evaluate("import re; print(repr(re.compile(b'[&<]').pattern))", "-bb") == "b'[&<]'"
