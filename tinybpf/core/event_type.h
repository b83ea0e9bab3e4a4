/* SPDX-License-Identifier: MIT
 *
 * What the records of a stream are for Python: bytes, or what event_type says.
 */
#ifndef TB_EVENT_TYPE_H
#define TB_EVENT_TYPE_H

#include "map.h"

/* What a program asks for when it adds a map. */
struct tb_event_request {
    PyObject *type;       /* borrowed; NULL or None: bytes */
    const char *btf_name; /* type of C that it must fit; NULL: it is not compared */
    int check_names;      /* of fields */
};

/* The codec of a map's records, its class owned by the caller: TB_CODEC_BYTES for bytes
 * of any length. 0, or -1 with an exception. */
int tb_event_codec(BpfMap *map, const struct tb_event_request *request,
                   struct tb_codec *out_codec);

/* The Python value of a record, which may be longer than its type; or NULL with an
 * exception, ValueError if it is too short. */
PyObject *tb_event_decode(const struct tb_codec *codec, const void *data, size_t size);

#endif
