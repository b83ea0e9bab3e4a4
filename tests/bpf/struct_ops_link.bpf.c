// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Two TCP congestion controls of one name, one for the place of the other; each counts
 * the connections that choose it.
 * Maps:     first, second, other (struct_ops with a link; other has another name)
 * Programs: ssthresh, cong_avoid, undo_cwnd, first_init, second_init
 * Users:    attach/test_struct_ops
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct sock;

struct tcp_congestion_ops {
    __u32 (*ssthresh)(struct sock *sk);
    void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
    __u32 (*undo_cwnd)(struct sock *sk);
    void (*init)(struct sock *sk);
    char name[16];
} __attribute__((preserve_access_index));

__u64 firsts, seconds;

#define PROGRAM(type, name, result, ...)                \
    SEC("struct_ops")                                   \
    type BPF_PROG(name, struct sock *sk, ##__VA_ARGS__) \
    {                                                   \
        result;                                         \
    }

PROGRAM(__u32, ssthresh, return 2)
PROGRAM(__u32, undo_cwnd, return 2)
PROGRAM(void, cong_avoid, , __u32 ack, __u32 acked)
PROGRAM(void, first_init, firsts++)
PROGRAM(void, second_init, seconds++)

#define CONTROL(variable, initial, text)   \
    SEC(".struct_ops.link")                \
    struct tcp_congestion_ops variable = { \
        .ssthresh = (void *)ssthresh,      \
        .cong_avoid = (void *)cong_avoid,  \
        .undo_cwnd = (void *)undo_cwnd,    \
        .init = (void *)initial,           \
        .name = text,                      \
    }

CONTROL(first, first_init, "tinybpf_link");
CONTROL(second, second_init, "tinybpf_link");
CONTROL(other, second_init, "tinybpf_other");

char LICENSE[] SEC("license") = "GPL";
