/* SPDX-License-Identifier: MIT
 *
 * What the records of a stream are for Python: bytes, or what event_type says.
 */
#ifndef TB_STREAM_EVENT_CODEC_H
#define TB_STREAM_EVENT_CODEC_H

#include "owner/map.h"

/* What a program asks for when it adds a map. */
struct tb_event_request {
    PyObject *type;      /* borrowed: a class of Record or ctypes, bytes, or a name in
                          * BTF; several of them in a dict; a function of the bytes;
                          * NULL or None: what the C source declares */
    PyObject *otherwise; /* borrowed: the same where it declares nothing; NULL: bytes */
    PyObject *key;       /* borrowed: of several types, the field that tells them, or a
                          * function of the bytes; NULL: not given */
    PyObject *btf_name;  /* borrowed: type of C that it must fit, a name or a BtfType;
                          * NULL: it is not compared */
    int is_view;         /* the records are seen as bytes, whatever is declared */
    int is_partial;      /* records of other sizes are taken, too */
    int check_names;     /* of fields */
};

/* The codec of a map's records that are of one type, its class owned by the caller:
 * TB_CODEC_BYTES for bytes of any length. 0, or -1 with an exception. */
int tb_event_codec_find(BpfMap *map, const struct tb_event_request *request,
                        struct tb_codec *out_codec);

/* The same of a type that was given: a class, a name or a BtfType. */
int tb_event_codec_given(BpfMap *map, PyObject *type, struct tb_codec *out_codec);

#endif
