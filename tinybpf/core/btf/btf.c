/* SPDX-License-Identifier: MIT
 *
 * Btf (btf/btf.h): how one is made. Its class stands in class/btf.c, how values lie in
 * memory in btf/layout.c.
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
