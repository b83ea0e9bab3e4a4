/* SPDX-License-Identifier: MIT
 *
 * Flags of calls on maps (map/flags.h).
 */
#include "map/flags.h"

#include "map/kind.h"

int
tb_map_read_flags(PyObject *number, uint64_t *out_flags)
{
    *out_flags = number ? PyLong_AsUnsignedLongLong(number) : 0;
    if (*out_flags != UINT64_MAX || !PyErr_Occurred()) {
        return 0;
    }
    if (PyErr_ExceptionMatches(PyExc_OverflowError)) {
        PyErr_Clear();
        PyErr_Format(PyExc_ValueError, "flags out of range: %R", number);
    }
    return -1;
}

/* A mistake is told here: the kernel calls all of them EINVAL. */
int
tb_map_check_flags(const BpfMap *self, uint64_t flags)
{
    uint64_t cpu = flags >> 32;

    if (!tb_map_is_of_one_cpu(flags)) {
        return 0;
    }
    if (!tb_map_is_percpu(self)) {
        PyErr_Format(
            PyExc_ValueError,
            "BPF_F_CPU and BPF_F_ALL_CPUS are for per-CPU maps; map %R is none",
            self->name);
        return -1;
    }
    if ((flags & BPF_F_CPU) && cpu >= self->traits.n_values) {
        PyErr_Format(PyExc_ValueError,
                     "CPU %llu out of range: map %R has values for %u possible CPUs",
                     (unsigned long long)cpu, self->name, self->traits.n_values);
        return -1;
    }
    return 0;
}
