/* SPDX-License-Identifier: MIT
 *
 * What a text says of a ring's records: "TYPE", or "TYPE:FIELD==VALUE" of those whose
 * field is that; a C source says it by tags, one for each type.
 */
#ifndef TB_STREAM_EVENT_DECLARED_H
#define TB_STREAM_EVENT_DECLARED_H

#include "owner/map.h"

/* Read such texts of one ring: a new dict, what the field says -> name of the type
 * (None: of all others), and the new name of the field, NULL: none tells. VALUE is a
 * number, or what an enum of the BTF has as a name. 0, or -1 with ValueError. */
int tb_event_declared_read(const struct btf *btf, PyObject *texts, PyObject **out_types,
                           PyObject **out_field);

/* The same of what the C source says of a map: 1, 0 if it does not say several types,
 * or -1 with an exception: BtfValidationError if it means nothing. */
int tb_event_declared_find(BpfMap *map, PyObject **out_types, PyObject **out_field);

/* _event_types(btf, texts): (dict, field or None). */
PyObject *tb_event_declared_list(PyObject *module, PyObject *args);

#endif
