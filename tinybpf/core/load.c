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

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct image {
    char *data; /* owned; malloc'ed */
    size_t size;
};

/* Read a descriptor to its end; 0 or -errno. */
static int
read_all_nogil(int fd, struct image *image)
{
    struct stat st;
    size_t cap;

    if (fstat(fd, &st) < 0) {
        return -errno;
    }
    cap = st.st_size > 0 ? (size_t)st.st_size + 1 : 65536;
    for (;;) {
        ssize_t n;

        if (image->data == NULL || image->size == cap) {
            char *data;

            cap = image->data ? cap * 2 : cap;
            data = realloc(image->data, cap);
            if (data == NULL) {
                return -ENOMEM;
            }
            image->data = data;
        }
        n = read(fd, image->data + image->size, cap - image->size);
        if (n == 0) {
            return 0;
        }
        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        image->size += n > 0 ? (size_t)n : 0;
    }
}

static int
read_file_nogil(const char *path, struct image *image)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int err;

    if (fd < 0) {
        return -errno;
    }
    err = read_all_nogil(fd, image);
    close(fd);
    return err;
}

/* Read the file and look at its headers; 0, or -1 with an exception. */
static int
read_image(struct tb_state *state, PyObject *path, const char *name,
           struct image *image)
{
    char problem[160];
    int err;

    Py_BEGIN_ALLOW_THREADS
    err = read_file_nogil(name, image);
    Py_END_ALLOW_THREADS
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

/* The object's name as libbpf makes it: the file's, up to the first dot. */
static void
object_name(const char *path, char *name, size_t size)
{
    const char *base = strrchr(path, '/');
    size_t n;

    base = base ? base + 1 : path;
    n = strcspn(base, ".");
    if (n >= size) {
        n = size - 1;
    }
    memcpy(name, base, n);
    name[n] = '\0';
}

/* Open and load; the handle, or NULL with *err = -errno. */
static struct bpf_object *
load_nogil(const struct image *image, const char *name, int *err)
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
    char name[BPF_OBJ_NAME_LEN * 4];
    int err;

    object_name(file, name, sizeof(name));
    tb_log_start(&log);
    Py_BEGIN_ALLOW_THREADS
    handle = load_nogil(image, name, &err);
    Py_END_ALLOW_THREADS
    tb_log_stop(&log);
    if (handle == NULL) {
        tb_error_libbpf(state, err, &log, "load '%s'", file);
    }
    else {
        object = tb_object_new_steal(state, handle, path);
    }
    tb_log_free(&log);
    if (object != NULL && PyErr_CheckSignals() < 0) {
        tb_object_close((BpfObject *)object);
        Py_CLEAR(object);
    }
    return object;
}

PyObject *
tb_load(PyObject *module, PyObject *path)
{
    struct tb_state *state = tb_state_of_module(module);
    PyObject *bytes = NULL, *text = NULL, *object = NULL;
    struct image image = {NULL, 0};

    if (!PyUnicode_FSConverter(path, &bytes) || !PyUnicode_FSDecoder(path, &text)) {
        goto done;
    }
    if (read_image(state, text, PyBytes_AsString(bytes), &image) < 0) {
        goto done;
    }
    object = load_image(state, &image, text, PyBytes_AsString(bytes));
done:
    free(image.data);
    Py_XDECREF(bytes);
    Py_XDECREF(text);
    return object;
}
