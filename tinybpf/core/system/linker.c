/* SPDX-License-Identifier: MIT
 *
 * The static linker (system/linker.h). Each object passes the gate that those pass
 * which are loaded; the result is written into memory, and to no file.
 */
#include "system/linker.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "btf/gate.h"
#include "btf/table.h"
#include "error/raise.h"
#include "object/source.h"
#include "system/linker_gate.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE_MAX_ALL (1ull << 30) /* bytes of all sections: libbpf counts in an int */

/* One link: where it is written to, and who does it. */
struct link {
    struct tb_state *state;
    int fd;                    /* owned; -1: none */
    struct bpf_linker *linker; /* owned; libbpf's */
    uint64_t size;             /* bytes of the sections so far */
    PyObject *externs;         /* owned; dict: variable -> the section it belongs to */
};

static void
end(struct link *link)
{
    bpf_linker__free(link->linker);
    Py_XDECREF(link->externs);
    if (link->fd >= 0) {
        close(link->fd);
    }
}

/* 0, or -1 with an exception. */
static int
begin(struct link *link)
{
    int err = 0;

    link->externs = PyDict_New();
    if (link->externs == NULL) {
        return -1;
    }
    link->fd = memfd_create("linked", MFD_CLOEXEC);
    if (link->fd < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    link->linker = bpf_linker__new_fd(link->fd, NULL);
    if (link->linker == NULL) {
        err = -errno;
        tb_error_libbpf(link->state, err, NULL, "link of objects");
    }
    return err < 0 ? -1 : 0;
}

/* Get the bytes of an object: of a file, or those given, which may change. 0, or -1
 * with an exception. */
static int
read_object(struct tb_source *source, PyObject *given)
{
    if (!PyObject_CheckBuffer(given)) {
        return tb_source_read(source, given);
    }
    source->path = PyUnicode_FromString("<bytes>");
    source->bytes = source->path ? PyBytes_FromObject(given) : NULL;
    if (source->bytes == NULL) {
        return -1;
    }
    source->data = PyBytes_AsString(source->bytes);
    source->size = (size_t)PyBytes_Size(source->bytes);
    return 0;
}

/* Keep where a variable belongs that is defined elsewhere, and compare. libbpf keeps
 * its place in a section for good, and follows it into another one (linker_append_btf).
 */
static int
meet_symbol(const char *name, const char *section, int is_extern, void *ctx)
{
    struct link *link = ctx;
    PyObject *key = tb_args_text(name), *value = key ? tb_args_text(section) : NULL;
    PyObject *known = value ? PyDict_GetItemWithError(link->externs, key) : NULL;
    int rc = PyErr_Occurred() ? -1 : 0;

    if (rc == 0 && known != NULL && (!is_extern || section[0] != '\0') &&
        PyUnicode_Compare(known, value) != 0) {
        tb_error_raise(link->state, TB_ERROR, EINVAL,
                       "link of objects failed: %R belongs to the section %R in one of "
                       "them, and to %R in another",
                       key, known, value);
        rc = -1;
    }
    else if (rc == 0 && known == NULL && is_extern && section[0] != '\0') {
        rc = PyDict_SetItem(link->externs, key, value);
    }
    Py_XDECREF(key);
    Py_XDECREF(value);
    return rc;
}

/* Whether an object fits to those before it; 0, or -1 with an exception. Its own
 * symbols are compared with each other, too: the second time. */
static int
check_source(struct link *link, const struct tb_source *source)
{
    char problem[320] = "";

    if (tb_gate_object(source->data, source->size, problem, sizeof(problem)) == NULL &&
        tb_linker_gate_problem(source->data, source->size, problem, sizeof(problem)) ==
            NULL) {
        link->size += tb_linker_gate_size(source->data, source->size);
        if (link->size > SIZE_MAX_ALL) {
            snprintf(problem, sizeof(problem),
                     "its sections and those before it have more than 1 GiB");
        }
    }
    if (problem[0] != '\0') {
        tb_error_raise(link->state, TB_ERROR, tb_btf_table_errno(problem, ENOEXEC),
                       "link of %R failed: %s", source->path, problem);
        return -1;
    }
    for (int i = 0; i < 2; i++) {
        if (tb_linker_gate_each(source->data, source->size, meet_symbol, link) < 0) {
            return -1;
        }
    }
    return 0;
}

/* Add what has been read; 0, or -1 with an exception that names it. libbpf writes
 * nothing into the buffer, which it copies (bpf_linker__add_buf). */
static int
add_source(struct link *link, const struct tb_source *source)
{
    struct tb_log log;
    int err;

    if (check_source(link, source) < 0) {
        return -1;
    }
    tb_log_start(&log);
    Py_BEGIN_ALLOW_THREADS
    err = tb_log_outcome(&log, bpf_linker__add_buf(link->linker, (void *)source->data,
                                                   source->size, NULL));
    Py_END_ALLOW_THREADS
    tb_log_stop(&log);
    if (err < 0) {
        tb_error_libbpf(link->state, err, &log, "link of %R", source->path);
    }
    tb_log_free(&log);
    return err < 0 ? -1 : 0;
}

static int
add(struct link *link, PyObject *given)
{
    struct tb_source source = {.file = {.fd = -1}};
    int rc = read_object(&source, given);

    if (rc == 0) {
        rc = add_source(link, &source);
    }
    tb_source_free(&source);
    return rc;
}

/* Read what has been written; NULL with an exception. */
static PyObject *
read_result(struct link *link)
{
    struct stat st;
    void *data = MAP_FAILED;
    PyObject *bytes;

    if (fstat(link->fd, &st) == 0) {
        data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, link->fd, 0);
    }
    if (data == MAP_FAILED) {
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    bytes = PyBytes_FromStringAndSize(data, (Py_ssize_t)st.st_size);
    munmap(data, (size_t)st.st_size);
    return bytes;
}

/* Write it all; the bytes, or NULL with an exception. */
static PyObject *
finish(struct link *link)
{
    struct tb_log log;
    int err;

    tb_log_start(&log);
    Py_BEGIN_ALLOW_THREADS
    err = tb_log_outcome(&log, bpf_linker__finalize(link->linker));
    Py_END_ALLOW_THREADS
    tb_log_stop(&log);
    if (err < 0) {
        tb_error_libbpf(link->state, err, &log, "link of objects");
    }
    tb_log_free(&log);
    return err < 0 ? NULL : read_result(link);
}

PyObject *
tb_linker_link(PyObject *module, PyObject *objects)
{
    struct link link = {.state = tb_state_of_module(module), .fd = -1};
    Py_ssize_t n = PyTuple_Size(objects);
    PyObject *bytes = NULL;
    int rc;

    if (n == 0) {
        PyErr_SetString(PyExc_TypeError,
                        "link() takes at least one object: the path of "
                        "a .bpf.o, or its bytes");
        return NULL;
    }
    rc = begin(&link);
    for (Py_ssize_t i = 0; rc == 0 && i < n; i++) {
        rc = add(&link, PyTuple_GetItem(objects, i));
    }
    if (rc == 0) {
        bytes = finish(&link);
    }
    end(&link);
    return bytes;
}
