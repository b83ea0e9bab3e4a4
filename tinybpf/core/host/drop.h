/* SPDX-License-Identifier: MIT
 *
 * Giving up privileges for good: capabilities, the user, and every way back. Knows no
 * Python: the runner calls it before there is one.
 */
#ifndef TB_HOST_DROP_H
#define TB_HOST_DROP_H

#include "host/user.h"

#include <stdint.h>

struct tb_drop {
    uint64_t keep;              /* the capabilities that stay */
    const struct tb_user *user; /* borrowed; NULL: the user stays */
    int is_whole; /* the bounding set and the secure bits, too; takes CAP_SETPCAP.
                   * Without them no_new_privs alone keeps programs that are started
                   * from having more. */
};

/* Both change this thread, which must be the only one. check: whether it can be done,
 * before anything is. now: do it, and look whether it was done; a failure leaves
 * behind what was done by then. 0, or -errno and why in text. */
int tb_drop_check(const struct tb_drop *drop, char *text, size_t size);
int tb_drop_now(const struct tb_drop *drop, char *text, size_t size);

#endif
