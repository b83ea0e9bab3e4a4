// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A record for every file that is opened on the machine, or fails to be.
 * Maps: events (ring buffer of struct event), lost (records that found it full),
 *       only (the pid to look at, 0 for all), pending (calls that have begun).
 * Programs: an enter_ and an exit_ one for each of open, openat and openat2.
 * Used by opensnoop.py. Linux 5.8 or newer, with BTF and tracefs.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "tinybpf.bpf.h"

#define COMM_SIZE 16
#define PATH_SIZE 256

/* The few fields read here; CO-RE finds where the running kernel keeps them. */
struct trace_event_raw_sys_enter {
    unsigned long args[6];
} __attribute__((preserve_access_index));

struct trace_event_raw_sys_exit {
    long ret;
} __attribute__((preserve_access_index));

struct event {
    __u32 pid;
    __s32 result;
    char comm[COMM_SIZE];
    char path[PATH_SIZE];
};

/* Puts the type into BTF, where event_type="event" finds it. */
const struct event *unused_event;

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, 1 << 20);
} events SEC(".maps") TINYBPF_EVENT(event);

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u64);
} lost SEC(".maps") TINYBPF_DROPPED(events);

struct {
    __uint(type, BPF_MAP_TYPE_ARRAY);
    __uint(max_entries, 1);
    __type(key, __u32);
    __type(value, __u32);
} only SEC(".maps");

/* Thread -> address of the path that it is opening. */
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, 8192);
    __type(key, __u64);
    __type(value, __u64);
} pending SEC(".maps");

static void
count_lost(void)
{
    __u32 zero = 0;
    __u64 *n = bpf_map_lookup_elem(&lost, &zero);

    if (n) {
        /* Relaxed: before 5.12 a BPF atomic cannot return the old value. */
        __atomic_fetch_add(n, 1, __ATOMIC_RELAXED);
    }
}

/*
 * The path is only read when the call is over: now its page may not be in memory
 * yet, then the kernel has just read it.
 */
static int
begin(__u64 path)
{
    __u64 thread = bpf_get_current_pid_tgid();
    __u32 zero = 0, *pid = bpf_map_lookup_elem(&only, &zero);

    if (pid && (!*pid || *pid == thread >> 32)) {
        bpf_map_update_elem(&pending, &thread, &path, BPF_ANY);
    }
    return 0;
}

static int
finish(long result)
{
    __u64 thread = bpf_get_current_pid_tgid();
    __u64 *path = bpf_map_lookup_elem(&pending, &thread);
    struct event *event;

    if (!path) {
        return 0;
    }
    event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
    if (event) {
        event->pid = thread >> 32;
        event->result = result;
        bpf_get_current_comm(event->comm, sizeof(event->comm));
        if (bpf_probe_read_user_str(event->path, PATH_SIZE, (void *)*path) < 0) {
            event->path[0] = '\0';
        }
        bpf_ringbuf_submit(event, 0);
    }
    else {
        count_lost();
    }
    bpf_map_delete_elem(&pending, &thread);
    return 0;
}

#define SNOOP(call, path_index)                             \
    SEC("tracepoint/syscalls/sys_enter_" #call)             \
    int enter_##call(struct trace_event_raw_sys_enter *ctx) \
    {                                                       \
        return begin(ctx->args[path_index]);                \
    }                                                       \
    SEC("tracepoint/syscalls/sys_exit_" #call)              \
    int exit_##call(struct trace_event_raw_sys_exit *ctx)   \
    {                                                       \
        return finish(ctx->ret);                            \
    }

SNOOP(open, 0) /* not on every architecture */
SNOOP(openat, 1)
SNOOP(openat2, 1)

char LICENSE[] SEC("license") = "Dual MIT/GPL";
