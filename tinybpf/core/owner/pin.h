/* SPDX-License-Identifier: MIT
 *
 * Paths on the BPF file system (bpffs), where a pin keeps a map or a link alive: what
 * pins of all kinds share.
 */
#ifndef TB_OWNER_PIN_H
#define TB_OWNER_PIN_H

#include "base/state.h"

/* The file of a pin, as a call names it, in all forms that are needed. */
struct tb_pin_file {
    PyObject *text;   /* owned; str */
    PyObject *bytes;  /* owned */
    const char *path; /* borrowed from bytes */
    PyObject *what;   /* owned; str: the call and the path, for its error */
};

/* Take a path; format makes the call of name (which may be NULL) and path. 0, or -1
 * with an exception; freed by tb_pin_file_free in both cases. */
int tb_pin_file_init(struct tb_pin_file *file, PyObject *path, const char *format,
                     PyObject *name);
void tb_pin_file_free(struct tb_pin_file *file);

/* Pin what a descriptor is. Make the folder of the pin if it is all that is missing on
 * the bpffs, as libbpf does; 0 or -errno. */
int tb_pin_nogil(int fd, const char *path);

/* Raise for a failed call; err of the first is tb_pin_nogil's. Both return NULL. */
void *tb_pin_refused(struct tb_state *state, const struct tb_pin_file *file, int err);
void *tb_pin_raise(struct tb_state *state, const struct tb_pin_file *file, int err);

#endif
