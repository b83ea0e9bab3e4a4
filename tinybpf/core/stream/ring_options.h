/* SPDX-License-Identifier: MIT
 *
 * How a ring buffer map is read: what add() is given, or else what the class was given.
 */
#ifndef TB_STREAM_RING_OPTIONS_H
#define TB_STREAM_RING_OPTIONS_H

#include "stream/ring_source.h"

/* What was said; NULL where nothing was. */
struct tb_ring_options {
    PyObject *as_view, *event_type, *btf_name, *check_names, *event_key, *partial;
    PyObject *interval; /* borrowed, of the class: seconds */
};

/* Read the arguments of the class and of add(). All of it is borrowed. 0, or -1 with
 * an exception. */
int tb_ring_options_read_class(PyObject *args, PyObject *kwargs,
                               struct tb_ring_source_request *request,
                               struct tb_ring_options *options);
int tb_ring_options_read_add(PyObject *args, PyObject *kwargs,
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
int tb_ring_options_traverse(const struct tb_ring_options *copy, visitproc visit,
                             void *arg);

#endif
