/* SPDX-License-Identifier: MIT
 *
 * Types that a program gives to maps (map/describe.h). What a type makes of bytes
 * stands in value/codec.c, whether it fits the type of C in ctype/check.c.
 */
#include "map/describe.h"

#include "base/libbpf.h"
#include "btf/btf.h"
#include "ctype/check.h"
#include "value/codec.h"

BpfMap *
tb_map_twin(BpfMap *self)
{
    BpfMap *twin;

    if (tb_map_fd(self) < 0) {
        return NULL;
    }
    twin = tb_state_new(tb_state_of(self), TB_TYPE_MAP);
    if (twin == NULL) {
        return NULL;
    }
    twin->origin = (BpfMap *)tb_new_ref((void *)tb_map_origin(self));
    twin->object = self->object;
    twin->btf = self->btf;
    twin->key = self->key;
    twin->value = self->value;
    Py_XINCREF(twin->object);
    Py_XINCREF(twin->btf);
    Py_XINCREF(twin->key.type);
    Py_XINCREF(twin->value.type);
    twin->name = tb_new_ref(self->name);
    twin->types = tb_new_ref(self->types);
    twin->index = self->index;
    twin->fd = self->fd;
    twin->type = self->type;
    twin->kind = self->kind;
    twin->flags = self->flags;
    twin->absent = self->absent;
    twin->max_entries = self->max_entries;
    twin->n_values = self->n_values;
    twin->span = self->span;
    twin->key_btf_id = self->key_btf_id;
    twin->value_btf_id = self->value_btf_id;
    return twin;
}

int
tb_map_btf(BpfMap *self, Btf **out_btf)
{
    PyObject *btf;

    *out_btf = self->btf;
    if (self->object == NULL) {
        return 0;
    }
    btf = tb_object_btf(self->object);
    *out_btf = btf == Py_None ? NULL : (Btf *)btf;
    return btf ? 0 : -1;
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
    struct part key = {"Key", types->key, self->key_btf_id, &self->key};
    struct part value = {"Value", types->value, self->value_btf_id, &self->value};
    struct tb_codec key_codec, value_codec;

    if (make_codec(self, &key, types->check_names, &key_codec) < 0) {
        return -1;
    }
    if (make_codec(self, &value, types->check_names, &value_codec) < 0) {
        Py_CLEAR(key_codec.type);
        return -1;
    }
    set_codec_steal(&self->key, &key_codec);
    set_codec_steal(&self->value, &value_codec);
    return 0;
}

/* The class that a part's type goes by in the object, directly or behind typedefs:
 * borrowed, NULL if there is none. */
static PyObject *
class_of(const BpfObject *object, uint32_t btf_id)
{
    const struct btf *btf = bpf_object__btf(object->handle);
    const struct btf_type *type = btf__type_by_id(btf, btf_id);
    PyObject *class = NULL;

    while (class == NULL && type != NULL && !btf_is_void(type)) {
        const char *name = btf__name_by_offset(btf, type->name_off);

        if (name != NULL && name[0] != '\0') {
            class = PyDict_GetItemString(object->classes, name);
        }
        if (!btf_is_typedef(type) && !btf_is_mod(type)) {
            break;
        }
        type = btf__type_by_id(btf, type->type);
    }
    return class;
}

int
tb_map_use_classes(BpfMap *self)
{
    struct part key = {"Key", NULL, self->key_btf_id, &self->key};
    struct part value = {"Value", NULL, self->value_btf_id, &self->value};
    struct part *const parts[] = {&key, &value};
    struct tb_codec *const codecs[] = {&self->key, &self->value};

    if (self->object->classes == NULL) {
        return 0;
    }
    for (size_t i = tb_map_is_array(self); i < 2; i++) { /* an index has no class */
        struct tb_codec codec;

        parts[i]->type = class_of(self->object, parts[i]->btf_id);
        if (parts[i]->type == NULL) {
            continue;
        }
        if (tb_codec_of_type(parts[i]->type, parts[i]->base, parts[i]->what, &codec) <
            0) {
            return -1;
        }
        set_codec_steal(codecs[i], &codec);
    }
    return 0;
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
