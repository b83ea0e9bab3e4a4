// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A kprobe, a kretprobe and a ksyscall, which a kernel may be built without.
 * Maps:     target, hits (hits.h; by key: 0 on_open, 1 on_return, 2 on_syscall)
 * Programs: on_open (kprobe), on_return (kretprobe), on_syscall (ksyscall)
 * Users:    attach/test_*, host/test_privilege
 */
#include "hits.h"

SEC("kprobe/do_sys_openat2")
int
on_open(void *ctx)
{
    count(0);
    return 0;
}

SEC("kretprobe/do_sys_openat2")
int
on_return(void *ctx)
{
    count(1);
    return 0;
}

SEC("?ksyscall/getpgid")
int
on_syscall(void *ctx)
{
    count(2);
    return 0;
}
