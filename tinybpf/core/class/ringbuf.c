/* SPDX-License-Identifier: MIT
 *
 * The class BpfRingBuffer (class/ringbuf.h): the tables of its methods and slots, its
 * repr and its end.
 */
#include "class/ringbuf.h"

#include "stream/batch.h"
#include "stream/columns.h"
#include "stream/iterate.h"
#include "stream/ring_snapshot.h"
#include "stream/ringbuf.h"
#include "stream/account.h"

/* <BpfRingBuffer map='events' callback open>, <BpfRingBuffer (no maps) closed> */
static PyObject *
ringbuf_repr(PyObject *op)
{
    static const char *const modes[] = {
        [TB_STREAM_EMPTY] = "",
        [TB_STREAM_CALLBACK] = " callback",
        [TB_STREAM_ITERATOR] = " iterator",
    };
    const BpfRingBuffer *self = (BpfRingBuffer *)op;
    const char *state = self->reader.stream.is_open ? "open" : "closed";
    Py_ssize_t n = self->names ? PyList_Size(self->names) : 0;

    if (n == 0) {
        return PyUnicode_FromFormat("<BpfRingBuffer (no maps) %s>", state);
    }
    return PyUnicode_FromFormat("<BpfRingBuffer %s=%R%s %s>", n == 1 ? "map" : "maps",
                                n == 1 ? PyList_GetItem(self->names, 0) : self->names,
                                modes[self->reader.stream.mode], state);
}

static int
ringbuf_traverse(PyObject *op, visitproc visit, void *arg)
{
    int stop = tb_ring_options_traverse(&((BpfRingBuffer *)op)->defaults, visit, arg);

    if (stop != 0) {
        return stop;
    }
    Py_VISIT(((BpfRingBuffer *)op)->names);
    return tb_reader_traverse(op, visit, arg);
}

static void
ringbuf_dealloc(PyObject *op)
{
    BpfRingBuffer *self = (BpfRingBuffer *)op;

    if (tb_state_finish(op, tb_reader_finalize, &self->reader.is_finished)) {
        Py_CLEAR(self->names);
        tb_ring_options_drop(&self->defaults);
        tb_state_free(op);
    }
}

static PyMethodDef methods[] = {
    {"add", TB_METHOD(tb_ringbuf_add_map), METH_VARARGS | METH_KEYWORDS,
     "add($self, map, callback=None, as_memoryview=None, *, event_type=None, "
     "validate_btf_struct=None, validate_field_names=None, event_key=None, "
     "partial=None)\n--\n\n"
     "Consume one more ring buffer."},
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
    {"snapshot", TB_METHOD(tb_ring_snapshot), METH_VARARGS | METH_KEYWORDS,
     "snapshot($self, max_events=None)\n--\n\n"
     "Return the newest records of rings made with BPF_F_RB_OVERWRITE, oldest first."},
    {"poll_async", TB_METHOD(tb_iterate_poll_async), METH_VARARGS | METH_KEYWORDS,
     "poll_async($self, timeout_ms=-1)\n--\n\n"
     "Do as poll(), in an asyncio task that waits without blocking its event loop."},
    {"events", tb_iterate_events, METH_NOARGS,
     "events($self)\n--\n\n"
     "Return an asynchronous iterator of records with the names of their maps."},
    {"epoll_fd", tb_reader_fileno, METH_NOARGS,
     "epoll_fd($self)\n--\n\n"
     "Return the epoll descriptor that is readable when records wait."},
    {"fileno", tb_reader_fileno, METH_NOARGS,
     "fileno($self)\n--\n\n"
     "Return the epoll descriptor, for select() and event loops."},
    {"close", tb_reader_close, METH_NOARGS,
     "close($self)\n--\n\n"
     "Unmap the rings; may be called again, and while another thread polls."},
    {"stats", tb_account_stats, METH_NOARGS,
     "stats($self)\n--\n\n"
     "Return what went through the buffer, how full it is, and what was lost."},
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

static PyType_Slot slots[] = {
    {Py_tp_doc,
     "BpfRingBuffer(map=None, callback=None, as_memoryview=False, *, event_type=None, "
     "validate_btf_struct=None, validate_field_names=True, event_key=None, "
     "partial=False, drain_interval=None)\n--\n\n"
     "Consumer of one or more ring buffers, by callbacks or as an iterator.\n"
     "\n"
     "    with tinybpf.BpfRingBuffer(obj.maps[\"events\"]) as ring:\n"
     "        while ring.poll():\n"
     "            for data in ring:\n"
     "                print(data)\n"
     "    with tinybpf.BpfRingBuffer(obj.maps[\"events\"], callback=print) as ring:\n"
     "        ring.poll(timeout_ms=1000)\n"
     "\n"
     "Without callbacks poll() and consume() queue the records, and `for data in ring` "
     "gives\n"
     "out what was queued and what is there, then ends; `async for data in ring` waits "
     "for\n"
     "more, in any number of asyncio tasks. With event_type=... records are instances "
     "of that\n"
     "class in place of bytes."},
    {Py_tp_new, tb_ringbuf_new},
    {Py_tp_methods, methods},
    {Py_tp_repr, ringbuf_repr},
    {Py_tp_iter, tb_iterate_iter},
    {Py_tp_iternext, tb_iterate_next},
    {Py_am_aiter, tb_iterate_aiter},
    {Py_tp_traverse, ringbuf_traverse},
    {Py_tp_finalize, tb_reader_finalize},
    {Py_tp_dealloc, ringbuf_dealloc},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf.BpfRingBuffer",
    .basicsize = sizeof(BpfRingBuffer),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_ringbuf_add(PyObject *module)
{
    return tb_state_add_type(module, TB_TYPE_RINGBUF, &spec);
}
