/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The types of guide.bpf.c, as the user guide shows them. */
#ifndef TINYBPF_TESTS_GUIDE_H
#define TINYBPF_TESTS_GUIDE_H

#include <linux/types.h>

struct flow {
    __u32 saddr;
    __u16 sport;
};
struct stats {
    __u64 bytes, packets;
};
struct event {
    __u32 pid, uid;
    char comm[16];
} *unused_event;

#endif
