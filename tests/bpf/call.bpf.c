// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A program that is called and nothing else; run.bpf.c has those of older kernels.
 * Maps:     none
 * Programs: on_call (syscall: adds two numbers of its context)
 * Users:    program/test_run
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct call {
    __u64 a, b, sum;
};

SEC("syscall")
int
on_call(struct call *call)
{
    call->sum = call->a + call->b;
    return 7;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
