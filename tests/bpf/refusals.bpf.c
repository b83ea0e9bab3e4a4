// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * One program for each common reason of the verifier to refuse one. All are switched
 * off ("?"); a test switches one on (support.elf.enable).
 * Maps:     numbers (hash, u32 -> u64), events (ring buffer)
 * Programs: one in each section
 * Users:    error/test_verifier
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u64);
} numbers SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 4096);
} events SEC(".maps");

static __noinline int
takes_300_bytes(void *ctx)
{
    char text[300];

    return bpf_skb_load_bytes(ctx, 0, text, sizeof(text));
}

#define PROGRAM(section, name, ...) \
    SEC("?" section)                \
    int name(void *ctx)             \
    {                               \
        __VA_ARGS__                 \
    }

PROGRAM("xdp", a_packet, return *(__u32 *)(long)((struct xdp_md *)ctx)->data;)
PROGRAM("raw_tp/1", a_null, __u32 key = 0;
        return *(__u64 *)bpf_map_lookup_elem(&numbers, &key);)
PROGRAM("raw_tp/2", a_scalar, return *(int *)bpf_get_current_task();)
PROGRAM("raw_tp/3", a_reference, return !bpf_ringbuf_reserve(&events, 8, 0);)
PROGRAM("raw_tp/4", a_helper, return ((int (*)(int))9999)(1);)
PROGRAM("socket", a_type, return bpf_xdp_adjust_head(ctx, 4);)
PROGRAM("tc", a_stack, char text[300]; bpf_skb_load_bytes(ctx, 0, text, sizeof(text));
        return takes_300_bytes(ctx) + text[9];)
PROGRAM("raw_tp/6", an_index, char text[64]; bpf_get_current_comm(text, sizeof(text));
        return text[bpf_get_prandom_u32() & 1023];)
PROGRAM("raw_tp/7", a_loop, volatile int go = 1; while (go) bpf_get_prandom_u32();
        return 0;)
PROGRAM("raw_tp/8", a_context, return ((int *)ctx)[100000];)
PROGRAM("raw_tp/9", a_pointer, return bpf_map_update_elem(&numbers, ctx, ctx, 0);)
PROGRAM("perf_event", a_license, long x; return bpf_probe_read_kernel(&x, 8, ctx);)

char LICENSE[] SEC("license") = "Dual MIT/GPL";
