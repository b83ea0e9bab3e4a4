/* SPDX-License-Identifier: MIT
 *
 * Why calls on maps fail (map/error.h): the kernel's errno, read with the kind of map
 * and the flags in mind.
 */
#include "map/error.h"

#include "base/libbpf.h"
#include "error/code.h"
#include "error/raise.h"
#include "map/info.h"
#include "map/kind.h"
#include "map/queue.h"

#include <errno.h>
#include <string.h>

#define ONE_CPU ((uint64_t)BPF_F_CPU | BPF_F_ALL_CPUS)

int
tb_map_is_of_one_cpu(uint64_t flags)
{
    return (flags & ONE_CPU) != 0;
}

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
    if ((flags & BPF_F_CPU) && cpu >= self->n_values) {
        PyErr_Format(PyExc_ValueError,
                     "CPU %llu out of range: map %R has values for %u possible CPUs",
                     (unsigned long long)cpu, self->name, self->n_values);
        return -1;
    }
    return 0;
}

static const char *
type_name(const BpfMap *self)
{
    const char *name = libbpf_bpf_map_type_str((enum bpf_map_type)self->type);

    return name ? name : "map of that type";
}

/* Whether a value was asked for that the kernel never gives out. */
static int
is_hidden(const BpfMap *self, int err)
{
    return self->kind != NULL &&
           ((self->kind->is_hidden && tb_error_is_unsupported(err)) ||
            (self->kind->is_socket && err == -ENOSPC));
}

static void *
raise_full(BpfMap *self, const char *call)
{
    struct tb_state *state = tb_state_of(self);

    if (tb_map_has_indices(self) && self->type != BPF_MAP_TYPE_DEVMAP_HASH) {
        return tb_error_raise(state, TB_ERROR, E2BIG,
                              "%s in map %R failed: the index is not below "
                              "max_entries=%u",
                              call, self->name, self->max_entries);
    }
    return tb_error_raise(state, TB_ERROR, E2BIG,
                          "%s in map %R failed: the map is full, max_entries=%u", call,
                          self->name, self->max_entries);
}

/* Raise for flags that the kernel calls invalid. */
static void *
raise_flags(BpfMap *self, const char *call, uint64_t flags)
{
    struct tb_state *state = tb_state_of(self);

    if (flags & ONE_CPU) {
        return tb_error_raise(state, TB_ERROR_NOT_SUPPORTED, EINVAL,
                              "%s in map %R failed: the kernel refuses the flags; "
                              "BPF_F_CPU and BPF_F_ALL_CPUS need Linux 7.0",
                              call, self->name);
    }
    return tb_error_raise(state, TB_ERROR, EINVAL,
                          "%s in map %R failed: BPF_F_LOCK needs values with a struct "
                          "bpf_spin_lock, in a hash, an array or a storage",
                          call, self->name);
}

/* Why this handle may not do what was asked; NULL: a privilege is missing. */
static const char *
confinement(const BpfMap *self)
{
    if (self->flags & BPF_F_RDONLY) {
        return "user space may only read it: it was made with BPF_F_RDONLY";
    }
    if (self->flags & BPF_F_WRONLY) {
        return "user space may only write it: it was made with BPF_F_WRONLY";
    }
    return tb_map_is_frozen_nogil(self->fd) ? "it is frozen" : NULL;
}

void *
tb_map_raise(BpfMap *self, const char *call, int err, uint64_t flags)
{
    struct tb_state *state = tb_state_of(self);
    const char *reason = err == -EPERM ? confinement(self) : NULL;

    if (reason != NULL) {
        return tb_error_raise(state, TB_ERROR, EPERM, "%s in map %R failed: %s", call,
                              self->name, reason);
    }
    if (err == -E2BIG && !tb_map_is_queue(self)) {
        return raise_full(self, call);
    }
    if (err == -E2BIG) {
        return tb_error_raise(state, TB_ERROR, E2BIG,
                              "%s in map %R failed: the %s is full, max_entries=%u\n"
                              "  push(value, flags=BPF_EXIST) drops the oldest value",
                              call, self->name, type_name(self), self->max_entries);
    }
    if (err == -EINVAL && (flags & (ONE_CPU | BPF_F_LOCK))) {
        return raise_flags(self, call, flags);
    }
    if (is_hidden(self, err)) {
        return tb_error_raise(
            state, TB_ERROR_NOT_SUPPORTED, -err,
            "%s in map %R failed: the kernel does not give out what a "
            "%s holds%s",
            call, self->name, type_name(self),
            err == -ENOSPC ? ", but cookies where value_size is 8" : "");
    }
    if ((err == -EBADF || err == -EINVAL) && self->kind && self->kind->takes) {
        return tb_error_raise(
            state, TB_ERROR, -err, "%s in map %R failed: %s; a %s takes %s", call,
            self->name, strerror(-err), type_name(self), self->kind->takes);
    }
    if (tb_error_is_unsupported(err)) {
        return tb_error_raise(state, TB_ERROR_NOT_SUPPORTED, -err,
                              "%s in map %R failed: a %s does not support it", call,
                              self->name, type_name(self));
    }
    return tb_error_libbpf(state, err, NULL, "%s in map %R", call, self->name);
}
