/* SPDX-License-Identifier: MIT
 *
 * Records that wait for an iterator: a queue of (name of the map, data).
 */
#ifndef TB_STREAM_QUEUE_H
#define TB_STREAM_QUEUE_H

#include "base/abi3.h"

struct tb_queue_record {
    PyObject *map_name; /* owned; str */
    PyObject *data;     /* owned */
};

struct tb_queue {
    struct tb_queue_record *records; /* owned ring of cap entries */
    size_t head, len, cap;           /* cap is 0 or a power of two */
};

/* Append; 0, or -1 with MemoryError, and then nothing is kept. */
int tb_queue_push(struct tb_queue *queue, PyObject *map_name, PyObject *data);

/* Take the oldest: 1 taken, and the caller owns what is in it, 0 there is none. */
int tb_queue_pop(struct tb_queue *queue, struct tb_queue_record *out_record);

/* Forget all and free the memory; may be called again. */
void tb_queue_clear(struct tb_queue *queue);

/* Show the collector what it holds. */
int tb_queue_traverse(const struct tb_queue *queue, visitproc visit, void *arg);

#endif
