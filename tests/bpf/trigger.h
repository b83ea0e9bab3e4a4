/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * How a test makes its programs run: it calls getpgid(cookie) with a number that
 * nobody else uses, and a program on that system call's tracepoint compares the
 * argument with the cookie that the test put into `config`. No pid is compared,
 * so the tests also work in a pid namespace and from any thread.
 */
#ifndef TINYBPF_TESTS_TRIGGER_H
#define TINYBPF_TESTS_TRIGGER_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define ON_TRIGGER SEC("tracepoint/syscalls/sys_enter_getpgid")

/* What the kernel hands to a sys_enter tracepoint (its `format` file). */
struct trigger {
    __u64 common;
    __s64 nr;
    __u64 args[6];
};

/* Key 0 of `config`, in this order in every object that has more settings. */
struct cookie {
    __u64 cookie;
};

static __always_inline int
is_ours(const struct trigger *ctx, const void *config)
{
    const struct cookie *cookie = config;

    return cookie && (__u32)ctx->args[0] == (__u32)cookie->cookie;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#endif
