// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A tool that needs nothing of a host but its kernel, neither tracefs nor BTF: each
 * getpgid() of a process is an event.
 * Maps:     events (ring, 4 KiB), calls (hash, uid -> number of them)
 * Programs: on_enter (raw_tp/sys_enter)
 * Users:    package/test_bare_host
 */
#include <linux/bpf.h>
#include <asm/unistd.h>
#include <bpf/bpf_helpers.h>

#include "tinybpf.bpf.h"

struct event {
    __u32 pid;
    __u32 uid;
};

const volatile __u32 pid TINYBPF_HELP("the process, 0 for all");

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 4096);
} events SEC(".maps") TINYBPF_EVENT(event);

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, 64);
    __type(key, __u32);
    __type(value, __u64);
} calls SEC(".maps");

const struct event *unused_event;

SEC("raw_tp/sys_enter")
int
on_enter(__u64 *ctx)
{
    struct event event = {bpf_get_current_pid_tgid() >> 32, bpf_get_current_uid_gid()};
    __u64 one = 1, *known;

    if (ctx[1] != __NR_getpgid || (pid && pid != event.pid)) {
        return 0;
    }
    known = bpf_map_lookup_elem(&calls, &event.uid);
    if (known) {
        __atomic_fetch_add(known, 1, __ATOMIC_RELAXED);
    }
    else {
        bpf_map_update_elem(&calls, &event.uid, &one, 0);
    }
    bpf_ringbuf_output(&events, &event, sizeof(event), 0);
    return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
