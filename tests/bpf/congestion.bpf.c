// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A struct_ops map: TCP congestion control that does next to nothing.
 * Maps:     nothing (struct_ops, struct tcp_congestion_ops)
 * Programs: ssthresh, cong_avoid, undo_cwnd
 * Users:    test_map_struct_ops
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct sock;

/* The members that are set, of the kernel's type of the same name. */
struct tcp_congestion_ops {
    __u32 (*ssthresh)(struct sock *sk);
    void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
    __u32 (*undo_cwnd)(struct sock *sk);
    char name[16];
};

SEC("struct_ops")
__u32
BPF_PROG(ssthresh, struct sock *sk)
{
    return 2;
}

SEC("struct_ops")
void
BPF_PROG(cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
}

SEC("struct_ops")
__u32
BPF_PROG(undo_cwnd, struct sock *sk)
{
    return 2;
}

SEC(".struct_ops")
struct tcp_congestion_ops nothing = {
    .ssthresh = (void *)ssthresh,
    .cong_avoid = (void *)cong_avoid,
    .undo_cwnd = (void *)undo_cwnd,
    .name = "tinybpf_none",
};

char LICENSE[] SEC("license") = "GPL";
