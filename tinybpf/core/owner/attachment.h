/* SPDX-License-Identifier: MIT
 *
 * An attachment that libbpf has no handle for: what the kernel keeps no link of (what
 * netlink or setsockopt(2) attached, say), or several links that are one to a program.
 * A kind makes it with what it needs to undo it behind this struct.
 */
#ifndef TB_OWNER_ATTACHMENT_H
#define TB_OWNER_ATTACHMENT_H

#include <stddef.h>

struct tb_attachment {
    /* Undo it, if its program is still the one that is attached, or let it be
     * (is_kept); then free it with all that it owns. Runs without the GIL; 0 or -errno.
     */
    int (*end)(struct tb_attachment *self, int is_kept);
    /* Told, with the GIL, of each attachment of its object that is there already; NULL:
     * nobody else matters. */
    void (*meet)(struct tb_attachment *self, struct tb_attachment *other);
    int fd; /* owned; of a link of the kernel; -1: there is none */
    /* Of several links: their descriptors, how many, and what could not be had of what
     * was asked for, as a sentence (NULL: nothing). NULL: it is one. */
    const int *fds;
    size_t n_fds;
    const char *missing;
    const char
        *why; /* there is no descriptor, as a sentence goes on: "the kernel ..." */
};

/* An attachment that is a link of the kernel without a handle of libbpf's, which it
 * takes also when it fails; NULL with errno. */
struct tb_attachment *tb_attachment_of_link_steal(int fd);

#endif
