/* SPDX-License-Identifier: MIT
 *
 * Lists of tags (btf/tags.h).
 */
#include "btf/tags.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "btf/btf.h"

#include <string.h>

static const char prefix[] = "tinybpf:";

/* The name of the member that a tag is about; "" of a tag of the whole. */
static const char *
member_of(const struct btf *btf, const struct btf_type *type, int component)
{
    if (component < 0 || !btf_is_composite(type) || component >= btf_vlen(type)) {
        return "";
    }
    return btf__name_by_offset(btf, btf_members(type)[component].name_off);
}

/* Append a tag of ours; 0, or -1 with an exception. */
static int
append(PyObject *list, const struct btf *btf, const struct btf_type *tag)
{
    const char *text = btf__name_by_offset(btf, tag->name_off);
    const struct btf_type *type = btf__type_by_id(btf, tag->type);

    if (text == NULL || type == NULL || strncmp(text, prefix, strlen(prefix)) != 0) {
        return 0;
    }
    return tb_args_append_steal(
        list,
        Py_BuildValue(
            "(INNN)", tag->type, tb_args_text(btf__name_by_offset(btf, type->name_off)),
            tb_args_text(member_of(btf, type, btf_decl_tag(tag)->component_idx)),
            tb_args_text(text + strlen(prefix))));
}

PyObject *
tb_btf_tags(PyObject *module, PyObject *op)
{
    const struct tb_state *state = tb_state_of_module(module);
    const struct btf *btf;
    PyObject *list;
    int rc = 0;

    if (Py_TYPE(op) != state->types[TB_TYPE_BTF]) {
        PyErr_Format(PyExc_TypeError, "_tags() needs a Btf, not %R", Py_TYPE(op));
        return NULL;
    }
    btf = ((Btf *)op)->handle;
    list = PyList_New(0);
    for (uint32_t id = 1; rc == 0 && list != NULL && id < btf__type_cnt(btf); id++) {
        const struct btf_type *type = btf__type_by_id(btf, id);

        rc = btf_is_decl_tag(type) ? append(list, btf, type) : 0;
    }
    if (rc < 0) {
        Py_CLEAR(list);
    }
    return list;
}
