/* SPDX-License-Identifier: MIT
 *
 * The options of the command line: one table, python's own among them.
 *
 * CPython parses the command line (config.c). What is answered here needs no Python, so
 * it is answered before that starts; everything else, wrong options included, is left
 * to it. Of python's options the table must know those that take an argument, which may
 * look like an option.
 */
#include "options.h"

#include "drop.h"
#include "licenses.h"
#include "note.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct option {
    const char *name;     /* NULL: a row of help that is text alone */
    const char *argument; /* NULL: it takes none */
    const char *help;     /* NULL: the row of another name tells it */
    int is_last;          /* what comes behind it belongs to the program */
    void (*answer)(void); /* prints all that was asked for; NULL: python's option */
    const char *bundling; /* what it is to _tbpy_bundling, "" for nothing */
};

static void answer_help(void);
static void answer_versions(void);
static void answer_licenses(void);

/* In the order in which --help shows them, on a screen of 24 lines. */
static const struct option options[] = {
    {NULL, NULL,
     "usage: tinybpf-run [option]... [FILE|DIR|ZIP|-|-c CODE|-m MODULE] [arg]...\n"
     "Run Python with tinybpf inside. Nothing else is needed on the host.\n"
     "  FILE, DIR, ZIP  a script, or x.bpf.o; a folder or zip file with a __main__.py\n"
     "  -               the script from standard input; a prompt without any of these",
     0, NULL, NULL},
    {"-c", "CODE", "a program passed as a string (ends the options)", 1, NULL, NULL},
    {"-m", "MODULE", "a module of the library or of sys.path (ends the options)", 1,
     NULL, NULL},
    {NULL, NULL,
     "Options, python's own:\n"
     "  -i  a prompt after the script         -u  unbuffered stdout and stderr\n"
     "  -E  ignore PYTHON* variables          -P  no script directory in sys.path\n"
     "  -I  isolated: -E, -P, -s              -S  no exit(), help()... in builtins\n"
     "  -O  no assert statements (-OO: and no docstrings)   -B  write no .pyc files\n"
     "  -b  warn of str(bytes) (-bb: error)   -d, -v, -q  parser debug, verbose, quiet",
     0, NULL, NULL},
    {"-W", "FILTER", "warnings: action:message:category:module:line", 0, NULL, NULL},
    {"-X", "OPTION", "dev, importtime, tracemalloc ... (--help-xoptions: all)", 0, NULL,
     NULL},
    {"--check-hash-based-pycs", "WHEN", NULL, 0, NULL, NULL},
    {"--help-env", NULL, "PYTHON* variables: all are honoured but PYTHONHOME", 0, NULL,
     NULL},
    {"-V", NULL, "the version of Python", 0, NULL, NULL},
    {"--user", "NAME", "from root to this user first (UID:GID), without capabilities",
     0, NULL, NULL},
    {"--caps", "LIST", "from root to these capabilities first: bpf,perfmon; none", 0,
     NULL, NULL},
    {"-?", NULL, NULL, 0, answer_help, NULL},
    {"--help", NULL, NULL, 0, answer_help, NULL},
    {"-h", NULL, "this text; also --help", 0, answer_help, NULL},
    {"--version", NULL, "versions of all that is inside (this, or TOOL); --licenses", 0,
     answer_versions, "--version-of"},
    {"--licenses", NULL, NULL, 0, answer_licenses, "--licenses-of"},
    {"--bundle", NULL, "-o TOOL FILE...: make one file of a program (-h: more)", 1,
     NULL, ""},
    {"--ssh", "HOST,...", "FILE [arg]...: the same on other hosts (--ssh -h: more)", 1,
     NULL, "--ssh"},
    {NULL, NULL,
     "sys.path is: the script's directory, PYTHONPATH, the library inside.\n"
     "Not inside: TLS, sqlite3, curses, bz2, lzma, tkinter; importing one says why.",
     0, NULL, NULL},
};

enum { COUNT = sizeof(options) / sizeof(options[0]) };

/* How reading the command line goes on behind an option. */
enum next { NEXT, OVER_ARGUMENT, TO_PYTHON, ANSWERED };

static void
answer_help(void)
{
    char label[40];

    for (size_t i = 0; i < COUNT; i++) {
        const struct option *row = &options[i];
        const char *argument = row->argument != NULL ? row->argument : "";

        if (row->name == NULL) {
            puts(row->help);
        }
        else if (row->help != NULL) {
            snprintf(label, sizeof(label), "%s %s", row->name, argument);
            printf("  %-15s %s\n", label, row->help);
        }
    }
}

static void
answer_versions(void)
{
    fputs(tbr_note_versions(), stdout);
}

static void
answer_licenses(void)
{
    (void)tbr_licenses_print();
}

static const struct option *
find(const char *name)
{
    for (size_t i = 0; i < COUNT; i++) {
        if (options[i].name != NULL && strcmp(options[i].name, name) == 0) {
            return &options[i];
        }
    }
    return NULL;
}

/* Do what the row of an option says; with_argument: its argument stands behind it in
 * the same word. A closed standard output is no error, as for python -V. */
static enum next
take(const struct option *row, int with_argument)
{
    if (row->answer != NULL) {
        row->answer();
        fflush(stdout);
        return ANSWERED;
    }
    if (row->is_last) {
        return TO_PYTHON;
    }
    return row->argument != NULL && !with_argument ? OVER_ARGUMENT : NEXT;
}

/* Take the short options of one word ("-Bh"), up to the first that answers or takes an
 * argument: what is behind that one is its argument. */
static enum next
take_cluster(const char *letters)
{
    for (const char *at = letters; *at != '\0'; at++) {
        const char name[] = {'-', *at, '\0'};
        const struct option *row = find(name);

        if (row != NULL && (row->answer != NULL || row->argument != NULL)) {
            return take(row, at[1] != '\0');
        }
    }
    return NEXT;
}

/* Does an option leave what comes behind it to the module that makes bundles? Some do
 * if a file is named there. */
static int
is_for_bundling(const struct option *row, const char *behind)
{
    if (row->bundling == NULL) {
        return 0;
    }
    return row->answer == NULL || (behind != NULL && behind[0] != '-');
}

/* Make the command line one that runs that module, isolated as -I does, with the words
 * from one on. Its memory is the process's. */
static void
pass_to_bundling(const char *option, int first, int *argc, char ***argv)
{
    char *start[] = {(*argv)[0], "-I", "-m", "_tbpy_bundling", (char *)option};
    int n = option[0] != '\0' ? 5 : 4;
    char **words = calloc((size_t)(n + *argc - first + 1), sizeof(*words));

    if (words == NULL) {
        fputs("tinybpf-run: no memory\n", stderr);
        exit(1);
    }
    memcpy(words, start, (size_t)n * sizeof(*words));
    memcpy(words + n, *argv + first, (size_t)(*argc - first) * sizeof(*words));
    *argc = n + *argc - first;
    *argv = words;
}

/* Take our own options about privileges out of the command line, from one word on. */
static void
take_drops(int first, int *argc, char **argv)
{
    int n;

    while (first < *argc && (n = tbr_drop_take(argv[first], argv[first + 1])) > 0) {
        memmove(argv + first, argv + first + n,
                (size_t)(*argc - first - n + 1) * sizeof(*argv));
        *argc -= n;
    }
}

int
tbr_options_answer(int *argc, char ***argv)
{
    enum next next = NEXT;

    for (int i = 1; next == NEXT || next == OVER_ARGUMENT; i++) {
        const char *word;
        const struct option *row;

        take_drops(i, argc, *argv);
        if (i >= *argc) {
            return 0;
        }
        word = (*argv)[i];
        if (word[0] != '-' || word[1] == '\0' || strcmp(word, "--") == 0) {
            return 0;
        }
        if (word[1] == '-') {
            row = find(word);
            if (row != NULL && is_for_bundling(row, (*argv)[i + 1])) {
                pass_to_bundling(row->bundling, i + 1, argc, argv);
                return 0;
            }
            next = row != NULL ? take(row, 0) : NEXT;
        }
        else {
            next = take_cluster(word + 1);
        }
        i += next == OVER_ARGUMENT;
    }
    return next == ANSWERED;
}
