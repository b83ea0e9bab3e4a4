/* SPDX-License-Identifier: MIT
 *
 * Say why a bundle's files cannot be opened.
 *
 * Scripts open what lies beside them. In a bundle that is no file of the host's, and
 * "No such file or directory" sends people looking for one. Python tells its hooks of
 * each path before it opens it.
 */
#include "bundle_open.h"

#include "bundle.h"
#include "python.h"

#include <errno.h>
#include <string.h>

static const char reason[] = "it is inside this executable, where only imports, "
                             "tinybpf.load(), importlib.resources and "
                             "__loader__.get_data() read";

/* Is it the path of a file of the bundle, or of a folder of it? */
static int
is_inside(const char *path)
{
    size_t n = strlen(TBR_BUNDLE_ROOT);
    const char *name = path + n;

    if (strncmp(path, TBR_BUNDLE_ROOT, n) != 0) {
        return 0;
    }
    if (*name == '\0') {
        return 1;
    }
    n = strlen(name) - 1;
    return *name == '/' && name[1] != '/' &&
           (tbr_bundle_find(name + 1, n) != NULL || tbr_bundle_is_folder(name + 1, n));
}

/* A hook of sys.audit(): -1 with an exception when a path of the bundle is opened. */
static int
explain(const char *event, PyObject *args, void *unused)
{
    PyObject *path, *error;
    const char *text;

    (void)unused;
    if (strcmp(event, "open") != 0 && strcmp(event, "os.listdir") != 0 &&
        strcmp(event, "os.scandir") != 0) {
        return 0;
    }
    path = PyOS_FSPath(PyTuple_GET_ITEM(args, 0));
    text = path != NULL && PyUnicode_Check(path) ? PyUnicode_AsUTF8(path) : NULL;
    if (text == NULL) {
        PyErr_Clear(); /* a descriptor, or no name that a bundle has */
    }
    else if (is_inside(text)) {
        error = Py_BuildValue("isO", ENOENT, reason, path);
        PyErr_SetObject(PyExc_FileNotFoundError, error);
        Py_XDECREF(error);
    }
    Py_XDECREF(path);
    return PyErr_Occurred() ? -1 : 0;
}

void
tbr_bundle_explain_open(void)
{
    (void)PySys_AddAuditHook(explain, NULL); /* without it, less is said */
}
