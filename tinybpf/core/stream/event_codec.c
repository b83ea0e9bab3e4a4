/* SPDX-License-Identifier: MIT
 *
 * The type of records, of which a program asks for one, or the C source declares it, as
 * a codec.
 */
#include "stream/event_codec.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "btf/btf.h"
#include "btf/query.h"
#include "btf/tag.h"
#include "ctype/check.h"
#include "error/raise.h"
#include "value/class.h"
#include "value/codec.h"
#include "value/collection.h"
#include "value/record.h"

#include <errno.h>
#include <string.h>

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
        type = tb_tag_of(btf->handle, name, TB_TAG_EVENT);
    }
    return type == NULL ? 0 : named_codec(map, type, out_codec);
}

int
tb_event_codec_given(BpfMap *map, PyObject *type, struct tb_codec *out_codec)
{
    *out_codec = (struct tb_codec){.kind = TB_CODEC_BYTES};
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
tb_event_codec_find(BpfMap *map, const struct tb_event_request *request,
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
    else if (tb_event_codec_given(map, type, out_codec) < 0) {
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
