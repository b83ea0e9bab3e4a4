// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * XDP programs that run behind a redirect.
 * Maps:     none
 * Programs: on_device (xdp/devmap), on_cpu (xdp/cpumap)
 * Users:    map/test_descriptor
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp/devmap") int on_device(struct xdp_md *ctx)
{
    return XDP_PASS;
}

SEC("xdp/cpumap") int on_cpu(struct xdp_md *ctx)
{
    return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
