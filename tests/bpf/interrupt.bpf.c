// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Sends SIGINT to the process that pulled the trigger, once, as it makes a bpf() call.
 * Maps:     config (array: the cookie, and which command of bpf() it is)
 *           armed (array: the process, as the kernel numbers it)
 * Programs: on_trigger, on_bpf (tracepoints)
 * Users:    process/test_signal
 */
#include "trigger.h"

#define SIGINT 2

struct config {
    __u64 cookie;
    __u64 command;
};

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, struct config);
} config SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u64);
} armed SEC(".maps");

ON_TRIGGER
int
on_trigger(struct trigger *ctx)
{
    __u32 zero = 0;
    struct config *cfg = bpf_map_lookup_elem(&config, &zero);
    __u64 *process = bpf_map_lookup_elem(&armed, &zero);

    if (process && is_ours(ctx, cfg)) {
        *process = bpf_get_current_pid_tgid() >> 32;
    }
    return 0;
}

SEC("tracepoint/syscalls/sys_enter_bpf")
int
on_bpf(struct trigger *ctx)
{
    __u32 zero = 0;
    struct config *cfg = bpf_map_lookup_elem(&config, &zero);
    __u64 *process = bpf_map_lookup_elem(&armed, &zero);

    if (cfg && process && *process == bpf_get_current_pid_tgid() >> 32 &&
        ctx->args[0] == cfg->command) {
        *process = 0;
        bpf_send_signal(SIGINT);
    }
    return 0;
}
