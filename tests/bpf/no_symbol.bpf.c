// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A symbol of the kernel that is misspelt: bpf_prog_put.
 * Maps:     none
 * Programs: look (syscall)
 * Users:    host/test_extern
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern const void bpf_prgo_put __ksym;

SEC("syscall") int look(void *ctx)
{
    return (int)(long)&bpf_prgo_put;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
