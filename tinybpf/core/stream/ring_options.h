/* SPDX-License-Identifier: MIT
 *
 * How a ring buffer map is read: what add() is given, or else what the class was given.
 */
#ifndef TB_STREAM_RING_OPTIONS_H
#define TB_STREAM_RING_OPTIONS_H

#include "stream/ring_source.h"

/* What was said; NULL where nothing was. */
struct tb_ring_options {
    PyObject *as_view, *event_type, *btf_name, *check_names;
};

/* Read the arguments of the class and of add(), which differ in the map's being there;
 * the format says that. All of it is borrowed. 0, or -1 with an exception. */
int tb_ring_options_read(PyObject *args, PyObject *kwargs, const char *format,
                         struct tb_ring_source_request *request,
                         struct tb_ring_options *options);

/* Complete a request by options and their defaults; 0, or -1 with an exception. */
int tb_ring_options_settle(const struct tb_ring_options *options,
                           const struct tb_ring_options *defaults,
                           struct tb_ring_source_request *request);

/* Keep a copy that owns what is in it; drop that, which may be done again. */
void tb_ring_options_keep(struct tb_ring_options *copy,
                          const struct tb_ring_options *options);
void tb_ring_options_drop(struct tb_ring_options *copy);

#endif
