/* SPDX-License-Identifier: MIT
 *
 * Settings of maps (map/setting.h). A number is a row of a table: libbpf's getter and
 * setter, and its range; the rest have functions of their own. A setting that is
 * refused leaves the map as it was.
 */
#include "map/setting.h"

#include "base/args.h"
#include "base/enums.h"
#include "base/libbpf.h"
#include "error/raise.h"
#include "map/describe.h"
#include "map/reuse.h"
#include "view/section.h"

#include <errno.h>
#include <string.h>

/* One map as libbpf has it; inner maps have them too. */
struct number {
    uint64_t max;
    uint64_t (*get)(const struct bpf_map *map);
    int (*set)(struct bpf_map *map, uint64_t value);
};

/* libbpf's functions differ in the types of their numbers. */
static uint64_t
get_type(const struct bpf_map *map)
{
    return bpf_map__type(map);
}

static int
set_type(struct bpf_map *map, uint64_t value)
{
    return bpf_map__set_type(map, (enum bpf_map_type)value);
}

static uint64_t
get_key_size(const struct bpf_map *map)
{
    return bpf_map__key_size(map);
}

static int
set_key_size(struct bpf_map *map, uint64_t value)
{
    return bpf_map__set_key_size(map, (uint32_t)value);
}

static uint64_t
get_value_size(const struct bpf_map *map)
{
    return bpf_map__value_size(map);
}

static int
set_value_size(struct bpf_map *map, uint64_t value)
{
    return bpf_map__set_value_size(map, (uint32_t)value);
}

static uint64_t
get_max_entries(const struct bpf_map *map)
{
    return bpf_map__max_entries(map);
}

static int
set_max_entries(struct bpf_map *map, uint64_t value)
{
    return bpf_map__set_max_entries(map, (uint32_t)value);
}

static uint64_t
get_flags(const struct bpf_map *map)
{
    return bpf_map__map_flags(map);
}

static int
set_flags(struct bpf_map *map, uint64_t value)
{
    return bpf_map__set_map_flags(map, (uint32_t)value);
}

static uint64_t
get_numa_node(const struct bpf_map *map)
{
    return bpf_map__numa_node(map);
}

static int
set_numa_node(struct bpf_map *map, uint64_t value)
{
    return bpf_map__set_numa_node(map, (uint32_t)value);
}

static uint64_t
get_extra(const struct bpf_map *map)
{
    return bpf_map__map_extra(map);
}

static int
set_extra(struct bpf_map *map, uint64_t value)
{
    return bpf_map__set_map_extra(map, value);
}

static uint64_t
get_ifindex(const struct bpf_map *map)
{
    return bpf_map__ifindex(map);
}

static int
set_ifindex(struct bpf_map *map, uint64_t value)
{
    return bpf_map__set_ifindex(map, (uint32_t)value);
}

static uint64_t
get_autocreate(const struct bpf_map *map)
{
    return bpf_map__autocreate(map);
}

static int
set_autocreate(struct bpf_map *map, uint64_t value)
{
    return bpf_map__set_autocreate(map, value != 0);
}

static uint64_t
get_autoattach(const struct bpf_map *map)
{
    return bpf_map__autoattach(map);
}

static int
set_autoattach(struct bpf_map *map, uint64_t value)
{
    return bpf_map__set_autoattach(map, value != 0);
}

static const struct number numbers[TB_MAP_AUTOATTACH + 1] = {
    [TB_MAP_TYPE] = {INT32_MAX, get_type, set_type},
    [TB_MAP_KEY_SIZE] = {UINT32_MAX, get_key_size, set_key_size},
    [TB_MAP_VALUE_SIZE] = {UINT32_MAX, get_value_size, set_value_size},
    [TB_MAP_MAX_ENTRIES] = {UINT32_MAX, get_max_entries, set_max_entries},
    [TB_MAP_FLAGS] = {UINT32_MAX, get_flags, set_flags},
    [TB_MAP_NUMA_NODE] = {UINT32_MAX, get_numa_node, set_numa_node},
    [TB_MAP_EXTRA] = {UINT64_MAX, get_extra, set_extra},
    [TB_MAP_IFINDEX] = {UINT32_MAX, get_ifindex, set_ifindex},
    [TB_MAP_AUTOCREATE] = {1, get_autocreate, set_autocreate},
    [TB_MAP_AUTOATTACH] = {1, get_autoattach, set_autoattach},
};

static const char *const names[TB_MAP_SETTING_COUNT] = {
    [TB_MAP_TYPE] = "type",
    [TB_MAP_KEY_SIZE] = "key_size",
    [TB_MAP_VALUE_SIZE] = "value_size",
    [TB_MAP_MAX_ENTRIES] = "max_entries",
    [TB_MAP_FLAGS] = "flags",
    [TB_MAP_NUMA_NODE] = "numa_node",
    [TB_MAP_EXTRA] = "map_extra",
    [TB_MAP_IFINDEX] = "ifindex",
    [TB_MAP_AUTOCREATE] = "autocreate",
    [TB_MAP_AUTOATTACH] = "autoattach",
    [TB_MAP_PIN_PATH] = "pin_path",
    [TB_MAP_INNER] = "inner_map",
    [TB_MAP_REUSE] = "reuse",
};

/* libbpf's map of an open object; NULL with an exception. Python code may close the
 * object: what is converted is converted before this is asked. */
static struct bpf_map *
handle_of(BpfMap *self, const char *name)
{
    if (self->object == NULL) {
        return tb_error_raise(tb_state_of(self), TB_ERROR, 0,
                              "map %R stands alone: it has no '%s'", self->name, name);
    }
    if (!tb_object_is_open(self->object)) {
        return tb_error_closed(tb_state_of(self), "object of map", self->name);
    }
    return self->object->maps.items[self->index].handle;
}

/* The same where it can be changed. */
static struct bpf_map *
changeable(BpfMap *self, const char *name)
{
    struct bpf_map *handle = handle_of(self, name);

    if (handle == NULL || self->object->phase == TB_OPENED) {
        return handle;
    }
    return tb_error_raise(tb_state_of(self), TB_ERROR, EBUSY,
                          "map %R is loaded: set its '%s' between tinybpf.open() and "
                          "load(), or by load(..., maps={%R: {'%s': ...}})",
                          self->name, name, self->name, name);
}

static PyObject *
get_number(BpfMap *self, enum tb_map_setting which)
{
    const struct bpf_map *handle = handle_of(self, names[which]);

    if (handle == NULL) {
        return NULL;
    }
    if (numbers[which].max == 1) {
        return PyBool_FromLong((long)numbers[which].get(handle));
    }
    return PyLong_FromUnsignedLongLong(numbers[which].get(handle));
}

/* What the kernel says of a map that stands alone. */
static PyObject *
get_alone(BpfMap *self, enum tb_map_setting which)
{
    struct bpf_map_info info = {0};
    uint32_t size = sizeof(info);
    int fd = tb_map_fd(self);

    if (fd < 0) {
        return NULL;
    }
    if (bpf_map_get_info_by_fd(fd, &info, &size) < 0) {
        return tb_error_libbpf(tb_state_of(self), -errno, NULL, "look at map %R",
                               self->name);
    }
    switch (which) {
    case TB_MAP_FLAGS:
        return PyLong_FromUnsignedLong(info.map_flags);
    case TB_MAP_EXTRA:
        return PyLong_FromUnsignedLongLong(info.map_extra);
    case TB_MAP_IFINDEX:
        return PyLong_FromUnsignedLong(info.ifindex);
    default:
        handle_of(self, names[which]);
        return NULL;
    }
}

PyObject *
tb_map_setting_get(PyObject *op, void *closure)
{
    enum tb_map_setting which = (enum tb_map_setting)(uintptr_t)closure;
    BpfMap *self = (BpfMap *)op;
    const struct bpf_map *handle;

    switch (which) {
    case TB_MAP_TYPE:
        return tb_enums_member(tb_state_of(self), TB_ENUM_MAP_TYPE,
                               (long)self->traits.type);
    case TB_MAP_KEY_SIZE:
        return PyLong_FromUnsignedLong(self->traits.key.size);
    case TB_MAP_VALUE_SIZE:
        return PyLong_FromUnsignedLong(self->traits.value.size);
    case TB_MAP_MAX_ENTRIES:
        return PyLong_FromUnsignedLong(self->traits.max_entries);
    default:
        break;
    }
    if (self->object == NULL) {
        return get_alone(self, which);
    }
    if (which < TB_MAP_PIN_PATH) {
        return get_number(self, which);
    }
    if (which == TB_MAP_INNER) {
        return handle_of(self, names[which]) ? tb_map_inner_get(self) : NULL;
    }
    handle = handle_of(self, names[which]);
    if (handle == NULL) {
        return NULL;
    }
    if (bpf_map__pin_path(handle) == NULL) {
        Py_RETURN_NONE;
    }
    return PyUnicode_DecodeFSDefault(bpf_map__pin_path(handle));
}

/* A path, or None for none; 0, or -1 with an exception. */
static int
set_pin_path(BpfMap *self, PyObject *value)
{
    struct bpf_map *handle;
    PyObject *path = NULL;
    int rc = -1;

    if (value != Py_None && !PyUnicode_FSConverter(value, &path)) {
        return -1;
    }
    handle = changeable(self, names[TB_MAP_PIN_PATH]);
    if (handle != NULL) {
        rc = bpf_map__set_pin_path(handle, path ? PyBytes_AsString(path) : NULL);
    }
    Py_XDECREF(path);
    if (handle != NULL && rc < 0) {
        PyErr_NoMemory();
    }
    return rc < 0 ? -1 : 0;
}

/* Whether a setting belongs to the memory that libbpf keeps for a map: it takes
 * sections, arenas and struct_ops for what they were when it frees or fills that. */
static int
is_fixed(const struct bpf_map *handle, enum tb_map_setting which, uint64_t number)
{
    int is_section = bpf_map__is_internal(handle);
    int is_operations = bpf_map__type(handle) == BPF_MAP_TYPE_STRUCT_OPS;

    switch (which) {
    case TB_MAP_TYPE:
        return (is_section || is_operations || number == BPF_MAP_TYPE_STRUCT_OPS ||
                bpf_map__type(handle) == BPF_MAP_TYPE_ARENA) &&
               number != (uint64_t)bpf_map__type(handle);
    case TB_MAP_MAX_ENTRIES:
        return is_section && number != bpf_map__max_entries(handle);
    case TB_MAP_VALUE_SIZE:
        return is_operations && number != bpf_map__value_size(handle);
    default:
        return 0;
    }
}

/* Set a number that libbpf keeps, of an object that is acquired; 0, or -1 with what
 * libbpf says of it. */
static int
set_in_libbpf(BpfMap *self, struct bpf_map *handle, enum tb_map_setting which,
              uint64_t number)
{
    struct tb_log log;
    int err;

    if (is_fixed(handle, which, number)) {
        PyErr_Format(PyExc_ValueError, "the '%s' of map %R is what the file says",
                     names[which], self->name);
        return -1;
    }
    if (which == TB_MAP_VALUE_SIZE &&
        tb_section_check_size(self->object, self->index, number) < 0) {
        return -1;
    }
    tb_log_start(&log);
    err = numbers[which].set(handle, number);
    tb_log_stop(&log);
    if (err == -EBUSY) {
        tb_error_raise(tb_state_of(self), TB_ERROR, EBUSY,
                       "map %R takes over a map that exists: its '%s' is that one's",
                       self->name, names[which]);
    }
    else if (err < 0) {
        tb_error_libbpf(tb_state_of(self), err, &log, "set of '%s' of map %R",
                        names[which], self->name);
    }
    tb_log_free(&log);
    return err < 0 ? -1 : 0;
}

static int
set_number(BpfMap *self, enum tb_map_setting which, PyObject *value)
{
    struct bpf_map *handle;
    uint64_t number;
    int rc;

    if (tb_args_number(value, names[which], numbers[which].max, &number) < 0) {
        return -1;
    }
    handle = changeable(self, names[which]);
    if (handle == NULL || tb_object_acquire(self->object) == NULL) {
        return -1;
    }
    rc = set_in_libbpf(self, handle, which, number);
    tb_object_release(self->object);
    return rc;
}

int
tb_map_setting_set(PyObject *op, PyObject *value, void *closure)
{
    enum tb_map_setting which = (enum tb_map_setting)(uintptr_t)closure;
    BpfMap *self = (BpfMap *)op;
    int rc;

    if (value == NULL) {
        PyErr_Format(PyExc_TypeError, "'%s' cannot be deleted", names[which]);
        return -1;
    }
    if (changeable(self, names[which]) == NULL) { /* whatever the value is */
        return -1;
    }
    switch (which) {
    case TB_MAP_PIN_PATH:
        rc = set_pin_path(self, value);
        break;
    case TB_MAP_INNER:
        rc = tb_map_inner_set(self, value);
        break;
    case TB_MAP_REUSE:
        rc = tb_map_reuse_set(self, value);
        break;
    default:
        rc = set_number(self, which, value);
    }
    return rc < 0 ? -1 : tb_map_refresh(self);
}

/* One pair of the dict. */
static int
set_named(void *map, PyObject *name, PyObject *value)
{
    const char *wanted =
        PyUnicode_Check(name) ? PyUnicode_AsUTF8AndSize(name, NULL) : "";
    const char *nearest;
    BpfMap *self = map;

    if (wanted == NULL) {
        return -1;
    }
    for (uintptr_t which = 0; which < TB_MAP_SETTING_COUNT; which++) {
        if (strcmp(names[which], wanted) == 0) {
            return tb_map_setting_set((PyObject *)self, value, (void *)which);
        }
    }
    nearest = tb_args_nearest(wanted, names, TB_MAP_SETTING_COUNT);
    PyErr_Format(PyExc_ValueError, "map %R has no setting %R%s%s%s", self->name, name,
                 nearest ? "; did you mean '" : "", nearest ? nearest : "",
                 nearest ? "'?" : "");
    return -1;
}

int
tb_map_setting_all(BpfMap *self, PyObject *settings)
{
    return tb_args_each(settings, "settings of a map", set_named, self);
}

PyObject *
tb_map_reuse(PyObject *self, PyObject *other)
{
    if (tb_map_setting_set(self, other, (void *)(uintptr_t)TB_MAP_REUSE) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}
