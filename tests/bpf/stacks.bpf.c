// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The user stack of whoever calls the trigger.
 * Maps:     stacks (of 32 addresses), files (the same by build id), config (cookie),
 *           ids (array of two s32: what bpf_get_stackid returned for each)
 * Programs: keep_stack (tracepoint)
 * Users:    map/test_stack
 */
#include "maps.h"
#include "trigger.h"

#define DEPTH 32
#define FILES __uint(map_flags, BPF_F_STACK_BUILD_ID);

MAP(stacks, STACK_TRACE, 64, __uint(key_size, 4); __uint(value_size, DEPTH * 8););
MAP(files, STACK_TRACE, 64, __uint(key_size, 4); __uint(value_size, DEPTH * 32); FILES);
ARRAY(config, 1, struct cookie);
ARRAY(ids, 2, __s32);

ON_TRIGGER
int
keep_stack(struct trigger *ctx)
{
    struct cookie *cfg = AT(config, 0);
    __s32 *id = AT(ids, 0);
    __s32 *file_id = AT(ids, 1);

    if (is_ours(ctx, cfg) && id && file_id) {
        *id = bpf_get_stackid(ctx, &stacks, BPF_F_USER_STACK);
        *file_id = bpf_get_stackid(ctx, &files, BPF_F_USER_STACK);
    }
    return 0;
}
