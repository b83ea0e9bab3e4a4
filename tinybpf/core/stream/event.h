/* SPDX-License-Identifier: MIT
 *
 * What the records of a stream are for Python: bytes, or what event_type says.
 */
#ifndef TB_STREAM_EVENT_H
#define TB_STREAM_EVENT_H

#include "owner/map.h"

/* What a program asks for when it adds a map. */
struct tb_event_request {
    PyObject *type;      /* borrowed: a class of Record or ctypes, bytes, or a name in
                          * BTF; NULL or None: what the C source declares */
    PyObject *otherwise; /* borrowed: the same where it declares nothing; NULL: bytes */
    int is_view;         /* the records are seen as bytes, whatever is declared */
    PyObject *btf_name;  /* borrowed: type of C that it must fit, a name or a BtfType;
                          * NULL: it is not compared */
    int check_names;     /* of fields */
};

/* The codec of a map's records, its class owned by the caller: TB_CODEC_BYTES for bytes
 * of any length. 0, or -1 with an exception. */
int tb_event_codec(BpfMap *map, const struct tb_event_request *request,
                   struct tb_codec *out_codec);

/* The Python value of a record; or NULL with an exception, BtfValidationError if it is
 * too short. It may be longer than a class of ctypes, and longer by the kernel's
 * padding than a Record, or by any number of bytes if that ends in a flexible array. */
PyObject *tb_event_decode(struct tb_state *state, const struct tb_codec *codec,
                          const void *data, size_t size, size_t padding);

#endif
