// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A kprobe, which a kernel may be built without.
 * Maps:     none
 * Programs: on_open (kprobe)
 * Users:    test_program
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("kprobe/do_sys_openat2")
int
on_open(void *ctx)
{
    return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
