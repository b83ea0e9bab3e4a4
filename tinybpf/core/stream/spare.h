/* SPDX-License-Identifier: MIT
 *
 * Spare lists: read() fills a list again that it gave out before, and its events with
 * it, if nobody has them any more. A program that reads in a loop may have the list of
 * the call before when it asks for the next: then two take turns.
 */
#ifndef TB_STREAM_SPARE_H
#define TB_STREAM_SPARE_H

#include "base/abi3.h"

struct tb_spare {
    PyObject *lists[2]; /* owned, the older one first; NULL: none */
};

/* A list that nobody else has, empty or with events that are to be replaced; NULL with
 * MemoryError. */
PyObject *tb_spare_take(struct tb_spare *spare);

/* Keep a list that is given out; NULL: one that is not to be kept. */
void tb_spare_keep(struct tb_spare *spare, PyObject *list);

void tb_spare_clear(struct tb_spare *spare);

int tb_spare_traverse(const struct tb_spare *spare, visitproc visit, void *arg);

#endif
