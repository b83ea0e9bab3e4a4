// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Programs for sockets; they note their numbers when they run, and return what the test
 * has set (ran.h).
 * Maps:     peers (sockmap of 2)
 * Programs: filter_0 and filter_1 (socket: bytes that are kept), reuseport_2, skb_3
 *           (sk_skb/stream_verdict), msg_4 (sk_msg), lookup_5 (sk_lookup), dissect_6
 *           (flow_dissector), group_7 (socket: which socket of a group); off: parse_0
 *           (sk_skb/stream_parser: takes all there is), verdict_1 (sk_skb/verdict)
 * Users:    attach/test_socket, attach/test_sockmap, attach/test_netns,
 *           run/test_attach_kinds
 */
#include "ran.h"

struct {
    __uint(type, BPF_MAP_TYPE_SOCKMAP);
    __uint(max_entries, 2);
    __type(key, __u32);
    __type(value, __u64);
} peers SEC(".maps");

#define PROGRAM(section, name, number, mask) \
    SEC(section)                             \
    int name(void *ctx)                      \
    {                                        \
        return ran_one(number) & (mask);     \
    }

PROGRAM("socket", filter_0, 0, -1)
PROGRAM("socket", filter_1, 1, -1)
PROGRAM("sk_reuseport", reuseport_2, 2, 1)
PROGRAM("sk_skb/stream_verdict", skb_3, 3, 1)
PROGRAM("sk_msg", msg_4, 4, 1)
PROGRAM("sk_lookup", lookup_5, 5, 1)
PROGRAM("flow_dissector", dissect_6, 6, 0)
PROGRAM("socket", group_7, 7, -1)
PROGRAM("?sk_skb/verdict", verdict_1, 1, 1)

SEC("?sk_skb/stream_parser")
int
parse_0(struct __sk_buff *skb)
{
    ran_one(0);
    return skb->len;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
