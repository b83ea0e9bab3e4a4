// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The user stack of whoever calls the trigger.
 * Maps:     stacks (of 32 addresses), files (the same by build id), config (cookie),
 *           ids (array of two s32: what bpf_get_stackid returned for each)
 * Programs: keep_stack (tracepoint)
 * Users:    map/test_stack
 */
#include "trigger.h"

#define MAP(name, kind, n, more)           \
    struct {                               \
        __uint(type, BPF_MAP_TYPE_##kind); \
        __uint(max_entries, n);            \
        more                               \
    } name SEC(".maps")
#define DEPTH 32
#define FILES __uint(map_flags, BPF_F_STACK_BUILD_ID);

MAP(stacks, STACK_TRACE, 64, __uint(key_size, 4); __uint(value_size, DEPTH * 8););
MAP(files, STACK_TRACE, 64, __uint(key_size, 4); __uint(value_size, DEPTH * 32); FILES);
MAP(config, ARRAY, 1, __type(key, __u32); __type(value, struct cookie););
MAP(ids, ARRAY, 2, __type(key, __u32); __type(value, __s32););

ON_TRIGGER
int
keep_stack(struct trigger *ctx)
{
    __u32 zero = 0, one = 1;
    struct cookie *cfg = bpf_map_lookup_elem(&config, &zero);
    __s32 *id = bpf_map_lookup_elem(&ids, &zero);
    __s32 *file_id = bpf_map_lookup_elem(&ids, &one);

    if (is_ours(ctx, cfg) && id && file_id) {
        *id = bpf_get_stackid(ctx, &stacks, BPF_F_USER_STACK);
        *file_id = bpf_get_stackid(ctx, &files, BPF_F_USER_STACK);
    }
    return 0;
}
