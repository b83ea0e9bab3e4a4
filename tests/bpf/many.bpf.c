// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Many programs in one object.
 * Maps:     none
 * Programs: p00 ... p77 (octal) (raw_tp/sys_enter)
 * Users:    object/test_*
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define ONE(n)              \
    SEC("raw_tp/sys_enter") \
    int p##n(void *ctx)     \
    {                       \
        return 0;           \
    }
#define EIGHT(n) \
    ONE(n##0) ONE(n##1) ONE(n##2) ONE(n##3) ONE(n##4) ONE(n##5) ONE(n##6) ONE(n##7)

EIGHT(0)
EIGHT(1)
EIGHT(2)
EIGHT(3)
EIGHT(4)
EIGHT(5)
EIGHT(6)
EIGHT(7)

char LICENSE[] SEC("license") = "Dual MIT/GPL";
