// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A user ring buffer; each trigger drains it and tells what was there.
 * Maps:     commands (user ring, 4 KiB), echo (ring), config
 * Programs: drain (tracepoint)
 * Users:    stream/test_user_ring
 */
#include "maps.h"
#include "trigger.h"

#define MAX_SAMPLE 64

struct command {
    __u32 kind;
    __u32 pid;
    char text[8];
};
struct answer {
    __u64 size;
    char data[MAX_SAMPLE];
};

MAP(commands, USER_RINGBUF, 4096, );
RING(echo, 65536);
ARRAY(config, 1, struct cookie);
struct command *unused_command;
__u64 n_drained;

static long
tell(struct bpf_dynptr *sample, void *ctx)
{
    struct answer answer = {};
    int i;

    for (i = 0; i < MAX_SAMPLE; i++) {
        if (bpf_dynptr_read(&answer.data[i], 1, sample, i, 0)) {
            break;
        }
    }
    answer.size = i;
    n_drained++;
    bpf_ringbuf_output(&echo, &answer, sizeof(answer), 0);
    return 0;
}

ON_TRIGGER
int
drain(struct trigger *ctx)
{
    if (is_ours(ctx, AT(config, 0))) {
        bpf_user_ringbuf_drain(&commands, tell, NULL, 0);
    }
    return 0;
}
