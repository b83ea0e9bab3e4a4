/* SPDX-License-Identifier: MIT
 *
 * A window: the memory of an array that is made with BPF_F_MMAPABLE, as this process
 * has it mapped. It is read by a mapping that cannot write, for one that can makes
 * every freeze of the map fail (EBUSY): that is made when it is first written to, and
 * dropped to freeze. Counted, so that who reads without the GIL keeps the memory. No
 * Python.
 */
#ifndef TB_OWNER_WINDOW_H
#define TB_OWNER_WINDOW_H

#include <stddef.h>
#include <stdint.h>

struct tb_window {
    _Atomic uint32_t n_users;
    const unsigned char *memory; /* owned mapping, PROT_READ */
    unsigned char *writable;     /* owned mapping; NULL: not made, or refused */
    int is_refused;              /* writing was, or is while the map is frozen */
    size_t size;                 /* bytes of either */
    uint32_t span, n;            /* bytes of an element with its padding; elements */
};

/* Map an array of n values of value_size bytes, for one user; NULL if it is refused. */
struct tb_window *tb_window_open(int fd, uint32_t value_size, uint32_t n);
struct tb_window *tb_window_use(struct tb_window *window);
void tb_window_drop(struct tb_window *window); /* NULL: nothing */

/* The memory to write to, mapped if it is not; NULL if that is refused. */
unsigned char *tb_window_writable(struct tb_window *window, int fd);

/* Drop the mapping that can write, and make none until told again. */
void tb_window_begin_freeze(struct tb_window *window);
void tb_window_end_freeze(struct tb_window *window, int is_frozen);

/* Copy a value that others change meanwhile: 1, 2, 4 and 8 bytes all at once, if they
 * are aligned. */
void tb_window_copy(void *to, const void *from, size_t size);

#endif
