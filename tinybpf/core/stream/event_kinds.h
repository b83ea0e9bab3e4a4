/* SPDX-License-Identifier: MIT
 *
 * Several types of records in one ring, and how they are told apart: by a field that
 * all of them have in the same place, or by a function of the bytes.
 */
#ifndef TB_STREAM_EVENT_KINDS_H
#define TB_STREAM_EVENT_KINDS_H

#include "stream/event_codec.h"

struct tb_event_kinds;

/* The types of a dict (what the field says -> type; None -> the type of all others);
 * NULL with an exception: BtfValidationError if the field is not in all of them but
 * that of others, or not in one place. */
struct tb_event_kinds *tb_event_kinds_new(BpfMap *map,
                                          const struct tb_event_request *request);
void tb_event_kinds_free(struct tb_event_kinds *kinds);
int tb_event_kinds_traverse(const struct tb_event_kinds *kinds, visitproc visit,
                            void *arg);

/* Whether both mean the same: the types of an iterator's maps do. */
int tb_event_kinds_is_same(const struct tb_event_kinds *a,
                           const struct tb_event_kinds *b);

/* The codec of a record, borrowed; NULL with ValueError if it is of none of them. A
 * function that tells may run any code. */
const struct tb_codec *tb_event_kinds_pick(const struct tb_event_kinds *kinds,
                                           const void *data, size_t size);

/* The codec that stands at that place in the order of the dict, borrowed; NULL behind
 * the last. */
const struct tb_codec *tb_event_kinds_at(const struct tb_event_kinds *kinds, size_t i);

#endif
