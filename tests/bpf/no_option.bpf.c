// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * An option that no kernel is configured with.
 * Maps:     only the section .kconfig
 * Programs: look (syscall): returns the option
 * Users:    host/test_extern
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern int CONFIG_NO_SUCH_NUMBER __kconfig;

SEC("syscall") int look(void *ctx)
{
    return CONFIG_NO_SUCH_NUMBER;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
