/* SPDX-License-Identifier: MIT
 *
 * From a DATASEC of BTF to a layout (view/section_layout.h): a field for each variable
 * that is not static.
 */
#include "view/section_layout.h"

#include "base/args.h"
#include "base/libbpf.h"

#include <stdlib.h>

static void
section_free(struct tb_section *section)
{
    tb_view_names_free(&section->names);
    Py_XDECREF(section->btf);
    free(section->layout.fields);
    free(section);
}

void
tb_section_layout_free_all(BpfObject *object)
{
    while (object->sections != NULL) {
        struct tb_section *section = object->sections;

        object->sections = section->next;
        section_free(section);
    }
}

/* The layout of an array that is last in a section whose size was set. */
static const struct tb_layout *
resized(struct tb_section *section, const struct tb_field *last)
{
    const struct tb_layout *array = last->layout;
    size_t size = section->size - last->offset;

    if (!tb_layout_is_array(array) || last->offset > section->size ||
        array->element == NULL || array->element->size == 0) {
        return array;
    }
    section->array = *array;
    section->array.size = (uint32_t)size;
    section->array.n = (uint32_t)size / array->element->size;
    return &section->array;
}

/* Append a variable that is no static one: libbpf does not know where those are. */
static int
add_variable(struct tb_section *section, const struct btf_var_secinfo *info,
             int is_resized)
{
    const struct btf *btf = section->btf->handle;
    const struct btf_type *var = btf__type_by_id(btf, info->type);
    struct tb_field *field = &section->layout.fields[section->layout.n];
    PyObject *index, *name;
    int rc;

    if (var == NULL || !btf_is_var(var) || btf_var(var)->linkage == BTF_VAR_STATIC) {
        return 0;
    }
    field->layout = tb_btf_layout(section->btf, var->type);
    if (field->layout == NULL) {
        return -1;
    }
    field->name = btf__name_by_offset(btf, var->name_off);
    field->offset = info->offset;
    if (is_resized) {
        field->layout = resized(section, field);
    }
    if (field->name == NULL || field->offset > section->size ||
        field->layout->size > section->size - field->offset) {
        return 0; /* BTF that lies */
    }
    index = PyLong_FromUnsignedLong(section->layout.n);
    name = index ? tb_args_text(field->name) : NULL;
    rc = name ? PyDict_SetItem(section->names.dict, name, index) : -1;
    Py_XDECREF(name);
    Py_XDECREF(index);
    section->layout.n += rc == 0;
    return rc;
}

/* All variables of a DATASEC, which libbpf has sorted; 0, or -1 with an exception. */
static int
add_variables(struct tb_section *section, const struct btf_type *type)
{
    const struct btf_var_secinfo *infos = btf_var_secinfos(type);
    unsigned int n = btf_is_datasec(type) ? btf_vlen(type) : 0;

    if (section->names.dict == NULL) {
        return -1;
    }
    section->layout.fields = calloc(n + 1, sizeof(struct tb_field));
    if (section->layout.fields == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (unsigned int i = 0; i < n; i++) {
        int is_resized = i == n - 1 && section->size != type->size;

        if (add_variable(section, &infos[i], is_resized) < 0) {
            return -1;
        }
    }
    return 0;
}

struct tb_section *
tb_section_layout_new(BpfObject *object, const struct tb_section_source *source)
{
    const struct btf *btf = source->btf->handle;
    const struct btf_type *type = btf__type_by_id(btf, source->type_id);
    struct tb_section *section = calloc(1, sizeof(*section));

    if (section == NULL) {
        return (void *)PyErr_NoMemory();
    }
    section->index = source->index;
    section->btf = (Btf *)tb_new_ref(source->btf);
    section->name = btf__name_by_offset(btf, type->name_off);
    section->size = source->size;
    section->layout.kind = TB_LAYOUT_STRUCT;
    section->layout.size = (uint32_t)section->size;
    section->names.dict = PyDict_New();
    if (add_variables(section, type) < 0) {
        section_free(section);
        return NULL;
    }
    section->next = object->sections;
    object->sections = section;
    return section;
}
