// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A tracepoint program with typed arguments (tp_btf) that tells of its process: each
 * getpgid() of the process whose tgid is in `target` becomes a record {tgid, uid}.
 * Maps:     target (array of u32: the tgid), events (ring, 4 KiB)
 * Programs: on_enter (tp_btf/sys_enter)
 * Users:    runner/test_capabilities
 */
#include <linux/bpf.h>
#include <asm/unistd.h>
#include <bpf/bpf_helpers.h>

struct event {
    __u32 tgid;
    __u32 uid;
};

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u32);
} target SEC(".maps");

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 4096);
} events SEC(".maps");

SEC("tp_btf/sys_enter")
int
on_enter(__u64 *ctx)
{
    __u32 zero = 0;
    __u32 tgid = bpf_get_current_pid_tgid() >> 32;
    __u32 *wanted = bpf_map_lookup_elem(&target, &zero);
    struct event *event;

    if (ctx[1] != __NR_getpgid || !wanted || *wanted != tgid) {
        return 0;
    }
    event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
    if (!event) {
        return 0;
    }
    event->tgid = tgid;
    event->uid = (__u32)bpf_get_current_uid_gid();
    bpf_ringbuf_submit(event, 0);
    return 0;
}

char LICENSE[] SEC("license") = "GPL";
