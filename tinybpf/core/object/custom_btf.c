/* SPDX-License-Identifier: MIT
 *
 * Custom BTF (object/custom_btf.h). libbpf takes it as a file only, and reads that when
 * the object is prepared: what was checked is laid into a file in memory, which nobody
 * else can change until then. The running kernel's own needs no check, and is no copy.
 */
#include "object/custom_btf.h"

#include "base/args.h"
#include "base/file.h"
#include "btf/candidates.h"
#include "btf/check.h"
#include "btf/source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define KERNELS "/sys/kernel/btf/"

/* Whether a path leads to what the kernel says of itself. */
static int
is_kernels(const char *path)
{
    char real[PATH_MAX];
    struct statfs fs;

    return statfs(path, &fs) == 0 && fs.f_type == SYSFS_MAGIC &&
           realpath(path, real) != NULL && strncmp(real, KERNELS, strlen(KERNELS)) == 0;
}

/* Write all of a buffer; 0 or -errno. */
static int
write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);

        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        data += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

/* A file in memory with what is found to be right; the descriptor or -errno, or with a
 * problem. */
static int
keep_nogil(const struct tb_btf_source *source, char problem[160])
{
    int fd, err;

    if (tb_btf_check(source->data, source->size, NULL, problem, 160) != NULL) {
        return -EINVAL;
    }
    fd = memfd_create("btf", MFD_CLOEXEC);
    err = fd < 0 ? -errno : write_all(fd, source->data, source->size);
    if (err < 0 && fd >= 0) {
        close(fd);
    }
    return err < 0 ? err : fd;
}

/* Check and keep bytes, name being theirs. */
static int
open_bytes(struct tb_state *state, struct tb_btf_source *source, PyObject *name)
{
    char problem[160] = "";
    int fd;

    if (tb_btf_source_find(state, source, name) < 0) {
        return -1;
    }
    Py_BEGIN_ALLOW_THREADS
    fd = keep_nogil(source, problem);
    Py_END_ALLOW_THREADS
    if (problem[0] != '\0') {
        tb_btf_source_raise(state, name, problem);
    }
    else if (fd < 0) {
        errno = -fd;
        PyErr_SetFromErrno(PyExc_OSError);
    }
    return fd < 0 ? -1 : fd;
}

/* The same for bytes-like data. */
static int
open_buffer(struct tb_state *state, PyObject *given)
{
    PyObject *name = PyUnicode_FromString("<bytes>");
    PyObject *bytes = name ? PyBytes_FromObject(given) : NULL; /* they could change */
    struct tb_btf_source source = {.base = NULL};
    int fd = -1;

    if (bytes != NULL) {
        source.data = PyBytes_AsString(bytes);
        source.size = (size_t)PyBytes_Size(bytes);
        fd = open_bytes(state, &source, name);
    }
    Py_XDECREF(bytes);
    Py_XDECREF(name);
    return fd;
}

/* Check and keep what a function of tinybpf._kernels answers, given a folder or
 * nothing: a descriptor; -1 with an exception, or without one if that is None. */
static int
open_chosen(struct tb_state *state, const char *function, PyObject *folder)
{
    PyObject *module = PyImport_ImportModule("tinybpf._kernels");
    PyObject *bytes = NULL;
    int fd = -1;

    if (module != NULL) {
        bytes = folder != NULL ? PyObject_CallMethod(module, function, "O", folder)
                               : PyObject_CallMethod(module, function, NULL);
    }
    if (bytes != NULL && bytes != Py_None) {
        fd = open_buffer(state, bytes);
    }
    Py_XDECREF(bytes);
    Py_XDECREF(module);
    return fd;
}

/* Choose out of a folder of BTF, if the file that could not be read is one, or one in
 * an archive, if Python can look into archives: a descriptor, or -1 with the exception
 * that there was or that of the choice. */
static int
recover(struct tb_state *state, PyObject *name)
{
    int is_folder = PyErr_ExceptionMatches(PyExc_IsADirectoryError);
    PyObject *type, *value, *tb;
    int fd;

    if (!is_folder && !PyErr_ExceptionMatches(PyExc_FileNotFoundError) &&
        !PyErr_ExceptionMatches(PyExc_NotADirectoryError)) {
        return -1;
    }
    PyErr_Fetch(&type, &value, &tb);
    fd = open_chosen(state, is_folder ? "read" : "archived", name);
    if (fd < 0 && PyErr_Occurred() && !is_folder) {
        (void)tb_args_forgive_module();
    }
    if (fd >= 0 || PyErr_Occurred()) {
        Py_XDECREF(type);
        Py_XDECREF(value);
        Py_XDECREF(tb);
        return fd;
    }
    PyErr_Restore(type, value, tb);
    return -1;
}

/* A file of the kernel's as it is, what is in any other one checked and kept. */
static int
open_path(struct tb_state *state, PyObject *given)
{
    struct tb_btf_source source = {.base = NULL};
    struct tb_file file = {.fd = -1};
    PyObject *name, *path = NULL;
    int fd = -1;

    if (!PyUnicode_FSDecoder(given, &name)) {
        return -1;
    }
    if (PyUnicode_FSConverter(name, &path)) {
        if (is_kernels(PyBytes_AsString(path))) {
            fd = open(PyBytes_AsString(path), O_RDONLY | O_CLOEXEC);
        }
        if (fd < 0 && tb_file_read(&file, name) == 0) {
            source.data = file.data;
            source.size = file.size;
            fd = open_bytes(state, &source, name);
        }
        else if (fd < 0) {
            fd = recover(state, name);
        }
    }
    tb_file_free(&file);
    Py_XDECREF(path);
    Py_DECREF(name);
    return fd;
}

int
tb_custom_btf_open(struct tb_state *state, PyObject *given)
{
    return PyObject_CheckBuffer(given) ? open_buffer(state, given)
                                       : open_path(state, given);
}

int
tb_custom_btf_default(struct tb_state *state)
{
    PyObject *name, *module;

    if (access(KERNELS "vmlinux", R_OK) == 0) {
        return -1;
    }
    /* Only a bundle with types has imported it: nobody else needs it to be there. */
    name = PyUnicode_FromString("tinybpf._kernels");
    module = name ? PyImport_GetModule(name) : NULL;
    Py_XDECREF(name);
    if (module == NULL) {
        return -1;
    }
    Py_DECREF(module);
    return open_chosen(state, "default", NULL);
}

/* The kernel's own types are not counted: they are what they are. */
const char *
tb_custom_btf_problem(int fd, const void *object, size_t size, char *text, size_t max)
{
    const char *problem;
    struct statfs fs;
    struct stat st;
    void *types;

    if (fstatfs(fd, &fs) < 0 || fs.f_type == SYSFS_MAGIC || fstat(fd, &st) < 0) {
        return NULL;
    }
    types = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (types == MAP_FAILED) {
        snprintf(text, max, "its btf cannot be read: %s", strerror(errno));
        return text;
    }
    problem = tb_candidates_problem(object, size, types, (size_t)st.st_size);
    munmap(types, (size_t)st.st_size);
    if (problem == NULL) {
        return NULL;
    }
    snprintf(text, max, "%s", problem);
    return text;
}
