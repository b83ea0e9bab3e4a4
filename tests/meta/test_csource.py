# SPDX-License-Identifier: MIT
"""The reader of C that the other checks rely on."""

import csource

SAMPLE = r"""
/* not a function: int f(void) { */
#include "abi3.h"
#define TWICE(x) \
    do { (x); } while (0)
static const char *const names[] = {"a{b", "c"};
struct pair {
    int a, b;
};

static PyObject *
make(PyObject *self, int (*callback)(int, char), const char *format, ...)
{
    char brace = '{';
    if (self) {
        for (;;) {
            struct pair p = {1, 2};
            while (1) {
            }
        }
    } else if (callback) {
        switch (1) {
        default:
            break;
        }
    }
    return NULL;
}

int main(void) { return 0; }
"""


def test_functions_are_found_with_their_figures() -> None:
    """Name, place, length, parameters and nesting are right; nothing else is a function."""
    make, main = csource.functions(SAMPLE)
    assert make == csource.Function("make", 11, 18, 4, 3)
    assert main == csource.Function("main", 30, 1, 0, 0)


def test_comments_and_strings_do_not_count() -> None:
    """Braces in comments and literals are blanked, lines are kept."""
    assert csource.without_comments('a /* { */ b "{" c') == "a         b     c"
    assert csource.code("#define A {\nx").strip() == "x"


def test_includes_and_macros_are_found() -> None:
    """Includes come with their quotes; a macro comes with all its lines."""
    assert csource.includes(SAMPLE) == ['"abi3.h"']
    assert csource.includes("/* #include <no.h> */\n# include <yes.h>\n") == ["<yes.h>"]
    assert [body.count("\n") for body in csource.macros(SAMPLE)] == [1]
