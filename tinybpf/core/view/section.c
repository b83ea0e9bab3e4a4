/* SPDX-License-Identifier: MIT
 *
 * Global variables (view/section.h). A section becomes a layout, made of BTF's DATASEC
 * when first asked for, and is shown by a View. Its memory is libbpf's: the initial
 * values before loading, the kernel's map itself afterwards, at any time what
 * bpf_map__initial_value() says.
 */
#include "view/section.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "error/raise.h"
#include "view/section_layout.h"

#include <errno.h>
#include <string.h>

#define ARENA ".addr_space.1" /* where libbpf looks for them, too (ARENA_SEC) */

static const struct bpf_map *
handle_of(const BpfObject *object, size_t index)
{
    return object->maps.items[index].handle;
}

static int
is_arena(const BpfObject *object, size_t index)
{
    return bpf_map__type(handle_of(object, index)) == BPF_MAP_TYPE_ARENA;
}

/* The DATASEC that describes the variables of a map; 0: none. No map has that of an
 * arena for its value: it goes by the name that clang gives to address space 1. */
static uint32_t
type_of(const BpfObject *object, size_t index)
{
    const struct btf *btf = bpf_object__btf(object->handle);
    int id;

    if (!is_arena(object, index)) {
        return object->maps.items[index].value_type_id;
    }
    id = btf ? btf__find_by_name_kind(btf, ARENA, BTF_KIND_DATASEC) : 0;
    return id < 0 ? 0 : (uint32_t)id;
}

/* Bytes of the variables of a map. */
static size_t
size_of(const BpfObject *object, size_t index)
{
    const struct bpf_map *map = handle_of(object, index);
    size_t size = bpf_map__value_size(map);

    if (is_arena(object, index) && bpf_map__initial_value(map, &size) == NULL) {
        size = 0;
    }
    return size;
}

/* The section's name of a map; NULL if it is no section. libbpf cuts long names off
 * (internal_map_name): BTF has them whole. */
static const char *
section_name(const BpfObject *object, size_t index)
{
    const struct tb_member *member = &object->maps.items[index];
    const struct btf *btf = bpf_object__btf(object->handle);
    const struct btf_type *type = NULL;

    if (is_arena(object, index)) {
        return size_of(object, index) > 0 ? ARENA : NULL;
    }
    if (!bpf_map__is_internal(member->handle)) {
        return NULL;
    }
    if (btf != NULL && member->value_type_id != 0) {
        type = btf__type_by_id(btf, member->value_type_id);
    }
    return type ? btf__name_by_offset(btf, type->name_off) : strchr(member->name, '.');
}

static int
is_kconfig(const char *name)
{
    return strcmp(name, ".kconfig") == 0;
}

/* Why the memory cannot be had, as an exception; returns -1. */
static int
raise_no_memory(BpfObject *object, const char *name)
{
    if (object->phase >= TB_PREPARED) {
        tb_error_raise(tb_state_of(object), TB_ERROR_NOT_SUPPORTED, ENOTSUP,
                       "%s of object %R is not shared with this process: the kernel is "
                       "older than 5.5, or the section has no global variable; use the "
                       "map",
                       name, object->name);
    }
    return -1;
}

/* Whether a section can be changed now; 0, or -1 with an exception. */
static int
check_writable(BpfObject *object, const char *name, const struct bpf_map *map)
{
    if (is_kconfig(name)) {
        tb_error_raise(tb_state_of(object), TB_ERROR, EROFS,
                       ".kconfig of object %R is what the kernel was configured with: "
                       "open the object with kconfig= to say something else",
                       object->name);
        return -1;
    }
    if (object->phase != TB_OPENED && bpf_map__map_flags(map) & BPF_F_RDONLY_PROG) {
        tb_error_raise(tb_state_of(object), TB_ERROR, EROFS,
                       "%s of object %R is read-only once it is loaded: set it between "
                       "tinybpf.open() and load(), or by load(..., rodata={...})",
                       name, object->name);
        return -1;
    }
    return 0;
}

/* libbpf does not map the memory of a map that it did not create. */
static int
raise_reused(BpfObject *object, size_t index)
{
    tb_error_raise(tb_state_of(object), TB_ERROR_NOT_SUPPORTED, ENOTSUP,
                   "%s of object %R takes over a map that exists: its variables are "
                   "there, in map '%s'",
                   section_name(object, index), object->name,
                   object->maps.items[index].name);
    return -1;
}

/* struct tb_view_source.find */
static int
find_memory(PyObject *owner, size_t index, int write, struct tb_span *out_span)
{
    BpfObject *object = (BpfObject *)owner;
    const struct bpf_map *map;
    const char *name;

    if (!tb_object_is_open(object) || object->phase == TB_BUSY) {
        tb_object_reached(object, TB_OPENED);
        return -1;
    }
    map = handle_of(object, index);
    if (write || object->phase == TB_OPENED) {
        name = section_name(object, index);
        if (write && check_writable(object, name, map) < 0) {
            return -1;
        }
        if (is_kconfig(name) && tb_object_reached(object, TB_PREPARED) == NULL) {
            return -1; /* libbpf fills it when it prepares the object */
        }
    }
    if (object->maps.items[index].is_reused) {
        return raise_reused(object, index);
    }
    out_span->data = bpf_map__initial_value(map, &out_span->size);
    if (is_arena(object, index) && object->phase != TB_OPENED) {
        if (tb_object_reached(object, TB_LOADED) == NULL) {
            return -1;
        }
        out_span->data = object->arena;
    }
    return out_span->data != NULL
               ? 0
               : raise_no_memory(object, section_name(object, index));
}

/* The View of a section that is kept. */
static PyObject *
show(BpfObject *object, struct tb_section *section)
{
    struct tb_view_source source = {.owner = (PyObject *)object};

    source.index = section->index;
    source.find = find_memory;
    source.btf = section->btf;
    source.names = &section->names;
    source.name = section->name;
    return tb_view_new(tb_state_of(object), &source, &section->layout);
}

/* Keep what BTF says of a section, and show it. */
static PyObject *
show_new(BpfObject *object, size_t index, const char *name)
{
    Btf *btf = (Btf *)tb_object_btf(object);
    struct tb_section_source source = {.btf = btf, .index = index};
    struct tb_section *section;

    if (btf == NULL) {
        return NULL;
    }
    source.type_id = type_of(object, index);
    source.size = size_of(object, index);
    if ((PyObject *)btf == Py_None || source.type_id == 0) {
        return tb_error_raise(tb_state_of(object), TB_ERROR, EINVAL,
                              "%s of object %R cannot be shown: BTF does not describe "
                              "it; compile with -g, or use the map",
                              name, object->name);
    }
    section = tb_section_layout_new(object, &source);
    return section == NULL ? NULL : show(object, section);
}

/* Whether what is kept fits the map as it is: its size is settled by loading. */
static int
is_current(const BpfObject *object, const struct tb_section *section)
{
    return object->phase >= TB_PREPARED ||
           section->size == size_of(object, section->index);
}

/* The map of a section; -1 if there is none of that name. */
static Py_ssize_t
find_index(const BpfObject *object, const char *wanted)
{
    for (size_t i = 0; i < object->maps.n; i++) {
        const char *name = section_name(object, i);

        if (name != NULL && strcmp(name, wanted) == 0) {
            return (Py_ssize_t)i;
        }
    }
    return -1;
}

/* The View of a section of an acquired object by name; NULL with an exception, or
 * without one if there is no such section. */
static PyObject *
show_acquired(BpfObject *object, const char *name)
{
    struct tb_section *section = object->sections;
    Py_ssize_t index;

    while (section != NULL && strcmp(section->name, name) != 0) {
        section = section->next;
    }
    if (section != NULL && is_current(object, section)) {
        return show(object, section);
    }
    index = find_index(object, name);
    return index < 0 ? NULL : show_new(object, (size_t)index, name);
}

/* The same of an object that is open, or not. */
static PyObject *
show_named(BpfObject *object, const char *name)
{
    PyObject *view;

    if (tb_object_acquire(object) == NULL) {
        return NULL;
    }
    view = show_acquired(object, name);
    tb_object_release(object);
    return view;
}

PyObject *
tb_section_get(PyObject *op, void *closure)
{
    BpfObject *object = (BpfObject *)op;
    PyObject *view = show_named(object, closure);

    if (view == NULL && !PyErr_Occurred()) {
        PyErr_Format(PyExc_AttributeError, "object %R has no section %s", object->name,
                     (const char *)closure);
    }
    return view;
}

PyObject *
tb_section_names(PyObject *op, void *unused)
{
    BpfObject *object = (BpfObject *)op;
    PyObject *list, *tuple = NULL;

    (void)unused;
    if (tb_object_acquire(object) == NULL) {
        return NULL;
    }
    list = PyList_New(0);
    for (size_t i = 0; list != NULL && i < object->maps.n; i++) {
        const char *name = section_name(object, i);
        PyObject *text = name ? PyUnicode_FromString(name) : NULL;

        if (name != NULL && (text == NULL || PyList_Append(list, text) < 0)) {
            Py_CLEAR(list);
        }
        Py_XDECREF(text);
    }
    tb_object_release(object);
    if (list != NULL) {
        tuple = PyList_AsTuple(list);
    }
    Py_XDECREF(list);
    return tuple;
}

PyObject *
tb_section_find(PyObject *op, PyObject *name)
{
    BpfObject *object = (BpfObject *)op;
    PyObject *names, *view;
    const char *wanted;

    if (!PyUnicode_Check(name)) {
        return PyErr_Format(PyExc_TypeError, "a name is a str, not %R", Py_TYPE(name));
    }
    wanted = PyUnicode_AsUTF8AndSize(name, NULL);
    view = wanted ? show_named(object, wanted) : NULL;
    if (view != NULL || PyErr_Occurred()) {
        return view;
    }
    names = tb_section_names(op, NULL);
    if (names != NULL) {
        PyErr_Format(PyExc_KeyError, "section %R not found in %U; there are: %R", name,
                     object->path, names);
    }
    Py_XDECREF(names);
    return NULL;
}

/* The variable of that name in a DATASEC; NULL if it has none. */
static const struct btf_type *
find_variable(const struct btf *btf, const struct btf_type *section, const char *name)
{
    const struct btf_var_secinfo *infos = btf_var_secinfos(section);

    for (unsigned int i = 0; btf_is_datasec(section) && i < btf_vlen(section); i++) {
        const struct btf_type *var = btf__type_by_id(btf, infos[i].type);
        const char *its = var ? btf__name_by_offset(btf, var->name_off) : NULL;

        if (its != NULL && btf_is_var(var) && strcmp(its, name) == 0) {
            return var;
        }
    }
    return NULL;
}

/* Say where a variable is that is no constant; -1 with KeyError if it is anywhere. */
static int
raise_elsewhere(BpfObject *object, const char *wanted)
{
    const struct btf *btf = bpf_object__btf(object->handle);

    for (size_t i = 0; btf != NULL && i < object->maps.n; i++) {
        const char *section = section_name(object, i);
        uint32_t type_id = type_of(object, i);
        const struct btf_type *var = NULL;

        if (section != NULL && type_id != 0) {
            var = find_variable(btf, btf__type_by_id(btf, type_id), wanted);
        }
        if (var == NULL) {
            continue;
        }
        if (btf_var(var)->linkage == BTF_VAR_STATIC) {
            PyErr_Format(PyExc_KeyError,
                         "'%s' cannot be set: it is static in the C source, and only "
                         "variables without `static` have a known place",
                         wanted);
        }
        else {
            PyErr_Format(PyExc_KeyError,
                         "'%s' is no constant, it is in %s: set it by "
                         "obj.section('%s')['%s'], or declare it `const volatile`",
                         wanted, section, section, wanted);
        }
        return -1;
    }
    return 0;
}

/* The first section of constants of an acquired object that has a variable of that
 * name; the first one at all if none has it, NULL with an exception if there is none.
 */
static PyObject *
find_constants(BpfObject *object, PyObject *name)
{
    PyObject *first = NULL;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < object->maps.n; i++) {
        const char *section = section_name(object, i);
        PyObject *view;

        if (section == NULL || strncmp(section, ".rodata", 7) != 0 ||
            object->maps.items[i].value_type_id == 0) {
            continue;
        }
        view = show_acquired(object, section);
        rc = view ? PyDict_Contains(((View *)view)->source.names->dict, name) : -1;
        if (first == NULL || rc != 0) {
            Py_XDECREF(first);
            first = tb_new_ref(view);
        }
        Py_XDECREF(view);
    }
    if (rc == 0 && PyUnicode_Check(name)) {
        const char *wanted = PyUnicode_AsUTF8AndSize(name, NULL);

        rc = wanted ? raise_elsewhere(object, wanted) : -1;
    }
    if (first == NULL && rc == 0) {
        PyErr_Format(PyExc_KeyError,
                     "%R cannot be set: %U has no .rodata; declare it `const volatile`",
                     name, object->path);
    }
    if (rc < 0) {
        Py_CLEAR(first);
    }
    return first;
}

static int
set_constant(void *object, PyObject *name, PyObject *value)
{
    PyObject *view;
    int rc;

    if (tb_object_acquire(object) == NULL) {
        return -1;
    }
    view = find_constants(object, name);
    tb_object_release(object);
    rc = view ? PyObject_SetItem(view, name, value) : -1;
    Py_XDECREF(view);
    return rc;
}

int
tb_section_set_rodata(BpfObject *object, PyObject *values)
{
    return tb_args_each(values, "rodata", set_constant, object);
}

/* libbpf would resize the memory all the same, and forget the types. */
int
tb_section_check_size(BpfObject *object, size_t index, uint64_t size)
{
    const struct btf *btf = bpf_object__btf(object->handle);
    const char *name = section_name(object, index);
    const struct btf_var_secinfo *last;
    const struct btf_type *type, *array = NULL;
    int64_t element = 0;

    if (name == NULL || btf == NULL || is_arena(object, index) ||
        object->maps.items[index].value_type_id == 0) {
        return 0;
    }
    type = btf__type_by_id(btf, object->maps.items[index].value_type_id);
    if (!btf_is_datasec(type) || btf_vlen(type) == 0) {
        return 0;
    }
    last = btf_var_secinfos(type) + btf_vlen(type) - 1;
    type = btf__type_by_id(btf, last->type);
    array = btf__type_by_id(btf, (uint32_t)btf__resolve_type(btf, type->type));
    if (array != NULL && btf_is_array(array)) {
        element = btf__resolve_size(btf, btf_array(array)->type);
    }
    if (element > 0 && size > last->offset &&
        (size - last->offset) % (uint64_t)element == 0) {
        return 0;
    }
    PyErr_Format(
        PyExc_ValueError,
        element > 0 ? "%s cannot have %llu bytes: its last variable, the array "
                      "'%s', begins at %u and has elements of %lld bytes"
                    : "%s cannot have %llu bytes: its last variable '%s' is no "
                      "array that could grow",
        name, (unsigned long long)size, btf__name_by_offset(btf, type->name_off),
        last->offset, (long long)element);
    return -1;
}
