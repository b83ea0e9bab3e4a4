// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Ways to refuse getpgid() to one process.
 * Maps:     target, hits (hits.h; by key: 0 on_getpgid, 1 in_place, 2 in_cgroup)
 * Programs: on_getpgid (lsm), in_place (fmod_ret), in_cgroup (lsm_cgroup)
 * Users:    attach/test_kernel_functions, attach/test_cgroup, host/test_privilege,
 *           run/test_attach_kinds
 */
#include "hits.h"

#define EPERM 1

SEC("lsm/task_getpgid")
int
on_getpgid(void *ctx)
{
    return count(0) ? -EPERM : 0;
}

SEC("?fmod_ret/security_task_getpgid")
int
in_place(void *ctx)
{
    return count(1) ? -EPERM : 0;
}

SEC("?lsm_cgroup/task_getpgid")
int
in_cgroup(void *ctx)
{
    return !count(2); /* 1 lets pass */
}
