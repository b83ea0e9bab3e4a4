/* SPDX-License-Identifier: MIT
 *
 * Reading of iterators (attach/iter_read.h). The program runs while a descriptor of
 * BPF_ITER_CREATE is read, a few pages at a time, so that a pass may be as long as it
 * likes. The class of passes is here whole.
 */
#include "attach/iter_read.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "error/raise.h"
#include "host/hint.h"
#include "owner/link.h"
#include "value/collection.h"
#include "value/record.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK                                                              \
    (64 * 1024) /* bytes; the kernel writes 8 pages at once (bpf_seq_read) \
                 */

typedef struct {
    PyObject_HEAD
    PyObject *program;     /* owned; str, for errors */
    int fd;                /* owned; -1 behind the end */
    char *buffer;          /* owned; NULL until something is read */
    size_t size;           /* bytes of it */
    size_t start, end;     /* what is not handed out yet */
    struct tb_codec codec; /* of records, its type is owned; BYTES: lines */
    int is_busy;           /* a thread is reading without the GIL */
    int is_closing;        /* closed by another one, which leaves it to that */
    int is_finished;
} BpfIterPass;

/* A descriptor to read one pass by; -1 with an exception. */
static int
begin_pass(BpfLink *self)
{
    struct tb_hint hint = {.lacking = 0};
    struct tb_failure failure = {.hint = &hint};
    int link_fd = tb_link_duplicate(self, "read"), fd;

    if (link_fd < 0) {
        return -1;
    }
    Py_BEGIN_ALLOW_THREADS
    fd = bpf_iter_create(link_fd);
    close(link_fd);
    Py_END_ALLOW_THREADS
    if (fd >= 0) {
        return fd;
    }
    if (fd == -EINVAL) {
        tb_error_raise(tb_state_of(self), TB_ERROR, EINVAL,
                       "the link of program %R to %U cannot be read: it is of no "
                       "iterator",
                       self->program, self->target);
        return -1;
    }
    failure.err = fd;
    tb_hint_of_call("reading", "an iterator", &hint);
    tb_error_refused(tb_state_of(self), &failure, "read of the link of program %R",
                     self->program);
    return -1;
}

/* End the pass, or have the thread end it that is reading; idempotent. */
static PyObject *
pass_close(PyObject *op, PyObject *unused)
{
    BpfIterPass *self = (BpfIterPass *)op;
    int fd = self->fd;

    (void)unused;
    if (self->is_busy) {
        self->is_closing = 1;
        Py_RETURN_NONE;
    }
    self->fd = -1;
    self->start = self->end = 0;
    if (fd >= 0) {
        Py_BEGIN_ALLOW_THREADS
        close(fd);
        Py_END_ALLOW_THREADS
    }
    Py_RETURN_NONE;
}

/* A new pass; NULL with an exception. */
static BpfIterPass *
new_pass(BpfLink *link)
{
    BpfIterPass *self;
    int fd = begin_pass(link);

    if (fd < 0) {
        return NULL;
    }
    self = tb_state_new(tb_state_of(link), TB_TYPE_ITER_PASS);
    if (self == NULL) {
        close(fd);
        return NULL;
    }
    self->fd = fd;
    self->program = tb_new_ref(link->program);
    return self;
}

/* Make room for another chunk behind what is there; 0, or -1 with an exception. */
static int
reserve(BpfIterPass *self)
{
    size_t kept = self->end - self->start;
    char *larger;

    if (self->start > 0) {
        memmove(self->buffer, self->buffer + self->start, kept);
        self->start = 0;
        self->end = kept;
    }
    if (self->size - kept >= CHUNK) {
        return 0;
    }
    larger = realloc(self->buffer, self->size ? 2 * self->size : 2 * CHUNK);
    if (larger == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->size = self->size ? 2 * self->size : 2 * CHUNK;
    self->buffer = larger;
    return 0;
}

/* Read without the GIL: the number of bytes, or -errno. */
static ssize_t
read_chunk(BpfIterPass *self)
{
    char *at = self->buffer + self->end;
    ssize_t n;

    self->is_busy = 1;
    Py_BEGIN_ALLOW_THREADS
    n = read(self->fd, at, CHUNK);
    n = n < 0 ? -errno : n;
    Py_END_ALLOW_THREADS
    self->is_busy = 0;
    if (self->is_closing) {
        Py_XDECREF(pass_close((PyObject *)self, NULL));
        return 0;
    }
    self->end += n > 0 ? (size_t)n : 0;
    return n;
}

/* Raise for a read that failed; -1. A walk of cgroups is never taken up again behind a
 * full buffer (cgroup_iter_seq_start, kernel/bpf/cgroup_iter.c). */
static int
raise_read(BpfIterPass *self, int err)
{
    struct tb_hint hint = {.lacking = 0};
    struct tb_failure failure = {.err = err, .hint = &hint};

    if (err == -EOPNOTSUPP) {
        snprintf(
            hint.cause, sizeof(hint.cause),
            "the kernel has no more than 8 pages for what a walk of cgroups says, "
            "and this is more\n  let the program write less, or begin further down");
    }
    tb_error_refused(tb_state_of(self), &failure, "read of the iterator of program %R",
                     self->program);
    return -1;
}

/* Read more: the number of bytes, 0 at the end, -1 with an exception. The kernel says
 * EAGAIN behind many objects without a word (bpf_seq_read, kernel/bpf/bpf_iter.c): then
 * it goes on. */
static Py_ssize_t
fill(BpfIterPass *self)
{
    ssize_t n = -EAGAIN;

    if (self->is_busy) {
        PyErr_SetString(PyExc_ValueError, "another thread is reading this pass");
        return -1;
    }
    while (n == -EAGAIN || n == -EINTR) {
        if (self->fd < 0) {
            return 0;
        }
        if (reserve(self) < 0) {
            return -1;
        }
        n = read_chunk(self);
        if (PyErr_CheckSignals() < 0) {
            return -1;
        }
    }
    return n < 0 ? raise_read(self, (int)n) : n;
}

/* The whole pass at once, in the pass's own buffer. */
PyObject *
tb_iter_read_all(PyObject *link, PyObject *unused)
{
    BpfIterPass *pass = new_pass((BpfLink *)link);
    PyObject *bytes = NULL;
    Py_ssize_t n = 1;

    (void)unused;
    if (pass == NULL) {
        return NULL;
    }
    while (n > 0) {
        n = fill(pass);
    }
    if (n == 0) {
        bytes = PyBytes_FromStringAndSize(pass->buffer, (Py_ssize_t)pass->end);
    }
    Py_DECREF(pass);
    return bytes;
}

PyObject *
tb_iter_read_lines(PyObject *link)
{
    return (PyObject *)new_pass((BpfLink *)link);
}

/* The class of a name of the object's types, or a Record class itself; NULL with an
 * exception. */
static PyObject *
find_class(BpfLink *self, PyObject *type)
{
    PyObject *btf, *class;

    if (!PyUnicode_Check(type)) {
        return tb_new_ref(type);
    }
    if (tb_link_is_standalone(self)) {
        PyErr_Format(PyExc_TypeError,
                     "the link was in the kernel already and has no types: give a "
                     "Record class, such as obj.types[%R]",
                     type);
        return NULL;
    }
    btf = tb_object_btf(self->object);
    if (btf == NULL || btf == Py_None) {
        if (btf != NULL) {
            tb_error_validation_steal(tb_state_of(self), PyList_New(0),
                                      "the object has no BTF to find %R in", type);
        }
        return NULL;
    }
    Py_INCREF(btf);
    class = tb_value_types_find((Btf *)btf, type);
    Py_DECREF(btf);
    return class;
}

/* A pass whose items are records; the type is looked at before the kernel is asked. */
PyObject *
tb_iter_read_records(PyObject *op, PyObject *type)
{
    BpfLink *self = (BpfLink *)op;
    PyObject *class = find_class(self, type);
    struct tb_codec codec = {.kind = TB_CODEC_BYTES};
    BpfIterPass *pass = NULL;

    if (class == NULL) {
        return NULL;
    }
    if (PyType_Check(class)) {
        codec = tb_record_codec(class);
    }
    if (codec.kind != TB_CODEC_RECORD || codec.size == 0) {
        PyErr_Format(PyExc_TypeError,
                     "records are of a struct's name or a Record class, not %R", type);
    }
    else {
        pass = new_pass(self);
    }
    Py_DECREF(class);
    if (pass == NULL) {
        Py_XDECREF(codec.type);
        return NULL;
    }
    pass->codec = codec;
    return (PyObject *)pass;
}

/* How many bytes the next item takes, of those that are there: 0 if more must be read.
 */
static size_t
next_size(const BpfIterPass *self)
{
    const char *start = self->buffer + self->start, *line;
    size_t n = self->end - self->start;

    if (self->codec.kind == TB_CODEC_RECORD) {
        return n >= self->codec.size ? self->codec.size : 0;
    }
    line = n > 0 ? memchr(start, '\n', n) : NULL;
    return line ? (size_t)(line - start) + 1 : 0;
}

/* What is left at the end: a line without its end, or part of a record, which is an
 * error; 0, or -1 with an exception. */
static int
check_rest(BpfIterPass *self)
{
    size_t n = self->end - self->start;

    if (n == 0 || self->codec.kind != TB_CODEC_RECORD) {
        return 0;
    }
    self->start = self->end;
    tb_error_raise(tb_state_of(self), TB_ERROR, EINVAL,
                   "the iterator of program %R ended within a record: %zu bytes are "
                   "left, and a record has %u",
                   self->program, n, (unsigned int)self->codec.size);
    return -1;
}

/* The next item of those that are there, or that are read now; NULL at the end, or with
 * an exception. The last line may lack its end. */
static PyObject *
pass_next(PyObject *op)
{
    BpfIterPass *self = (BpfIterPass *)op;
    Py_ssize_t n = 1;
    size_t size;
    char *item;

    while ((size = next_size(self)) == 0 && n > 0) {
        n = fill(self);
    }
    if (n < 0 || (size == 0 && check_rest(self) < 0)) {
        return NULL;
    }
    if (size == 0) {
        size = self->end - self->start;
    }
    if (size == 0) {
        Py_XDECREF(pass_close(op, NULL));
        return NULL;
    }
    item = self->buffer + self->start;
    self->start += size;
    return self->codec.kind == TB_CODEC_RECORD
               ? tb_record_decode(&self->codec, item, size)
               : PyBytes_FromStringAndSize(item, (Py_ssize_t)size);
}

static PyObject *
pass_self(PyObject *op)
{
    return tb_new_ref(op);
}

static int
pass_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((BpfIterPass *)op)->codec.type);
    return 0;
}

/* One that was not read to its end is closed without a word, as a generator is. */
static void
pass_finalize(PyObject *op)
{
    tb_state_finalize(op, NULL, NULL, pass_close);
}

static void
pass_dealloc(PyObject *op)
{
    BpfIterPass *self = (BpfIterPass *)op;

    if (tb_state_finish(op, pass_finalize, &self->is_finished)) {
        free(self->buffer);
        Py_CLEAR(self->program);
        Py_CLEAR(self->codec.type);
        tb_state_free(op);
    }
}

static PyMethodDef methods[] = {
    {"close", pass_close, METH_NOARGS,
     "close($self)\n--\n\nEnd the pass; may be called again."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "One pass of an iterator: its lines or its records."},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_methods, methods},
    {Py_tp_iter, pass_self},
    {Py_tp_iternext, pass_next},
    {Py_tp_traverse, pass_traverse},
    {Py_tp_finalize, pass_finalize},
    {Py_tp_dealloc, pass_dealloc},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf.BpfIterPass",
    .basicsize = sizeof(BpfIterPass),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_iter_read_add(PyObject *module)
{
    return tb_state_add_type(module, TB_TYPE_ITER_PASS, &spec);
}
