/* SPDX-License-Identifier: MIT
 *
 * Btf (btf/btf.h): how one is made, and what it says of values in memory.
 */
#include "btf/btf.h"

#include "base/libbpf.h"
#include "error/raise.h"

#include <errno.h>

PyObject *
tb_btf_new_steal(struct tb_state *state, struct btf *handle, PyObject *name, Btf *base)
{
    Btf *self = tb_state_new(state, TB_TYPE_BTF);

    if (self == NULL) {
        btf__free(handle);
        return NULL;
    }
    self->handle = handle;
    self->layouts.btf = handle;
    self->name = tb_new_ref(name);
    Py_XINCREF(base);
    self->base = base;
    self->classes = PyDict_New();
    if (self->classes == NULL) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

PyObject *
tb_btf_new_copy(struct tb_state *state, const struct btf *source, PyObject *name)
{
    __u32 size = 0;
    const void *data = btf__raw_data(source, &size);
    struct btf *handle = data != NULL ? btf__new(data, size) : NULL;

    if (handle == NULL) {
        return tb_error_libbpf(state, -errno, NULL, "copy of the BTF of %R", name);
    }
    return tb_btf_new_steal(state, handle, name, NULL);
}

const struct tb_layout *
tb_btf_layout(Btf *btf, uint32_t type_id)
{
    const uint16_t one = 1;
    enum btf_endianness ours =
        *(const uint8_t *)&one ? BTF_LITTLE_ENDIAN : BTF_BIG_ENDIAN;
    const struct tb_layout *layout = NULL;
    int err;

    if (btf__endianness(btf->handle) != ours) {
        return tb_error_raise(tb_state_of(btf), TB_ERROR_NOT_SUPPORTED, ENOTSUP,
                              "the BTF of %R is for machines of the other byte order: "
                              "it can be read, its values cannot",
                              btf->name);
    }
    err = tb_layout_get(&btf->layouts, type_id, &layout);
    if (err == -ENOMEM) {
        PyErr_NoMemory();
    }
    else if (err < 0) {
        tb_error_raise(tb_state_of(btf), TB_ERROR, -err,
                       "type %u of the BTF of %R has no values, or contradicts itself",
                       type_id, btf->name);
    }
    return layout;
}
