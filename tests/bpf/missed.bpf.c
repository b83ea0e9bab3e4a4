// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A kprobe that is hit inside of another kprobe's program, and so does not run.
 * Maps:     none
 * Programs: on_getpgid (ksyscall), on_comm (kprobe)
 * Users:    system/test_object_stats
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 inner, outer;

SEC("ksyscall/getpgid")
int
on_getpgid(void *ctx)
{
    char comm[16];

    outer++;
    return bpf_get_current_comm(comm, sizeof(comm));
}

SEC("kprobe/bpf_get_current_comm")
int
on_comm(void *ctx)
{
    inner++;
    return 0;
}

char LICENSE[] SEC("license") = "GPL";
