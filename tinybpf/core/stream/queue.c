/* SPDX-License-Identifier: MIT
 *
 * The queue of iterators. A record may be of any class that a program gave, so freeing
 * one may run Python code, which may come in here again: it is taken out first.
 */
#include "stream/queue.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 64

/* Make room for one more; 0, or -1 with MemoryError. */
static int
grow(struct tb_queue *queue)
{
    size_t cap = queue->cap ? queue->cap * 2 : FIRST_CAP;
    size_t tail = queue->cap - queue->head;
    struct tb_queue_record *records = malloc(cap * sizeof(*records));

    if (records == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    if (queue->cap != 0) { /* it is full: from head to the end, then up to head */
        memcpy(records, queue->records + queue->head, tail * sizeof(*records));
        memcpy(records + tail, queue->records, queue->head * sizeof(*records));
    }
    free(queue->records);
    queue->records = records;
    queue->head = 0;
    queue->cap = cap;
    return 0;
}

int
tb_queue_push(struct tb_queue *queue, PyObject *map_name, PyObject *data)
{
    struct tb_queue_record *record;

    if (queue->len == queue->cap && grow(queue) < 0) {
        return -1;
    }
    record = &queue->records[(queue->head + queue->len) & (queue->cap - 1)];
    record->map_name = tb_new_ref(map_name);
    record->data = tb_new_ref(data);
    queue->len++;
    return 0;
}

int
tb_queue_pop(struct tb_queue *queue, struct tb_queue_record *out_record)
{
    if (queue->len == 0) {
        return 0;
    }
    *out_record = queue->records[queue->head];
    queue->head = (queue->head + 1) & (queue->cap - 1);
    queue->len--;
    return 1;
}

void
tb_queue_clear(struct tb_queue *queue)
{
    struct tb_queue_record record;

    while (tb_queue_pop(queue, &record)) {
        Py_DECREF(record.map_name);
        Py_DECREF(record.data);
    }
    free(queue->records);
    *queue = (struct tb_queue){0};
}

int
tb_queue_traverse(const struct tb_queue *queue, visitproc visit, void *arg)
{
    for (size_t i = 0; i < queue->len; i++) {
        size_t at = (queue->head + i) & (queue->cap - 1);

        Py_VISIT(queue->records[at].map_name);
        Py_VISIT(queue->records[at].data);
    }
    return 0;
}
