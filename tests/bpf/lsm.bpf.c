// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A security hook that refuses getpgid() to one process.
 * Maps:     target, hits (hits.h; by key: 0 on_getpgid)
 * Programs: on_getpgid (lsm)
 * Users:    attach/test_kernel_functions, host/test_privilege
 */
#include "hits.h"

#define EPERM 1

SEC("lsm/task_getpgid")
int
on_getpgid(void *ctx)
{
    return count(0) ? -EPERM : 0;
}
