/* SPDX-License-Identifier: MIT
 *
 * The options of the command line that are not python's.
 *
 * CPython parses the command line (config.c). The three answers here need no Python,
 * so they are given before it starts; everything else, wrong options included, is left
 * to it.
 */
#include "options.h"

#include "licenses.h"

#include <patchlevel.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: tinybpf-run [option]... [FILE|DIR|ZIP|-|-c CODE|-m MODULE] [arg]...\n"
    "Run Python with tinybpf inside. Nothing else is needed on the host.\n"
    "  FILE, DIR, ZIP  a script; a directory or zip file with a __main__.py\n"
    "  -               the script from standard input; a prompt without any of these\n"
    "  -c CODE         a program passed as a string (ends the options)\n"
    "  -m MODULE       a module of the library or of sys.path (ends the options)\n"
    "Options, python's own:\n"
    "  -i  a prompt after the script         -u  unbuffered stdout and stderr\n"
    "  -E  ignore PYTHON* variables          -P  no script directory in sys.path\n"
    "  -I  isolated: -E, -P, -s              -S  no exit(), help()... in builtins\n"
    "  -O  no assert statements (-OO: and no docstrings)   -B  write no .pyc files\n"
    "  -b  warn of str(bytes) (-bb: error)   -d, -v, -q  parser debug, verbose, quiet\n"
    "  -W action:message:category:module:line    a warning filter\n"
    "  -X dev | importtime | faulthandler | tracemalloc ...    (--help-xoptions: all)\n"
    "  --help-env  PYTHON* variables: all are honoured but PYTHONHOME\n"
    "  -V  the version of Python             -h, --help  this text\n"
    "  --version   the versions of all that is inside\n"
    "  --licenses  the licences of all that is inside\n"
    "sys.path is: the script's directory, PYTHONPATH, the library inside.\n"
    "Not inside: ssl, sqlite3, curses, bz2, lzma, tkinter; importing one says why.\n";

static const char versions[] = "tinybpf-run " TINYBPF_VERSION "\n"
                               "python " PY_VERSION "\n" TBR_VERSIONS;

/* Print to standard output. A closed one is not an error, as for python -V. */
static int
answer(const char *text)
{
    fputs(text, stdout);
    fflush(stdout);
    return 1;
}

/* Does a cluster of short options ("-Bh") ask for help? Sets *out_skip when the next
 * argument belongs to it and *out_last when it ends the options. */
static int
asks_help(const char *cluster, int *out_skip, int *out_last)
{
    for (const char *c = cluster; *c != '\0'; c++) {
        if (*c == 'h' || *c == '?') {
            return 1;
        }
        if (*c == 'c' || *c == 'm') {
            *out_last = 1;
            return 0;
        }
        if (*c == 'W' || *c == 'X') {
            *out_skip = c[1] == '\0';
            return 0;
        }
    }
    return 0;
}

int
tbr_options_answer(int argc, char **argv)
{
    int last = 0;
    for (int i = 1; i < argc && !last; i++) {
        const char *arg = argv[i];
        int skip = 0;
        if (arg[0] != '-' || arg[1] == '\0' || strcmp(arg, "--") == 0) {
            return 0;
        }
        if (strcmp(arg, "--help") == 0) {
            return answer(help);
        }
        if (strcmp(arg, "--version") == 0) {
            return answer(versions);
        }
        if (strcmp(arg, "--licenses") == 0) {
            tbr_licenses_print();
            return answer("");
        }
        if (strcmp(arg, "--check-hash-based-pycs") == 0) {
            skip = 1;
        }
        else if (arg[1] != '-' && asks_help(arg + 1, &skip, &last)) {
            return answer(help);
        }
        i += skip;
    }
    return 0;
}
