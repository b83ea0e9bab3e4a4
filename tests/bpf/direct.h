/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The types of direct.bpf.c: what its tests read in tables and in JSON. */
#ifndef TINYBPF_TESTS_DIRECT_H
#define TINYBPF_TESTS_DIRECT_H

#include <stdbool.h>
#include "maps.h"
#include "tinybpf.bpf.h"
#include "trigger.h"

enum color { RED, GREEN = 7 };
struct from {
    __u32 pid, addr TINYBPF_FORMAT(ipv4);
};
struct event {
    struct from from;
    char comm[16];
    enum color color;
    __s32 delta;
} *unused_event;
struct hist {
    __u64 total;
    __u32 slots[8];
};

#endif
