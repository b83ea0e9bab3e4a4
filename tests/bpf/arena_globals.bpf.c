// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Global variables in an arena, which a program and user space both write.
 * Maps:     arena (4 pages)
 * Programs: bump (adds step to runs, and notes it in cfg)
 * Users:    view/test_arena
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define ARENA_GLOBAL __attribute__((address_space(1)))

struct {
    __uint(type, BPF_MAP_TYPE_ARENA);
    __uint(map_flags, BPF_F_MMAPABLE);
    __uint(max_entries, 4);
} arena SEC(".maps");

struct config {
    __u32 limit, last;
};

__u64 ARENA_GLOBAL runs = 40;
__u64 ARENA_GLOBAL step = 1;
struct config ARENA_GLOBAL cfg = {.limit = 100};
char ARENA_GLOBAL name[8] = "tiny";

SEC("syscall")
int
bump(void *ctx)
{
    if (runs + step > cfg.limit) {
        return 1;
    }
    runs += step;
    cfg.last = runs;
    return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
