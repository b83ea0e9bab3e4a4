// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Types of most kinds that BTF has, for those who read them; never loaded.
 * Maps:     .bss
 * Programs: use (socket)
 * Users:    btf/test_type, btf/test_open
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

typedef const int number;
enum color { RED, GREEN = 5 } a_color;
enum level { LOW = -1, HIGH = 1 } a_level;
enum wide { WIDE = 0xffffffffffffffffULL };
struct point {
    int x, y;
};
struct shape {
    struct shape *next;
    char name[16];
    int grid[2][3];
    int (*apply)(struct shape *, const char *);
    union {
        struct point at;
        __u64 packed;
    };
    int *const fixed;
    long (*table)[4];
    struct point tail[];
};
struct bits {
    unsigned int a : 3, b : 13;
    int c;
    long long d : 1;
};
struct tight {
    char tag;
    struct point where;
} __attribute__((packed));
int counter;
struct shape a_shape;
struct bits some_bits;
struct tight a_tight;
enum wide a_wide;

__attribute__((noinline)) long
work(struct point *p, number n)
{
    return p ? p->x + n + counter : 0;
}

SEC("socket")
int
use(struct __sk_buff *skb)
{
    struct point p = {};

    return work(&p, skb->len);
}
