/* SPDX-License-Identifier: MIT
 *
 * The gate (btf/gate.h): what libbpf 1.7 believes of an object's types beyond what is
 * true of types everywhere. It finds sections and variables by name, the values of
 * struct_ops and of settings of the kernel by offset, and looks at none of them twice.
 */
#include "btf/gate.h"

#include "base/libbpf.h"
#include "btf/check.h"
#include "btf/ext.h"
#include "btf/table.h"
#include "elf/bounds.h"
#include "elf/check.h"
#include "elf/image.h"

#include <stdio.h>
#include <string.h>

#define SETTING_MAX 4096         /* bytes: a line of a kernel's configuration */
#define LOOKUPS_MAX (1ull << 26) /* of symbols by name, one after the other */

#define TYPES_MAX (1u << 15) /* names are looked for from the first type on */

/* An object file, while it is looked at. */
struct object {
    const void *image;
    size_t size;
    size_t n_symbols;
    uint64_t n_variables;
    struct tb_btf_table types;
};

/* What is wrong with a value of the kernel's operations, a struct whose members libbpf
 * copies one by one, each to where the kernel has it. */
static const char *
operations_problem(const struct tb_btf_table *types, const struct btf_type *type)
{
    const struct btf_member *members = btf_members(type);

    for (uint32_t i = 0; btf_is_struct(type) && i < btf_vlen(type); i++) {
        int64_t size = tb_btf_table_size(types, members[i].type);

        if (btf_member_bitfield_size(type, i) != 0) {
            return "has a bitfield, which libbpf does not support there";
        }
        if (btf_member_bit_offset(type, i) / 8 + size > type->size) {
            return "has a part outside of it";
        }
    }
    return NULL;
}

/* What is wrong with the type of a setting of the kernel (__kconfig): libbpf adds up
 * their sizes in 32 bits, and writes a state as 4 bytes. */
static const char *
setting_problem(const struct tb_btf_table *types, uint32_t id)
{
    const struct btf_type *type = tb_btf_table_resolve(types, id);
    int64_t size = tb_btf_table_size(types, id);

    return size > SETTING_MAX || (btf_is_any_enum(type) && size < 4)
               ? "has a size that no setting has"
               : NULL;
}

/* Whether a member of a map's definition says that its type is STRUCT_OPS, by a pointer
 * to so many. */
static int
says_operations(const struct tb_btf_table *types, const struct btf_member *member)
{
    const char *name = tb_btf_table_name(types, member->name_off);
    const struct btf_type *type = tb_btf_table_resolve(types, member->type);

    if (name == NULL || strcmp(name, "type") != 0 || !btf_is_ptr(type)) {
        return 0;
    }
    type = tb_btf_table_type(types, type->type);
    return btf_is_array(type) && btf_array(type)->nelems == BPF_MAP_TYPE_STRUCT_OPS;
}

/* What is wrong with a variable that defines a map. */
static const char *
map_problem(const struct tb_btf_table *types, const struct btf_type *var)
{
    const char *name = tb_btf_table_name(types, var->name_off);
    const struct btf_type *type = tb_btf_table_resolve(types, var->type);

    if (name != NULL && strchr(name, '/') != NULL) {
        return "is a map whose name is a path"; /* which it would be pinned at */
    }
    for (uint32_t i = 0; btf_is_struct(type) && i < btf_vlen(type); i++) {
        if (says_operations(types, &btf_members(type)[i])) {
            return "is a map of type STRUCT_OPS, which only those of .struct_ops are";
        }
    }
    return NULL;
}

/* What is wrong with a variable of a section of that name; NULL if nothing is. */
static const char *
variable_problem(const struct tb_btf_table *types, const char *section,
                 const struct btf_type *var)
{
    if (strncmp(section + (section[0] == '?'), ".struct_ops", 11) == 0) {
        return operations_problem(types, tb_btf_table_resolve(types, var->type));
    }
    if (strcmp(section, ".kconfig") == 0) {
        return setting_problem(types, var->type);
    }
    return strcmp(section, ".maps") == 0 ? map_problem(types, var) : NULL;
}

/* What is wrong with the variables of a section, and the section itself. */
static const char *
section_problem(struct object *object, const struct btf_type *type)
{
    const char *name = tb_btf_table_name(&object->types, type->name_off);
    const struct btf_var_secinfo *infos = btf_var_secinfos(type);
    const char *problem = NULL;
    size_t size;

    if (name == NULL) {
        return "has no name";
    }
    if (tb_elf_section(object->image, object->size, name, &size) != NULL &&
        type->size > size) {
        return "is larger than the section of its name";
    }
    for (uint32_t i = 0; problem == NULL && i < btf_vlen(type); i++) {
        problem = variable_problem(&object->types, name,
                                   tb_btf_table_type(&object->types, infos[i].type));
    }
    object->n_variables += btf_vlen(type);
    if (problem == NULL && object->n_variables * object->n_symbols > LOOKUPS_MAX) {
        return "has more variables than can be looked for among so many symbols";
    }
    return problem;
}

/* What is wrong with an object's sections of variables; NULL if nothing is. */
static const char *
check_variables(struct object *object, char *text, size_t max)
{
    for (uint32_t id = 1; id < object->types.n; id++) {
        const struct btf_type *type = tb_btf_table_type(&object->types, id);
        const char *problem =
            btf_is_datasec(type) ? section_problem(object, type) : NULL;

        if (problem != NULL) {
            snprintf(text, max, "it is malformed: type %u %s", id, problem);
            return text;
        }
    }
    return NULL;
}

/* Look at the types; what is wrong, or NULL. */
static const char *
check_types(struct object *object, const void *bytes, size_t size, char *text,
            size_t max)
{
    const char *found;
    char problem[160];

    found = tb_btf_table_open(&object->types, bytes, size, problem, sizeof(problem));
    object->types.pointer_size = 8;
    if (found == NULL && object->types.n > TYPES_MAX + 1) { /* beside void */
        snprintf(problem, sizeof(problem), "it has more than %u types", TYPES_MAX);
        found = problem;
    }
    if (found == NULL) {
        found = tb_btf_check_table(&object->types, problem, sizeof(problem));
    }
    if (found == NULL) {
        found = check_variables(object, problem, sizeof(problem));
    }
    if (found == NULL) {
        return NULL;
    }
    snprintf(text, max, "its types cannot be used (section .BTF): %s", problem);
    return text;
}

const char *
tb_gate_object(const void *image, size_t size, char *text, size_t max)
{
    struct object object = {.image = image, .size = size};
    const void *types, *ext;
    const char *problem;
    size_t n, n_ext;

    if (tb_elf_problem(image, size, text, max) != NULL ||
        tb_bounds_problem(image, size, &object.n_symbols, text, max) != NULL) {
        return text;
    }
    types = tb_elf_section(image, size, ".BTF", &n);
    ext = tb_elf_section(image, size, ".BTF.ext", &n_ext);
    if (types == NULL) {
        return NULL;
    }
    problem = check_types(&object, types, n, text, max);
    if (problem == NULL && ext != NULL) {
        problem = tb_btf_ext_problem(&object.types, ext, n_ext, text, max);
    }
    tb_btf_table_close(&object.types);
    return problem;
}
