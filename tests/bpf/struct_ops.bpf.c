// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A TCP congestion control that does next to nothing: programs that the kernel calls.
 * Maps:     tiny_cc (struct_ops)
 * Programs: ssthresh, cong_avoid, undo_cwnd
 * Users:    map/test_struct_ops, host/test_privilege
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct sock;

struct tcp_congestion_ops {
    __u32 (*ssthresh)(struct sock *sk);
    void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
    __u32 (*undo_cwnd)(struct sock *sk);
    char name[16];
} __attribute__((preserve_access_index));

SEC("struct_ops/ssthresh")
__u32
BPF_PROG(ssthresh, struct sock *sk)
{
    return 2;
}

SEC("struct_ops/cong_avoid")
void
BPF_PROG(cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
}

SEC("struct_ops/undo_cwnd")
__u32
BPF_PROG(undo_cwnd, struct sock *sk)
{
    return 2;
}

SEC(".struct_ops")
struct tcp_congestion_ops tiny_cc = {
    .ssthresh = (void *)ssthresh,
    .cong_avoid = (void *)cong_avoid,
    .undo_cwnd = (void *)undo_cwnd,
    .name = "tinybpf_test",
};

char LICENSE[] SEC("license") = "GPL";
