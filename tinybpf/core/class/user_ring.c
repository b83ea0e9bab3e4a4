/* SPDX-License-Identifier: MIT
 *
 * The class BpfUserRingBuffer (class/user_ring.h): its tables, its repr and its end.
 */
#include "class/user_ring.h"

#include "stream/reservation.h"
#include "stream/user_ring.h"

static PyObject *
user_ring_repr(PyObject *op)
{
    const BpfUserRing *self = (BpfUserRing *)op;

    if (self->map == NULL) {
        return PyUnicode_FromString("<BpfUserRingBuffer closed>");
    }
    return PyUnicode_FromFormat("<BpfUserRingBuffer map=%R %s>",
                                ((BpfMap *)self->map)->name,
                                self->reader.stream.is_open ? "open" : "closed");
}

static int
user_ring_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((BpfUserRing *)op)->map);
    return tb_reader_traverse(op, visit, arg);
}

static void
user_ring_dealloc(PyObject *op)
{
    BpfUserRing *self = (BpfUserRing *)op;

    if (tb_state_finish(op, tb_reader_finalize, &self->reader.is_finished)) {
        Py_CLEAR(self->map);
        tb_state_free(op);
    }
}

static PyMethodDef methods[] = {
    {"reserve", TB_METHOD(tb_reservation_reserve), METH_VARARGS | METH_KEYWORDS,
     "reserve($self, what, timeout=None)\n--\n\n"
     "Reserve room for a sample, to be filled in a `with` statement."},
    {"submit", TB_METHOD(tb_user_ring_submit), METH_VARARGS | METH_KEYWORDS,
     "submit($self, value, timeout=None)\n--\n\n"
     "Send a sample to the program."},
    {"close", tb_reader_close, METH_NOARGS,
     "close($self)\n--\n\n"
     "Unmap the ring, behind the last reservation; may be called again."},
    {"__enter__", tb_reader_enter, METH_NOARGS, NULL},
    {"__exit__", tb_reader_exit, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc,
     "BpfUserRingBuffer(map)\n--\n\n"
     "Producer of a user ring buffer, which a BPF program drains.\n"
     "\n"
     "    with tinybpf.BpfUserRingBuffer(obj.maps[\"commands\"]) as commands:\n"
     "        commands.submit(obj.types.command(kind=1, pid=42))\n"
     "        with commands.reserve(\"command\", timeout=1.0) as command:\n"
     "            command.kind = 2\n"
     "\n"
     "The program calls bpf_user_ringbuf_drain()."},
    {Py_tp_new, tb_user_ring_new},
    {Py_tp_methods, methods},
    {Py_tp_repr, user_ring_repr},
    {Py_tp_traverse, user_ring_traverse},
    {Py_tp_finalize, tb_reader_finalize},
    {Py_tp_dealloc, user_ring_dealloc},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf.BpfUserRingBuffer",
    .basicsize = sizeof(BpfUserRing),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_user_ring_add(PyObject *module)
{
    return tb_state_add_type(module, TB_TYPE_USER_RING, &spec);
}
