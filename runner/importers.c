/* SPDX-License-Identifier: MIT
 *
 * Put the library into Python's import system.
 *
 * It has to be there before Python imports the first module that is not frozen (a
 * codec named by PYTHONIOENCODING, warnings for -W, sitecustomize), in every
 * interpreter, subinterpreters included. CPython has one function that sets up
 * importlib's path finder in each: the linker wraps it.
 */
#include "importers.h"

#include "bundle.h"
#include "bundle_child.h"
#include "bundle_module.h"
#include "python.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

PyMODINIT_FUNC PyInit__core(void);
PyMODINIT_FUNC PyInit__tbpy(void);

PyStatus __real__PyImport_InitExternal(PyThreadState *tstate);
PyStatus __wrap__PyImport_InitExternal(PyThreadState *tstate);

/* Append a directory to sys.path: 0, or -1 with an exception. As getpath.py does, a
 * relative one is taken from the working directory of now: it stays the same after
 * chdir(). One that nobody can name any more is passed over. */
static int
append_path(PyObject *sys_path, const char *name, size_t n)
{
    PyObject *bytes, *tail, *entry = NULL;
    char here[PATH_MAX] = "";
    const char *separator = "";
    int rc;

    if (n == 0 || name[0] != '/') {
        if (getcwd(here, sizeof(here)) == NULL) {
            return 0;
        }
        separator = n == 0 ? "" : "/";
    }
    bytes = PyBytes_FromFormat("%s%s", here, separator);
    tail = PyBytes_FromStringAndSize(name, (Py_ssize_t)n);
    PyBytes_ConcatAndDel(&bytes, tail);
    if (bytes != NULL) {
        entry = PyUnicode_DecodeFSDefaultAndSize(PyBytes_AS_STRING(bytes),
                                                 PyBytes_GET_SIZE(bytes));
    }
    rc = entry == NULL ? -1 : PyList_Append(sys_path, entry);
    Py_XDECREF(entry);
    Py_XDECREF(bytes);
    return rc;
}

/* Append a bundle's files or the directories of PYTHONPATH, then the library, to
 * sys.path: 0, or -1 with an exception. */
static int
fill_sys_path(PyObject *sys_path)
{
    int use_environment = 0;
    const char *env;

    if (PyConfig_GetInt("use_environment", &use_environment) < 0) {
        return -1;
    }
    if (tbr_bundle_is_there() &&
        append_path(sys_path, TBR_BUNDLE_ROOT, strlen(TBR_BUNDLE_ROOT)) < 0) {
        return -1;
    }
    env = use_environment ? getenv("PYTHONPATH") : NULL;
    while (env != NULL && *env != '\0') {
        size_t n = strcspn(env, ":");

        if (append_path(sys_path, env, n) < 0) {
            return -1;
        }
        env += n;
        if (*env == ':' && *++env == '\0' && append_path(sys_path, "", 0) < 0) {
            return -1;
        }
    }
    return append_path(sys_path, TBR_ROOT, strlen(TBR_ROOT));
}

/* FrozenImporter.get_source = _tbpy.source: CPython's own answers None. */
static int
give_sources(PyObject *tbpy)
{
    PyObject *importer =
        PyImport_ImportModuleAttrString("_frozen_importlib", "FrozenImporter");
    PyObject *source = PyObject_GetAttrString(tbpy, "source");
    int rc = -1;

    if (importer != NULL && source != NULL) {
        rc = PyObject_SetAttrString(importer, "get_source", source);
    }
    Py_XDECREF(source);
    Py_XDECREF(importer);
    return rc;
}

/* Fill sys.path, path_hooks and meta_path of the interpreter that starts: 0, or -1 with
 * an exception. */
static int
install(void)
{
    PyObject *sys_path = PySys_GetObject("path");         /* borrowed */
    PyObject *path_hooks = PySys_GetObject("path_hooks"); /* borrowed */
    PyObject *meta_path = PySys_GetObject("meta_path");   /* borrowed */
    PyObject *tbpy = PyImport_ImportModule("_tbpy");
    PyObject *hook = NULL;
    int rc = -1;

    if (sys_path == NULL || path_hooks == NULL || meta_path == NULL || tbpy == NULL) {
        goto done;
    }
    hook = PyObject_GetAttrString(tbpy, "path_hook");
    if (hook == NULL || PyList_Insert(path_hooks, 0, hook) < 0 ||
        PyList_Append(meta_path, tbpy) < 0 ||
        (tbr_bundle_is_there() && tbr_bundle_child_install() < 0)) {
        goto done;
    }
    rc = give_sources(tbpy) < 0 ? -1 : fill_sys_path(sys_path);
done:
    Py_XDECREF(hook);
    Py_XDECREF(tbpy);
    return rc;
}

PyStatus
__wrap__PyImport_InitExternal(PyThreadState *tstate)
{
    PyStatus status = __real__PyImport_InitExternal(tstate);

    if (PyStatus_Exception(status)) {
        return status;
    }
    if (install() < 0) {
        PyErr_Print();
        return PyStatus_Error("the library inside tinybpf-run cannot be installed");
    }
    return PyStatus_Ok();
}

void
tbr_importers_register(void)
{
    PyImport_AppendInittab("_tbpy", PyInit__tbpy);
    PyImport_AppendInittab("tinybpf._core", PyInit__core);
    PyImport_AppendInittab("_tbpy_bundle", PyInit__tbpy_bundle);
}
