/* SPDX-License-Identifier: MIT
 *
 * Types of records (event_type.h). What a type makes of bytes stands in codec.c.
 */
#include "event_type.h"

#include "btf.h"
#include "ctype_check.h"
#include "error.h"
#include "pytype.h"

#include <errno.h>

/* Compare the type with the type of C; 0, or -1 with an exception. */
static int
check(BpfMap *map, const struct tb_event_request *request)
{
    struct tb_ctype_claim claim = {
        .type = request->type,
        .check_names = request->check_names,
    };
    Btf *btf = NULL;

    if (tb_map_btf(map, &btf) < 0) {
        return -1;
    }
    if (btf == NULL) {
        tb_error_validation_steal(tb_state_of(map), PyList_New(0),
                                  "map %R has no BTF to find '%s' in", map->name,
                                  request->btf_name);
        return -1;
    }
    claim.btf_id = tb_ctype_find(btf, request->btf_name);
    return claim.btf_id == 0 ? -1 : tb_ctype_check(btf, &claim);
}

int
tb_event_codec(BpfMap *map, const struct tb_event_request *request,
               struct tb_codec *out_codec)
{
    *out_codec = (struct tb_codec){.kind = TB_CODEC_BYTES};
    if (request->type == NULL || request->type == Py_None) {
        if (request->btf_name == NULL) {
            return 0;
        }
        tb_error_raise(tb_state_of(map), TB_ERROR, EINVAL,
                       "validate_btf_struct requires event_type (adding map %R)",
                       map->name);
        return -1;
    }
    if (tb_pytype_event(request->type, out_codec) < 0) {
        return -1;
    }
    if (request->btf_name != NULL && check(map, request) < 0) {
        Py_CLEAR(out_codec->type);
        return -1;
    }
    return 0;
}

PyObject *
tb_event_decode(const struct tb_codec *codec, const void *data, size_t size)
{
    if (codec->kind == TB_CODEC_BYTES) {
        return PyBytes_FromStringAndSize(data, (Py_ssize_t)size);
    }
    if (size < codec->size) {
        PyErr_Format(PyExc_ValueError,
                     "Event size mismatch: expected %u bytes, got %zu", codec->size,
                     size);
        return NULL;
    }
    return tb_codec_decode(codec, data);
}
