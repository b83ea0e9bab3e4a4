/* SPDX-License-Identifier: MIT
 *
 * Kinds of map (map/kind.h), as their row of the catalog describes them.
 */
#include "map/kind.h"

#include "base/libbpf.h"
#include "error/raise.h"

#include <errno.h>

const char *
tb_map_kind_name(const BpfMap *self)
{
    const char *name = libbpf_bpf_map_type_str((enum bpf_map_type)self->traits.type);

    return name ? name : "map of that type";
}

int
tb_map_is_array(const BpfMap *self)
{
    return self->traits.kind->is_array;
}

int
tb_map_is_queue(const BpfMap *self)
{
    return self->traits.kind->is_queue;
}

int
tb_map_is_of_maps(const BpfMap *self)
{
    return self->traits.kind->form == TB_FORM_MAP;
}

/* A socket shows only where the value has room for its cookie. */
int
tb_map_has_holes(const BpfMap *self)
{
    const struct tb_map_kind *kind = self->traits.kind;

    return kind->is_sparse &&
           (!kind->is_socket || self->traits.value.size == sizeof(uint64_t));
}

int
tb_map_is_of_descriptors(const BpfMap *self)
{
    switch (self->traits.kind->form) {
    case TB_FORM_PROGRAM:
    case TB_FORM_DESCRIPTOR:
    case TB_FORM_DEVICE:
    case TB_FORM_CPU:
    case TB_FORM_MAP:
    case TB_FORM_KEY_FILE:
        return 1;
    default:
        return 0;
    }
}

int
tb_map_refuse_key(const BpfMap *self)
{
    tb_error_raise(tb_state_of((void *)self), TB_ERROR, EINVAL,
                   "access to map %R by key failed: a %s has no keys; use %s",
                   self->name, tb_map_kind_name(self), self->traits.kind->instead);
    return -1;
}

int
tb_map_check_walk(const BpfMap *self)
{
    if (self->traits.kind->form == TB_FORM_NONE) {
        return tb_map_refuse_key(self);
    }
    if (!self->traits.kind->is_unlisted) {
        return 0;
    }
    tb_error_raise(tb_state_of((void *)self), TB_ERROR_NOT_SUPPORTED, EOPNOTSUPP,
                   "walk of map %R failed: the kernel does not list the keys of a %s",
                   self->name, tb_map_kind_name(self));
    return -1;
}
