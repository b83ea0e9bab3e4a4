/* SPDX-License-Identifier: MIT
 *
 * The context that a test run gives to a program: bytes as they are, or made of Python
 * values, as the type of the program's first parameter has them in BTF.
 */
#ifndef TB_PROGRAM_CONTEXT_H
#define TB_PROGRAM_CONTEXT_H

#include "owner/program.h"
#include "value/codec.h"

struct tb_context {
    const void *data; /* borrowed from one of the two; NULL: none was given */
    size_t size;
    Py_buffer view;        /* owned; obj NULL if it was made */
    void *made;            /* owned; malloc'ed; NULL if it was given */
    struct tb_codec codec; /* of what comes back; its type is owned */
};

/* Read a bytes-like object, or what the type can be made of: a dict, keywords' like, or
 * for `unsigned long long *ctx` the words. 0, or -1 with an exception; to be freed in
 * both cases. It must begin as all zero. */
int tb_context_read(BpfProgram *program, PyObject *value, struct tb_context *context);

/* What came back, as it was given: a Record, or bytes. The data has the size of what
 * was given; `size` is how much of it the kernel wrote. */
PyObject *tb_context_decode(const struct tb_context *context, const void *data,
                            uint32_t size);

void tb_context_free(struct tb_context *context);

#endif
