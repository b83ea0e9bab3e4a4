// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * One program for each of several sections: those that say where to attach, and
 * those that do not.
 * Maps:     none
 * Programs: on_<kind>
 * Users:    program/test_program, object/test_object
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define PROGRAM(section, name) \
    SEC(section)               \
    int name(void *ctx)        \
    {                          \
        return 0;              \
    }

PROGRAM("tracepoint/syscalls/sys_enter_getpgid", on_tracepoint)
PROGRAM("tp/syscalls/sys_exit_getpgid", on_tp)
PROGRAM("raw_tp/sys_enter", on_raw_tp)
PROGRAM("raw_tracepoint/sys_exit", on_raw_tracepoint)
PROGRAM("socket", on_socket_filter)
PROGRAM("xdp", on_xdp)
PROGRAM("tc", on_tc)
PROGRAM("cgroup_skb/egress", on_cgroup_skb)
PROGRAM("perf_event", on_perf_event)
PROGRAM("tracepoint", on_tracepoint_nowhere)
PROGRAM("raw_tp", on_raw_tp_nowhere)

char LICENSE[] SEC("license") = "Dual MIT/GPL";
