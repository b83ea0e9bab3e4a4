/* SPDX-License-Identifier: MIT
 *
 * Traits of maps (map/describe.h): a number is what the kind of map or BTF says it is,
 * an aggregate of BTF a Record, the rest bytes; and a program may want other classes.
 */
#include "map/describe.h"

#include "base/libbpf.h"
#include "btf/btf.h"
#include "btf/find.h"
#include "btf/spell.h"
#include "btf/twin.h"
#include "ctype/check.h"
#include "error/raise.h"
#include "map/kind.h"
#include "value/codec.h"
#include "value/record.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* The codecs of what is a number, by the kind of map or else by BTF; of bytes for what
 * is none. */
static void
set_numbers(struct tb_map_traits *traits, const struct bpf_map_info *info,
            const struct btf *btf)
{
    const struct tb_map_kind *kind = traits->kind;

    traits->key = tb_scalar_codec_of(btf, info->btf_key_type_id, info->key_size);
    traits->value = tb_scalar_codec_of(btf, info->btf_value_type_id, info->value_size);
    /* An index or a number, whatever its type's name. */
    if (kind->is_indexed) {
        traits->key =
            (struct tb_codec){.kind = TB_CODEC_UNSIGNED, .size = info->key_size};
    }
    if (kind->is_number &&
        (info->value_size == sizeof(uint32_t) ||
         (kind->is_socket && info->value_size == sizeof(uint64_t)))) {
        traits->value =
            (struct tb_codec){.kind = TB_CODEC_UNSIGNED, .size = info->value_size};
    }
}

/* Whether a type that is no number has a class. */
static int
wants_record(const struct tb_codec *codec, const struct btf *btf, uint32_t type_id)
{
    return btf != NULL && codec->kind == TB_CODEC_BYTES && type_id != 0 &&
           tb_btf_has_class(btf, type_id);
}

/* Make keys and values that are aggregates Records; only then is the BTF copied. 0, or
 * -1 with an exception. */
static int
set_records(BpfMap *self, struct tb_map_traits *traits, const struct btf *btf)
{
    int has_key = wants_record(&traits->key, btf, traits->key_btf_id);
    int has_value = wants_record(&traits->value, btf, traits->value_btf_id);
    Btf *own = NULL;

    if (!has_key && !has_value) {
        return 0;
    }
    if (tb_map_btf(self, &own) < 0) {
        return -1;
    }
    if (own == NULL) {
        return 0;
    }
    if (has_key && tb_record_codec_of(own, traits->key_btf_id, traits->key.size,
                                      &traits->key) < 0) {
        return -1;
    }
    if (has_value && tb_record_codec_of(own, traits->value_btf_id, traits->value.size,
                                        &traits->value) < 0) {
        return -1;
    }
    return 0;
}

/* Say what keys and values are, for repr(): a new str. */
static PyObject *
name_types(const struct bpf_map_info *info, const struct btf *btf)
{
    PyObject *key, *value, *types = NULL;

    if (btf == NULL || info->btf_key_type_id == 0 || info->btf_value_type_id == 0) {
        return PyUnicode_FromFormat(", key_size=%u, value_size=%u", info->key_size,
                                    info->value_size);
    }
    key = tb_btf_spell_short(btf, info->btf_key_type_id);
    value = key ? tb_btf_spell_short(btf, info->btf_value_type_id) : NULL;
    if (value != NULL) {
        types = PyUnicode_FromFormat(" %U -> %U", key, value);
    }
    Py_XDECREF(key);
    Py_XDECREF(value);
    return types;
}

/* Say where the kernel tells the possible CPUs. */
static void
raise_uncounted(BpfMap *self, int err)
{
    struct tb_hint hint = {.lacking = 0};
    struct tb_failure failure = {.err = err, .hint = &hint};

    if (err == -ENOENT) {
        snprintf(hint.cause, sizeof(hint.cause),
                 "/sys/devices/system/cpu/possible is missing\n  mount -t sysfs sysfs "
                 "/sys");
    }
    tb_error_refused(tb_state_of(self), &failure, "count of possible CPUs for map %R",
                     self->name);
}

/* How many values a key has, and what the kernel copies of them: of a per-CPU map each
 * begins at a multiple of 8 bytes. 0, or -1 with an exception. */
static int
set_span(BpfMap *self, struct tb_map_traits *traits, uint32_t value_size)
{
    int n_cpus;

    traits->n_values = 1;
    traits->span = value_size;
    if (!traits->kind->is_percpu) {
        return 0;
    }
    n_cpus = libbpf_num_possible_cpus();
    if (n_cpus <= 0) {
        raise_uncounted(self, n_cpus);
        return -1;
    }
    traits->n_values = (uint32_t)n_cpus;
    traits->span = (value_size + 7) / 8 * 8 * (uint32_t)n_cpus;
    return 0;
}

/* Take over what the kernel and BTF (NULL: absent) say; 0, or -1 with an exception, and
 * then the map is unchanged. */
static int
describe(BpfMap *self, const struct bpf_map_info *info, const struct btf *btf)
{
    struct tb_map_traits traits = {
        .kind = tb_catalog_map(info->type),
        .type = info->type,
        .max_entries = info->max_entries,
        .flags = info->map_flags,
        .chunk = self->traits.chunk,
        .key_btf_id = info->btf_key_type_id,
        .value_btf_id = info->btf_value_type_id,
    };

    set_numbers(&traits, info, btf);
    if (set_records(self, &traits, btf) < 0 ||
        set_span(self, &traits, info->value_size) < 0 ||
        (traits.types = name_types(info, btf)) == NULL) {
        tb_map_traits_clear(&traits);
        return -1;
    }
    tb_map_set_traits_steal(self, &traits);
    return 0;
}

/* Replace a codec and the class that it owns. */
static void
set_codec_steal(struct tb_codec *codec, const struct tb_codec *wanted)
{
    PyObject *old = codec->type;

    *codec = *wanted;
    Py_XDECREF(old);
}

/* One of key and value: what was asked for, and what the map knows of it. */
struct part {
    const char *what;
    PyObject *type; /* borrowed; NULL: nothing was asked for */
    uint32_t btf_id;
    const struct tb_codec *base;
};

/* The codec of a part, its class owned; 0, or -1 with an exception. */
static int
make_codec(BpfMap *self, const struct part *part, int check_names,
           struct tb_codec *out_codec)
{
    struct tb_ctype_claim claim = {part->type, part->btf_id, check_names, part->what};
    Btf *btf = NULL;

    *out_codec = *part->base;
    Py_XINCREF(out_codec->type);
    if (part->type == NULL) {
        return 0;
    }
    Py_CLEAR(out_codec->type);
    if (part->btf_id != 0 && tb_map_btf(self, &btf) < 0) {
        return -1;
    }
    if (btf != NULL && tb_ctype_check(btf, &claim) < 0) {
        return -1;
    }
    return tb_codec_of_type(part->type, part->base, part->what, out_codec);
}

int
tb_map_set_types(BpfMap *self, const struct tb_map_types *types)
{
    struct part key = {"Key", types->key, self->traits.key_btf_id, &self->traits.key};
    struct part value = {"Value", types->value, self->traits.value_btf_id,
                         &self->traits.value};
    struct tb_codec key_codec, value_codec;

    if (make_codec(self, &key, types->check_names, &key_codec) < 0) {
        return -1;
    }
    if (make_codec(self, &value, types->check_names, &value_codec) < 0) {
        Py_CLEAR(key_codec.type);
        return -1;
    }
    set_codec_steal(&self->traits.key, &key_codec);
    set_codec_steal(&self->traits.value, &value_codec);
    return 0;
}

/* The class that was registered for a type, by its name or by the one that it has among
 * several of that name: borrowed, NULL if there is none, or with an exception. */
static PyObject *
registered(const BpfObject *object, const struct btf *btf, uint32_t id)
{
    const char *name = btf__name_by_offset(btf, btf__type_by_id(btf, id)->name_off);
    PyObject *class = NULL, *numbered = NULL;

    if (name != NULL && name[0] != '\0') {
        class = PyDict_GetItemString(object->classes, name);
        numbered = class ? NULL : tb_twin_name(btf, id);
    }
    if (numbered != NULL) {
        class = PyDict_GetItemWithError(object->classes, numbered);
        Py_DECREF(numbered);
    }
    return class;
}

/* The class that a part's type goes by in the object, directly or behind typedefs: a
 * new reference, NULL if there is none, or with an exception. The caller has acquired
 * the object. */
static PyObject *
class_of(const BpfObject *object, uint32_t btf_id)
{
    const struct btf *btf = bpf_object__btf(object->handle);
    const struct btf_type *type = btf__type_by_id(btf, btf_id);
    PyObject *class = NULL;

    while (class == NULL && type != NULL && !btf_is_void(type)) {
        class = registered(object, btf, btf_id);
        if (PyErr_Occurred() || (!btf_is_typedef(type) && !btf_is_mod(type))) {
            break;
        }
        btf_id = type->type;
        type = btf__type_by_id(btf, btf_id);
    }
    Py_XINCREF(class);
    return class;
}

/* Use the class that is registered for a key or value; 0, or -1 with an exception. */
static int
use_class(BpfMap *self, const char *what, uint32_t btf_id, struct tb_codec *codec)
{
    PyObject *class = class_of(self->object, btf_id);
    struct tb_codec wanted;
    int rc = PyErr_Occurred() ? -1 : 0;

    if (class != NULL) {
        rc = tb_codec_of_type(class, codec, what, &wanted);
        Py_DECREF(class);
        if (rc == 0) {
            set_codec_steal(codec, &wanted);
        }
    }
    return rc;
}

int
tb_map_use_classes(BpfMap *self)
{
    struct tb_map_traits *traits = &self->traits;

    if (self->object->classes == NULL) {
        return 0;
    }
    if (!tb_map_is_array(self) && /* an index has no class */
        use_class(self, "Key", traits->key_btf_id, &traits->key) < 0) {
        return -1;
    }
    return use_class(self, "Value", traits->value_btf_id, &traits->value);
}

/* libbpf holds the place of a map that is not in the kernel with a descriptor of
 * another file (bpf_object__add_map). */
static int
created_fd(const BpfObject *object, const struct bpf_map *handle)
{
    if (object->phase < TB_PREPARED || !bpf_map__autocreate(handle)) {
        return -1;
    }
    return bpf_map__fd(handle);
}

/* As tb_map_refresh(), of an object that the caller has acquired. */
static int
refresh(BpfMap *self)
{
    const struct tb_member *member = &self->object->maps.items[self->index];
    const struct bpf_map *handle = member->handle;
    struct bpf_map_info info = {
        .type = bpf_map__type(handle),
        .key_size = bpf_map__key_size(handle),
        .value_size = bpf_map__value_size(handle),
        .max_entries = bpf_map__max_entries(handle),
        .map_flags = bpf_map__map_flags(handle),
        .btf_key_type_id = member->key_type_id,
        .btf_value_type_id = member->value_type_id,
    };

    self->fd = created_fd(self->object, handle);
    if (describe(self, &info, bpf_object__btf(self->object->handle)) < 0) {
        return -1;
    }
    return tb_map_use_classes(self);
}

int
tb_map_refresh(BpfMap *self)
{
    int rc = -1;

    if (tb_object_acquire(self->object) != NULL) {
        rc = refresh(self);
        tb_object_release(self->object);
    }
    return rc;
}

/* A new wrapper of a member; while it is made, Python code may have had another one
 * made. */
static PyObject *
make_wrapper(BpfObject *object, size_t index)
{
    struct tb_member *member = &object->maps.items[index];
    BpfMap *self = tb_map_new(tb_state_of(object), member->name);

    if (self == NULL) {
        return NULL;
    }
    self->object = (BpfObject *)tb_new_ref(object);
    self->index = index;
    if (refresh(self) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    if (member->wrapper != NULL) {
        Py_DECREF(self);
        return tb_new_ref(member->wrapper);
    }
    member->wrapper = (PyObject *)self;
    return (PyObject *)self;
}

PyObject *
tb_map_get(BpfObject *object, size_t index)
{
    PyObject *wrapper;

    if (tb_object_acquire(object) == NULL) {
        return NULL;
    }
    wrapper = object->maps.items[index].wrapper;
    wrapper = wrapper ? tb_new_ref(wrapper) : make_wrapper(object, index);
    tb_object_release(object);
    return wrapper;
}

PyObject *
tb_map_new_steal(struct tb_state *state, int fd, const struct bpf_map_info *info,
                 Btf *btf)
{
    BpfMap *self = tb_map_new(state, info->name);

    if (self == NULL) {
        if (fd >= 0) {
            close(fd);
        }
        return NULL;
    }
    self->fd = fd;
    Py_XINCREF(btf);
    self->btf = btf;
    if (describe(self, info, btf ? btf->handle : NULL) < 0) {
        tb_map_close(self);
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

int
tb_map_learn(BpfMap *self, const struct bpf_map_info *info, Btf *btf)
{
    Btf *old = self->btf;

    Py_XINCREF(btf);
    self->btf = btf;
    Py_XDECREF(old);
    return describe(self, info, btf ? btf->handle : NULL);
}

PyObject *
tb_map_typed(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"key", "value", "validate_field_names", NULL};
    struct tb_map_types types = {.check_names = 1};
    BpfMap *twin;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OOp:typed", (char **)names,
                                     &types.key, &types.value, &types.check_names)) {
        return NULL;
    }
    types.key = types.key == Py_None ? NULL : types.key;
    types.value = types.value == Py_None ? NULL : types.value;
    twin = tb_map_twin((BpfMap *)op);
    if (twin != NULL && tb_map_set_types(twin, &types) < 0) {
        Py_CLEAR(twin);
    }
    return (PyObject *)twin;
}
