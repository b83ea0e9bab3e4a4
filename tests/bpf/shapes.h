/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The structs of typed.bpf.c: plain ones, and one with all that C can do.
 */
#ifndef TINYBPF_TESTS_SHAPES_H
#define TINYBPF_TESTS_SHAPES_H

#include <linux/types.h>

struct flow {
    __u32 saddr;
    __u16 sport;
};
struct stats {
    __u64 bytes;
    __u32 packets;
};
struct inner {
    __u8 a;
    __u16 b[2];
};
struct shapes {
    struct inner inner, several[2];
    union {
        __u32 word;
        struct {
            __u16 low, high;
        };
    };
    __u32 three : 3, five : 5;
    char name[16];
    void *pointer;
    double number;
    _Bool flag;
    struct {
        __s64 big;
    } __attribute__((packed)) tight;
};
struct event {
    __u32 pid;
    char comm[16];
};

#endif
