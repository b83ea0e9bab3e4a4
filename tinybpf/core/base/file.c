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
tb_image_free(struct tb_image *image)
{
    if (image->fd >= 0) {
        close(image->fd);
    }
    free(image->data);
}

/* Make room for more, at first for all that the file says to have; 0 or -errno. */
static int
grow(struct tb_image *image)
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
read_nogil(struct tb_image *image, const char *path)
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
            err = grow(image);
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

int
tb_image_read(struct tb_image *image, const char *path, PyObject *given)
{
    int err;

    do {
        Py_BEGIN_ALLOW_THREADS
        err = read_nogil(image, path);
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
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, given);
        return -1;
    }
    return 0;
}
