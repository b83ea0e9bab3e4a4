/* SPDX-License-Identifier: MIT
 *
 * The queue of iterators (stream/queue.h). It holds str and bytes only, which refer to
 * nothing, so the collector need not see them; freeing them runs no Python code.
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
    struct tb_event *events = malloc(cap * sizeof(*events));

    if (events == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    if (queue->cap != 0) { /* it is full: from head to the end, then up to head */
        memcpy(events, queue->events + queue->head, tail * sizeof(*events));
        memcpy(events + tail, queue->events, queue->head * sizeof(*events));
    }
    free(queue->events);
    queue->events = events;
    queue->head = 0;
    queue->cap = cap;
    return 0;
}

int
tb_queue_push(struct tb_queue *queue, PyObject *map_name, PyObject *data)
{
    struct tb_event *event;

    if (queue->len == queue->cap && grow(queue) < 0) {
        return -1;
    }
    event = &queue->events[(queue->head + queue->len) & (queue->cap - 1)];
    event->map_name = tb_new_ref(map_name);
    event->data = tb_new_ref(data);
    queue->len++;
    return 0;
}

int
tb_queue_pop(struct tb_queue *queue, struct tb_event *out_event)
{
    if (queue->len == 0) {
        return 0;
    }
    *out_event = queue->events[queue->head];
    queue->head = (queue->head + 1) & (queue->cap - 1);
    queue->len--;
    return 1;
}

void
tb_queue_clear(struct tb_queue *queue)
{
    struct tb_event event;

    while (tb_queue_pop(queue, &event)) {
        Py_DECREF(event.map_name);
        Py_DECREF(event.data);
    }
    free(queue->events);
    *queue = (struct tb_queue){0};
}
