/* SPDX-License-Identifier: MIT
 *
 * Accounts (stream/account.h), as a RingStats of tinybpf/_values.py.
 */
#include "stream/account.h"

#include "stream/reader.h"

/* How full all rings are together: 0 to 1. */
static double
fill_of(const struct tb_stream *stream)
{
    uint64_t fill = 0, size = 0;

    for (size_t i = 0; i < stream->n_sources; i++) {
        fill += stream->sources[i]->kind->fill(stream->sources[i]);
        size += stream->sources[i]->size;
    }
    return size != 0 ? (double)fill / (double)size : 0;
}

PyObject *
tb_account_stats(PyObject *op, PyObject *unused)
{
    struct tb_stream *stream = &((BpfReader *)op)->stream;
    PyObject *class = tb_state_python_class("RingStats"), *lost = NULL, *stats = NULL;
    const struct tb_sink_counts *counts = &stream->counts;
    uint64_t n_lost;

    (void)unused;
    if (class != NULL) {
        lost = tb_stream_lost(stream, &n_lost) ? PyLong_FromUnsignedLongLong(n_lost)
                                               : tb_new_ref(Py_None);
    }
    if (lost != NULL) {
        stats = PyObject_CallFunction(
            class, "KKddKKO", (unsigned long long)counts->records,
            (unsigned long long)counts->bytes, fill_of(stream), counts->high_water,
            (unsigned long long)counts->wakeups, (unsigned long long)counts->discarded,
            lost);
    }
    Py_XDECREF(class);
    Py_XDECREF(lost);
    return stats;
}
