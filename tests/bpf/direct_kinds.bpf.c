// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A tool whose source says several types of one ring, and that one ring is one for each
 * CPU. Who calls getpgid(cookie) makes one event of each type, one of none of them, one
 * that is shorter than the field that tells, and one in the ring of its CPU.
 * Maps:     mixed (ring), shards (array of rings)
 * Programs: produce (tracepoint)
 * Users:    run/test_kinds, stream/test_event_kinds
 */
#include "maps.h"
#include "tinybpf.bpf.h"
#include "trigger.h"

enum type { EXEC = 7, EXIT = 9 };
struct header {
    __u32 version;
    enum type type;
};
struct exec_event {
    struct header hdr;
    __u32 pid;
    char comm[8];
} exec_event = {{1, EXEC}, 42, "sh"};
struct exit_event {
    struct header hdr;
    __s32 code;
    __u32 pid;
} exit_event = {{1, EXIT}, -3, 43};
struct header other = {2, 500};
char last = 'x';

#define NINE 9
const volatile __u32 cookie;
TINYBPF_RING(mixed, 4096)
TINYBPF_EVENT_IF(exec_event, hdr.type, EXEC)
TINYBPF_EVENT_IF(exit_event, hdr.type, NINE);
TINYBPF_COUNT_DROPS(mixed);
TINYBPF_SHARDED_RING(shards, 4096) TINYBPF_EVENT(exec_event);
TINYBPF_COUNT_DROPS(shards);

#define SEND(value) tinybpf_output(&mixed, &value, sizeof(value), mixed)

ON_TRIGGER
int
produce(struct trigger *ctx)
{
    void *ring = tinybpf_shard(shards);

    if ((__u32)ctx->args[0] == cookie && ring) {
        SEND(exec_event);
        SEND(exit_event);
        SEND(other);
        SEND(last);
        tinybpf_output(ring, &exec_event, sizeof(exec_event), shards);
    }
    return 0;
}
