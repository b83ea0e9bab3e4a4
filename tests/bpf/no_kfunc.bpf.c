// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A function of the kernel that is misspelt: bpf_map_put.
 * Maps:     none
 * Programs: look (syscall)
 * Users:    host/test_extern
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern void bpf_mpa_put(void *map) __ksym;

SEC("syscall") int look(void *ctx)
{
    bpf_mpa_put(0);
    return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
