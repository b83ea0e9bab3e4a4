/* SPDX-License-Identifier: MIT
 *
 * Why calls on maps fail (map/error.h): the kernel's errno, read with the kind of map
 * and the flags in mind.
 */
#include "map/error.h"

#include "base/libbpf.h"
#include "error/code.h"
#include "error/raise.h"
#include "host/hint.h"
#include "map/flags.h"
#include "map/info.h"
#include "map/kind.h"

#include <errno.h>
#include <string.h>

/* Whether a value was asked for that the kernel never gives out. */
static int
is_hidden(const BpfMap *self, int err)
{
    return (self->traits.kind->is_hidden && tb_error_is_unsupported(err)) ||
           (self->traits.kind->is_socket && err == -ENOSPC);
}

static void *
raise_full(BpfMap *self, const char *call)
{
    struct tb_state *state = tb_state_of(self);

    if (self->traits.kind->is_indexed &&
        self->traits.type != BPF_MAP_TYPE_DEVMAP_HASH) {
        return tb_error_raise(state, TB_ERROR, E2BIG,
                              "%s in map %R failed: the index is not below "
                              "max_entries=%u",
                              call, self->name, self->traits.max_entries);
    }
    return tb_error_raise(state, TB_ERROR, E2BIG,
                          "%s in map %R failed: the map is full, max_entries=%u", call,
                          self->name, self->traits.max_entries);
}

/* Raise for flags that the kernel calls invalid. */
static void *
raise_flags(BpfMap *self, const char *call, uint64_t flags)
{
    struct tb_state *state = tb_state_of(self);

    if (tb_map_is_of_one_cpu(flags)) {
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
refused_by_flags(const BpfMap *self)
{
    if (self->traits.flags & BPF_F_RDONLY) {
        return "user space may only read it: it was made with BPF_F_RDONLY";
    }
    if (self->traits.flags & BPF_F_WRONLY) {
        return "user space may only write it: it was made with BPF_F_WRONLY";
    }
    return tb_map_is_frozen_nogil(self->fd) ? "it is frozen" : NULL;
}

void *
tb_map_raise(BpfMap *self, const char *call, int err, uint64_t flags)
{
    struct tb_state *state = tb_state_of(self);
    struct tb_hint hint = {.lacking = 0};
    struct tb_failure failure = {.hint = &hint};
    const char *reason = err == -EPERM ? refused_by_flags(self) : NULL;

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
                              call, self->name, tb_map_kind_name(self),
                              self->traits.max_entries);
    }
    if (err == -EINVAL && (tb_map_is_of_one_cpu(flags) || flags & BPF_F_LOCK)) {
        return raise_flags(self, call, flags);
    }
    if (is_hidden(self, err)) {
        return tb_error_raise(
            state, TB_ERROR_NOT_SUPPORTED, -err,
            "%s in map %R failed: the kernel does not give out what a "
            "%s holds%s",
            call, self->name, tb_map_kind_name(self),
            err == -ENOSPC ? ", but cookies where value_size is 8" : "");
    }
    if ((err == -EBADF || err == -EINVAL) && self->traits.kind->takes != NULL) {
        return tb_error_raise(state, TB_ERROR, -err,
                              "%s in map %R failed: %s; a %s takes %s", call,
                              self->name, strerror(-err), tb_map_kind_name(self),
                              self->traits.kind->takes);
    }
    if (tb_error_is_unsupported(err)) {
        return tb_error_raise(state, TB_ERROR_NOT_SUPPORTED, -err,
                              "%s in map %R failed: a %s does not support it", call,
                              self->name, tb_map_kind_name(self));
    }
    failure.err = err;
    tb_hint_of_call(strcmp(call, "freeze") == 0 ? "freezing" : "using", "a map", &hint);
    return tb_error_refused(state, &failure, "%s in map %R", call, self->name);
}
