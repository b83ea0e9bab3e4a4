/* SPDX-License-Identifier: MIT
 *
 * What an object is opened from: a file; a member of an archive that Python imports
 * from; or what has read_bytes(), as importlib.resources and zipfile.Path have.
 */
#ifndef TB_OBJECT_SOURCE_H
#define TB_OBJECT_SOURCE_H

#include "base/file.h"

struct tb_source {
    PyObject *path;      /* owned; str: where it is from */
    PyObject *name;      /* owned; bytes: the same, for the system and messages */
    struct tb_file file; /* the bytes, if they are a file's; */
    PyObject *bytes;     /* owned; else these */
    const void *data;    /* borrowed from either */
    size_t size;
};

/* Read what was given. 0, or -1 with an exception: of what is in no archive either,
 * that of the file. The source begins as {.file = {.fd = -1}} and is freed in any case.
 */
int tb_source_read(struct tb_source *source, PyObject *given);
void tb_source_free(struct tb_source *source);

#endif
