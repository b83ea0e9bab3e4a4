// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * One program at both ends of a function, which tells them apart, and hands a number
 * from the one to the other.
 * Maps:     target, hits (hits.h; by key: 0 where it begins, 1 where it returns)
 * Programs: at_both (fsession)
 * Users:    attach/test_kernel_functions
 */
#include "hits.h"

extern _Bool bpf_session_is_return(void *ctx) __ksym;
extern __u64 *bpf_session_cookie(void *ctx) __ksym;

SEC("fsession/do_sys_openat2")
int
at_both(void *ctx)
{
    __u64 *handed = bpf_session_cookie(ctx);

    if (!bpf_session_is_return(ctx)) {
        *handed = 42;
        count(0);
    }
    else if (*handed == 42) {
        count(1);
    }
    return 0;
}
