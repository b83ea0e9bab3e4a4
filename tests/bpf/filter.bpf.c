// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The filter of the user guide: a program that is tested without traffic.
 * Maps:     none
 * Programs: filter (xdp): drops TCP to port 80
 * Users:    package/test_docs
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct packet {
    struct ethhdr eth;
    struct iphdr ip;
    struct tcphdr tcp;
} __attribute__((packed));

SEC("xdp")
int
filter(struct xdp_md *ctx)
{
    struct packet *packet = (void *)(long)ctx->data;

    if ((void *)(packet + 1) > (void *)(long)ctx->data_end) {
        return XDP_PASS;
    }
    if (packet->eth.h_proto != bpf_htons(ETH_P_IP) ||
        packet->ip.protocol != IPPROTO_TCP) {
        return XDP_PASS;
    }
    return packet->tcp.dest == bpf_htons(80) ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
