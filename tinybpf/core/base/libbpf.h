/* SPDX-License-Identifier: MIT
 *
 * The only door to libbpf and to the kernel's BPF headers. libbpf's own copy of
 * linux/bpf.h comes first on the include path, so that its constants are those
 * of the bundled libbpf and not of the machine that builds.
 */
#ifndef TB_BASE_LIBBPF_H
#define TB_BASE_LIBBPF_H

#include <linux/bpf.h>
#include <linux/btf.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

/* The kernel returns it to user space and no libc names it. */
#ifndef ENOTSUPP
#define ENOTSUPP 524
#endif

#endif
