/* SPDX-License-Identifier: MIT
 *
 * load(): reads the file itself, so that a missing or unreadable file is the same
 * OSError as from open(), looks at its headers, then lets libbpf open and load it.
 */
#include "load.h"

#include "elf.h"
#include "error.h"
#include "libbpf.h"
#include "object.h"
#include "privilege.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct image {
    int fd;           /* owned; -1 before it is opened */
    char *data;       /* owned; malloc'ed */
    size_t size, cap; /* bytes read, bytes allocated */
};

static void
image_free(struct image *image)
{
    if (image->fd >= 0) {
        close(image->fd);
    }
    free(image->data);
}

/* Make room for more, at first for all that the file says to have; 0 or -errno. */
static int
image_grow(struct image *image)
{
    size_t cap = image->cap * 2;
    struct stat st;
    char *data;

    if (image->data == NULL) {
        if (fstat(image->fd, &st) < 0) {
            return -errno;
        }
        cap = st.st_size > 0 ? (size_t)st.st_size + 1 : 65536;
    }
    data = realloc(image->data, cap);
    if (data == NULL) {
        return -ENOMEM;
    }
    image->data = data;
    image->cap = cap;
    return 0;
}

/* Read the file to its end; 0 or -errno. After -EINTR it goes on where it was. */
static int
image_read_nogil(struct image *image, const char *path)
{
    ssize_t n;
    int err;

    if (image->fd < 0) {
        image->fd = open(path, O_RDONLY | O_CLOEXEC);
    }
    if (image->fd < 0) {
        return -errno;
    }
    do {
        if (image->size == image->cap) {
            err = image_grow(image);
            if (err < 0) {
                return err;
            }
        }
        n = read(image->fd, image->data + image->size, image->cap - image->size);
        if (n < 0) {
            return -errno;
        }
        image->size += (size_t)n;
    } while (n > 0);
    return 0;
}

/* Read the file and look at its headers; 0, or -1 with an exception. */
static int
read_image(struct tb_state *state, PyObject *path, const char *name,
           struct image *image)
{
    char problem[160];
    int err;

    do {
        Py_BEGIN_ALLOW_THREADS
        err = image_read_nogil(image, name);
        Py_END_ALLOW_THREADS
    } while (err == -EINTR && PyErr_CheckSignals() == 0);
    if (err == -EINTR) {
        return -1;
    }
    if (err == -ENOMEM) {
        PyErr_NoMemory();
        return -1;
    }
    if (err < 0) {
        errno = -err;
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path);
        return -1;
    }
    if (tb_elf_problem(image->data, image->size, problem, sizeof(problem)) == NULL) {
        return 0;
    }
    tb_error_raise(state, TB_ERROR, ENOEXEC, "load '%s' failed: %s", name, problem);
    return -1;
}

/* The object's name: the file's, less ".bpf.o" or ".o". */
static void
object_name(const char *path, char *name, size_t size)
{
    static const char *const endings[] = {".o", ".bpf"};
    const char *slash = strrchr(path, '/');

    snprintf(name, size, "%s", slash ? slash + 1 : path);
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        size_t n = strlen(name), k = strlen(endings[i]);

        if (n > k && strcmp(name + n - k, endings[i]) == 0) {
            name[n - k] = '\0';
        }
    }
}

/* Open and load; the handle, or NULL with *err = -errno and which privileges the kernel
 * may have missed. */
static struct bpf_object *
load_nogil(const struct image *image, const char *name, int *err, char *advice)
{
    LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = name);
    struct bpf_object *handle;

    handle = bpf_object__open_mem(image->data, image->size, &opts);
    if (handle == NULL) {
        *err = -errno;
        return NULL;
    }
    *err = bpf_object__load(handle);
    if (*err == 0) {
        return handle;
    }
    tb_privilege_of_load(handle, advice, TB_PRIVILEGE_TEXT);
    bpf_object__close(handle);
    return NULL;
}

/* Load an image that was read; a new BpfObject. */
static PyObject *
load_image(struct tb_state *state, const struct image *image, PyObject *path,
           const char *file)
{
    struct bpf_object *handle;
    PyObject *object = NULL;
    struct tb_log log;
    char name[NAME_MAX + 1], advice[TB_PRIVILEGE_TEXT] = "";
    struct tb_failure failure = {0, &log, advice};

    object_name(file, name, sizeof(name));
    tb_log_start(&log);
    Py_BEGIN_ALLOW_THREADS
    handle = load_nogil(image, name, &failure.err, advice);
    Py_END_ALLOW_THREADS
    tb_log_stop(&log);
    if (handle == NULL) {
        tb_error_refused(state, &failure, "load '%s'", file);
    }
    else {
        object = tb_object_new_steal(state, handle, name, path);
    }
    tb_log_free(&log);
    if (object != NULL && PyErr_CheckSignals() < 0) {
        tb_object_close((BpfObject *)object);
        Py_CLEAR(object);
    }
    return object;
}

PyObject *
tb_load(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"path", NULL};
    struct tb_state *state = tb_state_of_module(module);
    PyObject *path, *bytes = NULL, *text = NULL, *object = NULL;
    struct image image = {.fd = -1};

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:load", (char **)names, &path)) {
        return NULL;
    }
    if (!PyUnicode_FSConverter(path, &bytes) || !PyUnicode_FSDecoder(path, &text)) {
        goto done;
    }
    if (read_image(state, text, PyBytes_AsString(bytes), &image) < 0) {
        goto done;
    }
    object = load_image(state, &image, text, PyBytes_AsString(bytes));
done:
    image_free(&image);
    Py_XDECREF(bytes);
    Py_XDECREF(text);
    return object;
}
