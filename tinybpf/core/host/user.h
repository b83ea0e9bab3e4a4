/* SPDX-License-Identifier: MIT
 *
 * Who a process can become: a user by name or number, with his groups. Knows no
 * Python: the runner calls it before there is one.
 */
#ifndef TB_HOST_USER_H
#define TB_HOST_USER_H

#include <stddef.h>
#include <sys/types.h>

struct tb_user {
    uid_t uid;
    gid_t gid;
    gid_t *groups; /* owned; all of them, gid too */
    int n_groups;
};

/* Read "NAME", "UID", "NAME:GROUP" or "UID:GID". Without a group the user has those
 * that this machine says he has; with one he has that alone. 0; -ENOENT (there is no
 * such user or group), -EINVAL (not such a text) or another -errno, and why in text.
 * May ask other machines where the C library does. */
int tb_user_find_nogil(const char *spec, struct tb_user *out_user, char *text,
                       size_t size);
void tb_user_clear(struct tb_user *user);

#endif
