/* SPDX-License-Identifier: MIT
 *
 * Types of records: what a program asks for, or the C source declares, as a codec.
 */
#include "stream/event.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "btf/btf.h"
#include "btf/query.h"
#include "ctype/check.h"
#include "error/raise.h"
#include "value/class.h"
#include "value/codec.h"
#include "value/collection.h"
#include "value/record.h"

#include <errno.h>
#include <string.h>

/* A declaration in C: `__attribute__((btf_decl_tag("tinybpf:event=NAME")))`. */
static const char tag_prefix[] = "tinybpf:event=";

/* The type information of the map, borrowed; NULL with an exception if it has none. */
static Btf *
btf_for(BpfMap *map, const char *name)
{
    Btf *btf = NULL;

    if (tb_map_btf(map, &btf) == 0 && btf == NULL) {
        tb_error_validation_steal(tb_state_of(map), PyList_New(0),
                                  "map %R has no BTF to find '%s' in", map->name, name);
    }
    return btf;
}

/* Compare a class of ctypes with the type of C; 0, or -1 with an exception. */
static int
check(BpfMap *map, const struct tb_event_request *request, PyObject *type)
{
    struct tb_ctype_claim claim = {
        .type = type,
        .check_names = request->check_names,
    };
    int is_text = PyUnicode_Check(request->btf_name);
    const char *name =
        is_text ? PyUnicode_AsUTF8AndSize(request->btf_name, NULL) : "a BtfType";
    Btf *btf = name ? btf_for(map, name) : NULL;

    if (btf == NULL) {
        return -1;
    }
    claim.btf_id = tb_ctype_find_given(btf, request->btf_name);
    return claim.btf_id == 0 ? -1 : tb_ctype_check(btf, &claim);
}

/* The codec of records of a type, whose name is for the exception. */
static int
numbered_codec(Btf *btf, uint32_t id, const char *name, struct tb_codec *out_codec)
{
    PyObject *class = tb_value_class_by_id(btf, id);

    if (class == NULL) {
        return -1;
    }
    *out_codec = tb_record_codec(class);
    if (out_codec->kind != TB_CODEC_RECORD) {
        PyErr_Format(PyExc_TypeError, "events are structs: '%s' is an enum", name);
        return -1;
    }
    return 0;
}

/* The codec of records of the type of that name in the map's BTF. */
static int
named_codec(BpfMap *map, const char *name, struct tb_codec *out_codec)
{
    PyObject *error = tb_state_of(map)->errors[TB_ERROR_VALIDATION];
    Btf *btf = btf_for(map, name);
    uint32_t id;

    if (btf == NULL) {
        return -1;
    }
    id = tb_value_types_id(btf, name, error);
    if (id == 0 && !PyErr_Occurred()) {
        id = tb_ctype_find(btf, name); /* which says what is near */
    }
    return id != 0 ? numbered_codec(btf, id, name, out_codec) : -1;
}

/* The codec of records of a BtfType of the map's BTF. */
static int
type_codec(BpfMap *map, PyObject *type, struct tb_codec *out_codec)
{
    Btf *btf = btf_for(map, "a BtfType");
    uint32_t id = btf ? tb_btf_query_id(btf, type) : 0;

    return id != 0 ? numbered_codec(btf, id, "a BtfType", out_codec) : -1;
}

/* What the C source declares for the records of a map; NULL if it declares nothing. */
static const char *
declared_name(const struct btf *btf, const char *map)
{
    uint32_t n = btf__type_cnt(btf);

    for (uint32_t id = 1; id < n; id++) {
        const struct btf_type *tag = btf__type_by_id(btf, id), *var;
        const char *text;

        if (!btf_is_decl_tag(tag)) {
            continue;
        }
        var = btf__type_by_id(btf, tag->type);
        text = btf__name_by_offset(btf, tag->name_off);
        if (btf_is_var(var) && text != NULL &&
            strncmp(text, tag_prefix, strlen(tag_prefix)) == 0 &&
            strcmp(btf__name_by_offset(btf, var->name_off), map) == 0) {
            return text + strlen(tag_prefix);
        }
    }
    return NULL;
}

/* The codec of what the C source declares, or of bytes. */
static int
declared_codec(BpfMap *map, struct tb_codec *out_codec)
{
    const char *name = NULL, *type = NULL;
    Btf *btf = NULL;

    if (tb_map_btf(map, &btf) < 0) {
        return -1;
    }
    if (btf != NULL) {
        name = PyUnicode_AsUTF8AndSize(map->name, NULL);
        if (name == NULL) {
            return -1;
        }
        type = declared_name(btf->handle, name);
    }
    return type == NULL ? 0 : named_codec(map, type, out_codec);
}

/* The codec of a type that was given: a class, a name or a BtfType. */
static int
given_codec(BpfMap *map, PyObject *type, struct tb_codec *out_codec)
{
    if (PyUnicode_Check(type)) {
        const char *name = PyUnicode_AsUTF8AndSize(type, NULL);

        return name == NULL ? -1 : named_codec(map, name, out_codec);
    }
    if (type == (PyObject *)&PyBytes_Type) {
        return 0;
    }
    if (!PyType_Check(type) && tb_args_has(type, "c_name")) {
        return type_codec(map, type, out_codec);
    }
    *out_codec = tb_record_codec(type);
    return out_codec->kind == TB_CODEC_RECORD ? 0 : tb_codec_of_event(type, out_codec);
}

int
tb_event_codec(BpfMap *map, const struct tb_event_request *request,
               struct tb_codec *out_codec)
{
    PyObject *type = request->type == Py_None ? NULL : request->type;
    const char *text = NULL;

    *out_codec = (struct tb_codec){.kind = TB_CODEC_BYTES};
    if (type == NULL) {
        if (request->btf_name == NULL && !request->is_view &&
            declared_codec(map, out_codec) < 0) {
            return -1;
        }
        type = out_codec->type == NULL ? request->otherwise : NULL;
        if (type == NULL && request->btf_name == NULL) {
            return 0;
        }
    }
    if (type == NULL) {
        text = "validate_btf_struct requires event_type (adding map %R)";
    }
    else if (given_codec(map, type, out_codec) < 0) {
        return -1;
    }
    else if (request->btf_name != NULL &&
             (out_codec->type == NULL || out_codec->kind == TB_CODEC_RECORD)) {
        text = "validate_btf_struct is for classes of ctypes: what event_type names in "
               "BTF needs no comparison (adding map %R)";
    }
    if (text != NULL) {
        Py_CLEAR(out_codec->type);
        tb_error_raise(tb_state_of(map), TB_ERROR, EINVAL, text, map->name);
        return -1;
    }
    if (request->btf_name != NULL && check(map, request, type) < 0) {
        Py_CLEAR(out_codec->type);
        return -1;
    }
    return 0;
}

static PyObject *
raise_size(struct tb_state *state, const struct tb_codec *codec, size_t size)
{
    PyObject *name = tb_codec_type_name(codec->type);

    if (name != NULL) {
        tb_error_validation_steal(
            state, PyList_New(0),
            "Event size mismatch: expected %u bytes, got %zu (event_type %U)\n"
            "  name the struct that the program writes; event_type=bytes takes records "
            "of any size",
            codec->size, size, name);
    }
    Py_XDECREF(name);
    return NULL;
}

PyObject *
tb_event_decode(struct tb_state *state, const struct tb_codec *codec, const void *data,
                size_t size, size_t padding)
{
    if (codec->kind == TB_CODEC_BYTES) {
        return PyBytes_FromStringAndSize(data, (Py_ssize_t)size);
    }
    if (size < codec->size) {
        return raise_size(state, codec, size);
    }
    if (codec->kind != TB_CODEC_RECORD) {
        return tb_codec_decode(codec, data);
    }
    if (tb_record_is_open_ended(codec)) {
        return tb_record_decode(codec, data, size);
    }
    return size - codec->size > padding ? raise_size(state, codec, size)
                                        : tb_record_decode(codec, data, codec->size);
}
