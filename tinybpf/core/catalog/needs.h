/* SPDX-License-Identifier: MIT
 *
 * What a kind of hook, map or program needs: a kernel that has it, and a process that
 * may use it.
 */
#ifndef TB_CATALOG_NEEDS_H
#define TB_CATALOG_NEEDS_H

#include <linux/capability.h>
#include <stdint.h>

/* Capabilities as bits. CAP_BPF and CAP_PERFMON exist since Linux 5.8; before it
 * CAP_SYS_ADMIN stood for both, and it still does (kernel/bpf/syscall.c:
 * bpf_token_capable, perfmon_capable). */
#define TB_NEEDS_BPF (UINT64_C(1) << CAP_BPF)
#define TB_NEEDS_PERFMON (UINT64_C(1) << CAP_PERFMON)
#define TB_NEEDS_NET_ADMIN (UINT64_C(1) << CAP_NET_ADMIN)
#define TB_NEEDS_SYS_ADMIN (UINT64_C(1) << CAP_SYS_ADMIN)
#define TB_NEEDS_DAC_READ_SEARCH (UINT64_C(1) << CAP_DAC_READ_SEARCH)

struct tb_needs {
    const char *since;  /* the first Linux that has it, "5.8"; NULL: not known */
    const char *config; /* option of the kernel; NULL: none beyond CONFIG_BPF_SYSCALL */
    uint64_t caps;      /* besides CAP_BPF, which all need */
};

#endif
