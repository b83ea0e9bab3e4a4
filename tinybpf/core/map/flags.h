/* SPDX-License-Identifier: MIT
 *
 * Flags of calls on maps: 64 bits of the system call, whose upper half may be a CPU.
 */
#ifndef TB_MAP_FLAGS_H
#define TB_MAP_FLAGS_H

#include "base/libbpf.h"
#include "owner/map.h"

/* Read flags as Python gives them (NULL: 0); 0, or -1 with an exception. */
int tb_map_read_flags(PyObject *number, uint64_t *out_flags);

/* 0, or -1 with an exception if flags contradict the kind of map. */
int tb_map_check_flags(const BpfMap *self, uint64_t flags);

/* Whether flags ask for the value of one CPU, or one value for all. */
static inline int
tb_map_is_of_one_cpu(uint64_t flags)
{
    return (flags & ((uint64_t)BPF_F_CPU | BPF_F_ALL_CPUS)) != 0;
}

#endif
