/* SPDX-License-Identifier: MIT
 *
 * A bundle that its own program starts as a Python.
 *
 * multiprocessing, and who runs [sys.executable, "-c", ...], want a Python. In a bundle
 * sys.executable is the program, to which these words would be arguments: it would
 * start itself again and again. So the parent (lib/library/_tbpy_children.py) leaves a
 * random word in a pipe and gives the child that, and the same word in front of the
 * others. Nobody else has that pipe: what a user types is the program's, whatever it
 * is.
 *
 * With privilege of its own a bundle takes no Python from its caller.
 */
#include "bundle_child.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

static const char option[] = "--tbpy-child="; /* DESCRIPTOR:WORD */
enum { WORD_SIZE = 32, BASE = 10 };

/* Is this what is in the pipe? A pipe that is somebody else's, and empty, is not waited
 * for. */
static int
is_in_pipe(int fd, const char *word)
{
    char found[WORD_SIZE];
    struct pollfd waiting = {fd, POLLIN, 0};
    struct stat st;

    return strlen(word) == WORD_SIZE && fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) &&
           poll(&waiting, 1, 0) == 1 && read(fd, found, WORD_SIZE) == WORD_SIZE &&
           memcmp(found, word, WORD_SIZE) == 0;
}

int
tbr_bundle_child_is_python(int *argc, char **argv)
{
    size_t n = strlen(option);
    char *end;
    long fd;

    if (*argc < 2 || strncmp(argv[1], option, n) != 0 || getauxval(AT_SECURE) != 0) {
        return 0;
    }
    fd = strtol(argv[1] + n, &end, BASE);
    if (fd <= STDERR_FILENO || fd > INT_MAX || *end != ':' ||
        !is_in_pipe((int)fd, end + 1)) {
        return 0;
    }
    close((int)fd);
    --*argc;
    memmove(argv + 1, argv + 2, (size_t)*argc * sizeof(*argv));
    return 1;
}

/* subprocess and multiprocessing start processes by this. What it does in Python is
 * loaded when one of them does. */
static PyObject *
fork_exec(PyObject *self, PyObject *args)
{
    PyObject *start = PyImport_ImportModuleAttrString("_tbpy_children", "fork_exec");
    PyObject *pid = start != NULL ? PyObject_CallObject(start, args) : NULL;

    (void)self;
    Py_XDECREF(start);
    return pid;
}

static PyMethodDef methods[] = {
    {"fork_exec", fork_exec, METH_VARARGS,
     "As CPython's; children of this executable are told what they are."},
    {0},
};

int
tbr_bundle_child_install(void)
{
    PyObject *module = PyImport_AddModuleRef("_posixsubprocess");
    int rc = module != NULL ? PyModule_AddFunctions(module, methods) : -1;

    Py_XDECREF(module);
    return rc;
}
