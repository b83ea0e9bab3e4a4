/* SPDX-License-Identifier: MIT
 *
 * What kind of file a script is, and what it says about itself: a BPF object, which is
 * run without Python of its own, or a text that may have a PEP 723 header.
 *
 * Only a script that contains the header's marker pays for reading it; the header
 * itself is lib/_tbpy_script.py's business, and objects are tinybpf/_run's.
 */
#include "script.h"

#include "python.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char marker[] = "# /// script";
static const char magic[] = "\177ELF"; /* of objects; no script begins so */
static const char ending[] = ".bpf.o";
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

/* Read a regular file up to n bytes: bytes, None if it is none, or has more than
 * LARGEST, NULL with an exception. */
static PyObject *
read_script(const char *path, size_t n)
{
    struct stat st;
    int fd = open_regular(path, &st);
    PyObject *text = NULL;

    if (fd >= 0 && (st.st_size <= LARGEST || n < LARGEST)) {
        size_t size = (size_t)st.st_size < n ? (size_t)st.st_size : n;
        ssize_t got;

        text = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size);
        got = text != NULL ? read(fd, PyBytes_AS_STRING(text), size) : 0;
        if (text != NULL && got != (ssize_t)size) {
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

/* The path of the script that is about to run: bytes, None if there is none, NULL with
 * an exception. */
static PyObject *
current_path(void)
{
    PyObject *name = PyConfig_Get("run_filename");
    PyObject *path = NULL;

    if (name == Py_None) {
        return name;
    }
    if (name != NULL && !PyUnicode_FSConverter(name, &path)) {
        path = NULL;
    }
    Py_XDECREF(name);
    return path;
}

/* Whether a path is that of an object: by its content, and by its name if it is no
 * regular file, or not an object at all, which is for the library to say. */
static int
is_object(const char *path)
{
    PyObject *head = read_script(path, sizeof(magic) - 1);
    size_t n = strlen(path);
    int result = n >= strlen(ending) && strcmp(path + n - strlen(ending), ending) == 0;

    if (head == NULL) {
        PyErr_Clear();
    }
    else if (head != Py_None && PyBytes_GET_SIZE(head) == sizeof(magic) - 1) {
        result |= memcmp(PyBytes_AS_STRING(head), magic, sizeof(magic) - 1) == 0;
    }
    Py_XDECREF(head);
    return result;
}

/* Run an object with the arguments of the command line, and end. */
static void
run_object(void)
{
    PyObject *run = PyImport_ImportModuleAttrString("tinybpf._run", "main");
    PyObject *argv = PySys_GetObject("argv"); /* borrowed */
    PyObject *status = run && argv ? PyObject_CallOneArg(run, argv) : NULL;
    int code = status != NULL ? (int)PyLong_AsLong(status) : 1;

    if (PyErr_Occurred()) {
        PyErr_Print();
    }
    Py_XDECREF(status);
    Py_XDECREF(run);
    Py_Exit(code);
}

void
tbr_script_check(void)
{
    PyObject *path = current_path();
    PyObject *text, *check, *refused;
    size_t size;
    int status;

    if (path == NULL || path == Py_None) {
        Py_XDECREF(path);
        PyErr_Clear();
        return;
    }
    if (is_object(PyBytes_AS_STRING(path))) {
        run_object();
    }
    text = read_script(PyBytes_AS_STRING(path), LARGEST + 1);
    Py_DECREF(path);
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
