/* SPDX-License-Identifier: MIT
 *
 * Which privileges an operation takes, and which of them this process lacks.
 */
#ifndef TB_HOST_PRIVILEGE_H
#define TB_HOST_PRIVILEGE_H

#include "base/libbpf.h"
#include "catalog/needs.h"

#include <stddef.h>
#include <stdint.h>

struct tb_hook_kind;

/* All that BPF asks for. */
#define TB_PRIVILEGE_ALL                                                               \
    (TB_NEEDS_BPF | TB_NEEDS_PERFMON | TB_NEEDS_NET_ADMIN | TB_NEEDS_DAC_READ_SEARCH | \
     TB_NEEDS_SYS_ADMIN)

/* What this process lacks of the capabilities that are needed, TB_NEEDS_* as bits; and
 * capabilities as words: "CAP_BPF and CAP_NET_ADMIN". */
uint64_t tb_privilege_lacking(uint64_t caps);
void tb_privilege_write(uint64_t caps, char *text, size_t size);

/* Why the kernel may have refused to load the object, or to attach the program to a
 * hook (NULL: an unknown one): what is needed, what is missing, how to start the
 * process. A sentence's end without its full stop, then more lines. Knows no Python;
 * reads the process's capabilities. Of a load: whether the process has all of them. */
int tb_privilege_of_load(const struct bpf_object *object, char *text, size_t size);
void tb_privilege_of_attach(const struct bpf_program *program,
                            const struct tb_hook_kind *hook, char *text, size_t size);

/* The same for one map, and for the choice of a loaded program as what another one
 * replaces or traces. */
void tb_privilege_of_map(enum bpf_map_type type, char *text, size_t size);
void tb_privilege_of_target(char *text, size_t size);

/* The same for what is CAP_SYS_ADMIN's alone: "opening", "a program by its id". */
void tb_privilege_of_admin(const char *verb, const char *kinds, char *text,
                           size_t size);

/* The same for what the network asks CAP_NET_ADMIN for. */
void tb_privilege_of_network(const char *verb, const char *kinds, char *text,
                             size_t size);

/* The same for a call of bpf(2) on what is loaded: "running", "a program". */
void tb_privilege_of_call(const char *verb, const char *kinds, char *text, size_t size);

#endif
