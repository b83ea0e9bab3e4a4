/* SPDX-License-Identifier: MIT
 *
 * The class BpfPerfBuffer (class/perfbuf.h): the tables of its methods and slots, and
 * its repr.
 */
#include "class/perfbuf.h"

#include "stream/batch.h"
#include "stream/columns.h"
#include "stream/iterate.h"
#include "stream/perf_snapshot.h"
#include "stream/perfbuf.h"
#include "stream/account.h"

static unsigned long long
lost_of(PyObject *op)
{
    uint64_t n = 0;

    tb_stream_lost(&((BpfReader *)op)->stream, &n);
    return n;
}

static PyObject *
perfbuf_lost(PyObject *op, void *unused)
{
    (void)unused;
    return PyLong_FromUnsignedLongLong(lost_of(op));
}

static PyObject *
perfbuf_repr(PyObject *op)
{
    const struct tb_stream *stream = &((BpfReader *)op)->stream;

    if (!stream->is_open) {
        return PyUnicode_FromString("<BpfPerfBuffer closed>");
    }
    return PyUnicode_FromFormat("<BpfPerfBuffer open, cpus=%zu, lost=%llu>",
                                stream->n_sources, lost_of(op));
}

static PyMethodDef methods[] = {
    {"poll", TB_METHOD(tb_reader_poll), METH_VARARGS | METH_KEYWORDS,
     "poll($self, timeout_ms=-1)\n--\n\n"
     "Wait for records and hand them to the callbacks, or queue them to be iterated."},
    {"consume", tb_reader_consume, METH_NOARGS,
     "consume($self)\n--\n\n"
     "Hand over, or queue, the records that are there, without waiting."},
    {"read", TB_METHOD(tb_batch_read), METH_VARARGS | METH_KEYWORDS,
     "read($self, max_events=None, timeout=None)\n--\n\n"
     "Wait for records and return those that are there, as a list."},
    {"read_columns", TB_METHOD(tb_stream_read_columns), METH_VARARGS | METH_KEYWORDS,
     "read_columns($self, max_events=None, timeout=None, *, type=None)\n--\n\n"
     "Wait for records and return those that are there, a typed buffer for each "
     "field."},
    {"stream", TB_METHOD(tb_iterate_stream), METH_VARARGS | METH_KEYWORDS,
     "stream($self, timeout=None)\n--\n\n"
     "Return an iterator that waits for records until the buffer is closed."},
    {"snapshot", TB_METHOD(tb_perf_snapshot), METH_VARARGS | METH_KEYWORDS,
     "snapshot($self, max_events=None)\n--\n\n"
     "Return the newest records of a buffer made with overwrite=True, oldest first."},
    {"poll_async", TB_METHOD(tb_iterate_poll_async), METH_VARARGS | METH_KEYWORDS,
     "poll_async($self, timeout_ms=-1)\n--\n\n"
     "Do as poll(), in an asyncio task that waits without blocking its event loop."},
    {"stats", tb_account_stats, METH_NOARGS,
     "stats($self)\n--\n\n"
     "Return what went through the buffer, how full it is, and what was lost."},
    {"epoll_fd", tb_reader_fileno, METH_NOARGS,
     "epoll_fd($self)\n--\n\n"
     "Return the epoll descriptor that becomes readable when records are written."},
    {"fileno", tb_reader_fileno, METH_NOARGS,
     "fileno($self)\n--\n\n"
     "Return the epoll descriptor, for select() and event loops."},
    {"close", tb_reader_close, METH_NOARGS,
     "close($self)\n--\n\n"
     "Unmap the rings; may be called again, and while another thread polls."},
    {"_interval", tb_reader_interval, METH_NOARGS, "_interval($self)\n--\n\n"},
    {"_take", tb_iterate_take, METH_NOARGS, "_take($self)\n--\n\n"},
    {"_wait", tb_reader_wait, METH_NOARGS, "_wait($self)\n--\n\n"},
    {"__enter__", tb_reader_enter, METH_NOARGS, NULL},
    {"__exit__", tb_reader_exit, METH_VARARGS, NULL},
    {"__aenter__", tb_iterate_aenter, METH_NOARGS, NULL},
    {"__aexit__", tb_iterate_aexit, METH_VARARGS, NULL},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef getset[] = {
    {"lost", perfbuf_lost, NULL,
     "Number of records that found no room, as far as the kernel has told.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc,
     "BpfPerfBuffer(map, sample_callback=None, lost_callback=None, "
     "page_count=64, event_type=None, validate_btf_struct=None, "
     "validate_field_names=True, *, event_key=None, partial=False, cpus=None, "
     "order='cpu', watermark=None, sample_period=1, overwrite=False, "
     "drain_interval=None)\n--\n\n"
     "Consumer of a perf event array, by callbacks or as an iterator.\n"
     "\n"
     "    def sample(cpu, data):\n"
     "        print(cpu, data)\n"
     "\n"
     "    with tinybpf.BpfPerfBuffer(obj.maps[\"events\"], sample) as buffer:\n"
     "        buffer.poll(timeout_ms=1000)\n"
     "        print(buffer.lost)\n"
     "    with tinybpf.BpfPerfBuffer(obj.maps[\"events\"], order=\"time\") as buffer:\n"
     "        for data in buffer.stream():\n"
     "            print(data)\n"
     "\n"
     "The kernel pads records to 8 * n + 4 bytes."},
    {Py_tp_new, tb_perfbuf_new},
    {Py_tp_methods, methods},
    {Py_tp_getset, getset},
    {Py_tp_repr, perfbuf_repr},
    {Py_tp_iter, tb_iterate_iter},
    {Py_tp_iternext, tb_iterate_next},
    {Py_am_aiter, tb_iterate_aiter},
    {Py_tp_traverse, tb_reader_traverse},
    {Py_tp_finalize, tb_reader_finalize},
    {Py_tp_dealloc, tb_reader_dealloc},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf.BpfPerfBuffer",
    .basicsize = sizeof(BpfReader),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_perfbuf_add(PyObject *module)
{
    return tb_state_add_type(module, TB_TYPE_PERFBUF, &spec);
}
