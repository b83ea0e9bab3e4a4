// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What networking programs do only where the loader has CAP_PERFMON, and two that need
 * none. All are switched off ("?").
 * Maps:     numbers (array of u64)
 * Programs: named after what they do
 * Users:    host/test_privilege
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 4);
    __type(key, __u32);
    __type(value, __u64);
} numbers SEC(".maps");

static __always_inline __u64 *
number(void)
{
    __u32 key = 0;

    return bpf_map_lookup_elem(&numbers, &key);
}

#define XDP(name, ...)                       \
    SEC("?xdp") int name(struct xdp_md *ctx) \
    {                                        \
        __VA_ARGS__                          \
        return XDP_PASS;                     \
    }
#define DATA ((long)ctx->data)
#define END ((long)ctx->data_end)

XDP(subtracts, if (END - DATA > 20) return XDP_DROP;)
XDP(compares, if ((long)number() > (long)ctx) return XDP_DROP;)
XDP(reveals, __u64 *n = number(); if (n) *n = DATA;)
XDP(returns, return (int)DATA;)
XDP(prints, bpf_printk("hello");)
XDP(reads, __u64 n = 0; bpf_probe_read_kernel(&n, 8, (void *)DATA); return n > 3;)
XDP(looks_at_task, if (bpf_get_current_task() == 5) return XDP_DROP;)
XDP(indexes_stack, volatile char text[64] = {}; text[bpf_get_prandom_u32() & 63] = 1;
    return text[bpf_get_prandom_u32() & 63];)
XDP(checks_bounds, void *data = (void *)DATA; if (data + 20 > (void *)END) return 1;
    return *(__u8 *)(data + 3);)
XDP(counts, __u64 *n = number(); if (n) __atomic_fetch_add(n, 1, __ATOMIC_RELAXED);)

char LICENSE[] SEC("license") = "Dual MIT/GPL";
