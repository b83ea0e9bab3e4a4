/* SPDX-License-Identifier: MIT
 *
 * Paths on the BPF file system (bpffs), where a pin keeps a map or a link alive: what
 * pins of all kinds share.
 */
#ifndef TB_OWNER_PIN_H
#define TB_OWNER_PIN_H

#include "base/state.h"

/* A pin, or where one shall be: its path in all forms that a call needs. */
struct tb_pin_file {
    PyObject *text;   /* owned; str */
    PyObject *bytes;  /* owned */
    const char *path; /* borrowed from bytes */
    PyObject *what;   /* owned; str: the call and the path, for its error */
};

/* Take a path; format makes the call of name (which may be NULL) and path. 0, or -1
 * with an exception; freed by tb_pin_file_free in both cases. */
int tb_pin_file_init(struct tb_pin_file *pin, PyObject *path, const char *format,
                     PyObject *name);
void tb_pin_file_free(struct tb_pin_file *pin);

/* Pin what a descriptor is. Make the folder of the pin if it is all that is missing on
 * the bpffs, as libbpf does; 0 or -errno. */
int tb_pin_make_nogil(int fd, const char *path);

/* Remove a pin if what is pinned there has that id: 0 or -errno, -ESTALE if it has not.
 * id_of tells the id of a descriptor, 0 if it is of another kind. */
int tb_pin_remove_nogil(const char *path, uint32_t id, uint32_t (*id_of)(int fd));

/* What a call about a path came to, as a method returns it: None, or NULL with an
 * exception. err of the first is tb_pin_make_nogil's, that of the second
 * tb_pin_remove_nogil's, whose -ESTALE is told as stale. */
PyObject *tb_pin_made(struct tb_state *state, const struct tb_pin_file *pin, int err);
PyObject *tb_pin_removed(struct tb_state *state, const struct tb_pin_file *pin, int err,
                         const char *stale);

/* Raise for a failed call about a path: an error that is also the class that open()
 * would raise; NULL. */
void *tb_pin_raise(struct tb_state *state, const struct tb_pin_file *pin, int err);

#endif
