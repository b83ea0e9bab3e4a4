/* SPDX-License-Identifier: MIT
 *
 * The bytes of a file in memory, read by us: what cannot be read is the same OSError
 * as from the built-in open().
 */
#ifndef TB_BASE_FILE_H
#define TB_BASE_FILE_H

#include "base/abi3.h"

#include <stddef.h>

struct tb_image {
    int fd;           /* owned; -1 before it is opened */
    char *data;       /* owned; malloc'ed */
    size_t size, cap; /* bytes read, bytes allocated */
};

/* Read a file to its end: path as the system takes it, and as it was given for the
 * exception. 0, or -1 with OSError, MemoryError or what a signal's handler raised. The
 * image begins as {.fd = -1} and is freed in any case. */
int tb_image_read(struct tb_image *image, const char *path, PyObject *given);
void tb_image_free(struct tb_image *image);

#endif
