/* SPDX-License-Identifier: MIT
 *
 * The bytes of a file in memory, read by us: what cannot be read is the same OSError
 * as from the built-in open().
 */
#ifndef TB_BASE_FILE_H
#define TB_BASE_FILE_H

#include "base/abi3.h"

#include <stddef.h>

struct tb_file {
    int fd;           /* owned; -1 before it is opened */
    char *data;       /* owned; malloc'ed */
    size_t size, cap; /* bytes read, bytes allocated */
};

/* Read the file of that name, a str, to its end. 0, or -1 with OSError, MemoryError or
 * what a signal's handler raised. The file begins as {.fd = -1} and is freed in any
 * case. */
int tb_file_read(struct tb_file *file, PyObject *name);
void tb_file_free(struct tb_file *file);

#endif
