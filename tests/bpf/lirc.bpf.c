// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A program for receivers of infrared.
 * Maps:     none
 * Programs: decode (lirc_mode2)
 * Users:    attach/test_lirc, run/test_attach_kinds
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("lirc_mode2")
int
decode(unsigned int *sample)
{
    return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
