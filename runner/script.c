/* SPDX-License-Identifier: MIT
 *
 * What a script says about itself: its PEP 723 header.
 *
 * Only a script that contains the header's marker pays for reading it; the header
 * itself is lib/_tbpy_script.py's business.
 */
#include "script.h"

#include "python.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char marker[] = "# /// script";
enum { LARGEST = 16 << 20 }; /* no script; reading it would only cost time */

/* Open a file if it is a regular one, else return -1. A pipe is not even opened: its
 * writer would take that for the reader that it waits for, and Python comes after. */
static int
open_regular(const char *path, struct stat *out_st)
{
    int fd;

    if (stat(path, out_st) < 0 || !S_ISREG(out_st->st_mode)) {
        return -1;
    }
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd >= 0 && (fstat(fd, out_st) < 0 || !S_ISREG(out_st->st_mode))) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Read a regular file whole: bytes, None if it is none or too large, NULL with an
 * exception. */
static PyObject *
read_script(const char *path)
{
    struct stat st;
    int fd = open_regular(path, &st);
    PyObject *text = NULL;

    if (fd >= 0 && st.st_size <= LARGEST) {
        text = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)st.st_size);
        ssize_t n =
            text != NULL ? read(fd, PyBytes_AS_STRING(text), (size_t)st.st_size) : 0;

        if (text != NULL && n != st.st_size) {
            Py_CLEAR(text);
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    if (text == NULL && !PyErr_Occurred()) {
        Py_RETURN_NONE;
    }
    return text;
}

/* Read the script that is about to run: bytes, None if there is none, NULL with an
 * exception. */
static PyObject *
current_script(void)
{
    PyObject *name = PyConfig_Get("run_filename");
    PyObject *path = NULL;
    PyObject *text = NULL;

    if (name == Py_None) {
        text = Py_NewRef(Py_None);
    }
    else if (name != NULL && PyUnicode_FSConverter(name, &path)) {
        text = read_script(PyBytes_AS_STRING(path));
    }
    Py_XDECREF(path);
    Py_XDECREF(name);
    return text;
}

void
tbr_script_check(void)
{
    PyObject *text = current_script();
    PyObject *check, *refused;
    size_t size;
    int status;

    if (text == NULL || text == Py_None) {
        PyErr_Clear(); /* Python will say what is wrong with it */
        return;
    }
    size = (size_t)PyBytes_GET_SIZE(text);
    if (memmem(PyBytes_AS_STRING(text), size, marker, strlen(marker)) == NULL) {
        Py_DECREF(text);
        return;
    }
    check = PyImport_ImportModuleAttrString("_tbpy_script", "check");
    refused = check != NULL ? PyObject_CallOneArg(check, text) : NULL;
    status = refused != NULL ? PyObject_IsTrue(refused) : -1;
    Py_XDECREF(refused);
    Py_XDECREF(check);
    Py_DECREF(text);
    if (status < 0) {
        PyErr_Print();
    }
    if (status != 0) {
        Py_Exit(2);
    }
}
