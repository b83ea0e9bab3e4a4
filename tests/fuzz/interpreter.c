/* SPDX-License-Identifier: MIT
 *
 * The core in an interpreter, under sanitizers: what the targets `python` and `linker`
 * of libFuzzer have in common. A function of inside.py, whose folder is FUZZ_TESTS,
 * does with an input what programs do, and tells by an exception if the outcome is not
 * one of those that are documented.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "interpreter.h"
#include "watch.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

PyObject *PyInit__core(void);

static PyObject *run; /* of inside.py */

/* Say what is wrong with the set-up. */
static void
stop(void)
{
    PyErr_Print();
    fprintf(stderr, "the interpreter of the fuzzer does not start\n");
    exit(1);
}

static void
start(void)
{
    PyObject *path, *folder, *module;

    setenv("PYTHONMALLOC", "malloc", 1); /* each object a block that is watched */
    setenv("PYTHONDONTWRITEBYTECODE", "1", 1);
    PyImport_AppendInittab("tinybpf._core", PyInit__core);
    Py_InitializeEx(0);
    path = PySys_GetObject("path");
    folder = PyUnicode_FromString(FUZZ_TESTS);
    if (path == NULL || folder == NULL || PyList_Insert(path, 0, folder) < 0) {
        stop();
    }
    Py_DECREF(folder);
    module = PyImport_ImportModule("inside");
    run = module != NULL ? PyObject_GetAttrString(module, fuzz_function) : NULL;
    if (run == NULL) {
        stop();
    }
    Py_DECREF(module);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    PyObject *result;
    int is_kept;

    if (run == NULL) {
        start();
    }
    watch_begin();
    result = PyObject_CallFunction(run, "y#", (const char *)data, (Py_ssize_t)size);
    watch_end();
    if (result == NULL) {
        PyErr_Print();
        abort();
    }
    is_kept = result == Py_True;
    Py_DECREF(result);
    return is_kept ? 0 : -1;
}
