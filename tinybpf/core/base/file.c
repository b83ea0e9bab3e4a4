/* SPDX-License-Identifier: MIT
 *
 * Reading of whole files (base/file.h): regular ones, pipes, devices.
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

void
tb_file_free(struct tb_file *file)
{
    if (file->fd >= 0) {
        close(file->fd);
    }
    free(file->data);
}

/* Make room for more, at first for all that the file says to have; 0 or -errno. */
static int
grow(struct tb_file *file)
{
    size_t cap = file->cap * 2;
    struct stat st;
    char *data;

    if (file->data == NULL) {
        if (fstat(file->fd, &st) < 0) {
            return -errno;
        }
        cap = st.st_size > 0 ? (size_t)st.st_size + 1 : 65536;
    }
    data = realloc(file->data, cap);
    if (data == NULL) {
        return -ENOMEM;
    }
    file->data = data;
    file->cap = cap;
    return 0;
}

/* Read the file to its end; 0 or -errno. After -EINTR it goes on where it was. */
static int
read_nogil(struct tb_file *file, const char *path)
{
    ssize_t n;
    int err;

    if (file->fd < 0) {
        file->fd = open(path, O_RDONLY | O_CLOEXEC);
    }
    if (file->fd < 0) {
        return -errno;
    }
    do {
        if (file->size == file->cap) {
            err = grow(file);
            if (err < 0) {
                return err;
            }
        }
        n = read(file->fd, file->data + file->size, file->cap - file->size);
        if (n < 0) {
            return -errno;
        }
        file->size += (size_t)n;
    } while (n > 0);
    return 0;
}

int
tb_file_read(struct tb_file *file, PyObject *name)
{
    PyObject *bytes = NULL;
    const char *path;
    int err;

    if (!PyUnicode_FSConverter(name, &bytes)) {
        return -1;
    }
    path = PyBytes_AsString(bytes);
    do {
        Py_BEGIN_ALLOW_THREADS
        err = read_nogil(file, path);
        Py_END_ALLOW_THREADS
    } while (err == -EINTR && PyErr_CheckSignals() == 0);
    Py_DECREF(bytes);
    if (err == -ENOMEM) {
        PyErr_NoMemory();
    }
    else if (err < 0 && err != -EINTR) {
        errno = -err;
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, name);
    }
    return err < 0 ? -1 : 0;
}
