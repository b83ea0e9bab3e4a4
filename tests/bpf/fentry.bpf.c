// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * BPF trampolines, which a kernel may be built without.
 * Maps:     target, hits (hits.h; by key: 0 on_open, 1 on_return, 2 the returned value)
 * Programs: on_open (fentry), on_return (fexit)
 * Users:    attach/test_kernel_functions, host/test_privilege,
 *           run/test_attach*
 */
#include "hits.h"

SEC("fentry/do_sys_openat2")
int
on_open(void *ctx)
{
    count(0);
    return 0;
}

SEC("fexit/do_sys_openat2")
int
on_return(__u64 *ctx)
{
    __u32 key = 2;
    __u64 returned = ctx[3]; /* behind the function's three arguments */

    if (count(1)) {
        bpf_map_update_elem(&hits, &key, &returned, BPF_ANY);
    }
    return 0;
}
