// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A static tracepoint and a pattern of functions of a file in the working directory.
 * Maps:     those of usdt.bpf.h
 * Programs: on_request (usdt), on_work (uprobe.multi)
 * Users:    attach/test_link, host/test_target
 */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <stdbool.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/usdt.bpf.h>

SEC("?usdt/./probed:demo:request") int BPF_USDT(on_request, int n)
{
    return n;
}

SEC("?uprobe.multi/./probed:work_*") int on_work(void *ctx)
{
    return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
