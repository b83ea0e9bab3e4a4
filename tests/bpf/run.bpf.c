// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Programs whose run can be checked by what comes back.
 * Maps:     none
 * Programs: on_packet (drops packets of less than 20 bytes, sends the first 20 of
 *           others back), on_words (returns the sum of its arguments), on_skb (adds
 *           one to a packet's mark)
 * Users:    program/test_run, program/test_open, program/test_info, map/test_create
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int
on_packet(struct xdp_md *ctx)
{
    int size = ctx->data_end - ctx->data;

    return size < 20 || bpf_xdp_adjust_tail(ctx, 20 - size) ? XDP_DROP : XDP_TX;
}

SEC("raw_tp")
int
on_words(unsigned long long *words)
{
    return words[0] + words[1];
}

SEC("tc")
int
on_skb(struct __sk_buff *skb)
{
    skb->mark++;
    return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
