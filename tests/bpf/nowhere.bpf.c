// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * An object of which no program says where to attach.
 * Maps:     none
 * Programs: filter (socket filter)
 * Users:    object/test_*, error/test_log
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("socket")
int
filter(void *ctx)
{
    return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
