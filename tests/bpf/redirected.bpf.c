// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * XDP programs that run behind a redirect, and those that redirect to them.
 * Maps:     devices (devmap), cpus (cpumap), globals: runs
 * Programs: on_device (xdp/devmap), on_cpu (xdp/cpumap), to_device, to_cpu, onward
 *           (xdp)
 * Users:    map/test_descriptor, attach/test_redirect
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define MAP(name, kind, v)                 \
    struct {                               \
        __uint(type, BPF_MAP_TYPE_##kind); \
        __uint(max_entries, 1);            \
        __type(key, __u32);                \
        __type(value, v);                  \
    } name SEC(".maps")

MAP(devices, DEVMAP, struct bpf_devmap_val);
MAP(cpus, CPUMAP, struct bpf_cpumap_val);

__u32 runs;

SEC("xdp") int to_device(struct xdp_md *ctx)
{
    return bpf_redirect_map(&devices, 0, XDP_DROP);
}

SEC("xdp") int to_cpu(struct xdp_md *ctx)
{
    return bpf_redirect_map(&cpus, 0, XDP_DROP);
}

SEC("xdp") int onward(struct xdp_md *ctx)
{
    return XDP_PASS;
}

SEC("xdp/devmap") int on_device(struct xdp_md *ctx)
{
    __atomic_fetch_add(&runs, 1, __ATOMIC_RELAXED);
    return XDP_PASS;
}

SEC("xdp/cpumap") int on_cpu(struct xdp_md *ctx)
{
    __atomic_fetch_add(&runs, 1, __ATOMIC_RELAXED);
    return XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
