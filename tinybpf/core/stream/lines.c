/* SPDX-License-Identifier: MIT
 *
 * Iterators of lines (stream/lines.h). A program's stream cannot be waited for: a loop
 * over it gives what is there, and so ends. The trace pipe is a file that is waited for
 * without the GIL; another thread may close it meanwhile. The class is here whole.
 */
#include "stream/lines.h"

#include "base/libbpf.h"
#include "error/raise.h"
#include "owner/program.h"
#include "stream/batch.h"
#include "stream/wake.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK 8192

static const char *const trace_pipes[] = {
    "/sys/kernel/tracing/trace_pipe",
    "/sys/kernel/debug/tracing/trace_pipe",
};

typedef struct {
    PyObject_HEAD
    BpfProgram *program; /* owned; whose stream it is; NULL: the trace pipe */
    uint32_t stream;     /* BPF_STREAM_* */
    int fd;              /* owned; of the trace pipe; -1: closed, or a program's */
    struct tb_wake wake; /* owned; ends a wait */
    int is_open;
    int users;      /* waits without the GIL */
    int timeout_ms; /* quiet time that ends a loop; -1: none does */
    char *text;     /* owned; read, and not given out: from first, up to len */
    size_t first, len, cap;
    int is_finished; /* of tb_state_finish() */
} Lines;

/* Close the descriptors; only when nobody waits. */
static void
release(Lines *self)
{
    if (self->fd >= 0) {
        close(self->fd);
    }
    self->fd = -1;
    tb_wake_close(&self->wake);
}

static PyObject *
lines_close(PyObject *op, PyObject *unused)
{
    Lines *self = (Lines *)op;

    (void)unused;
    if (self->is_open && self->users > 0) {
        tb_wake_send(&self->wake);
    }
    self->is_open = 0;
    if (self->users == 0) {
        release(self);
    }
    Py_RETURN_NONE;
}

/* Make room for a chunk behind what is there; 0, or -1 with MemoryError. */
static int
make_room(Lines *self)
{
    char *text;

    if (self->first > 0) {
        memmove(self->text, self->text + self->first, self->len - self->first);
        self->len -= self->first;
        self->first = 0;
    }
    if (self->cap - self->len >= CHUNK) {
        return 0;
    }
    text = realloc(self->text, self->cap + CHUNK);
    if (text == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->text = text;
    self->cap += CHUNK;
    return 0;
}

/* Read what a program has printed: 1 something came, 0 nothing is there, -1 with an
 * exception. */
static int
read_program(Lines *self)
{
    struct tb_state *state = tb_state_of(self);
    int fd = make_room(self) < 0 ? -1 : tb_program_fd(self->program);
    int n;

    if (fd < 0) {
        return -1;
    }
    n = bpf_prog_stream_read(fd, self->stream, self->text + self->len, CHUNK, NULL);
    if (n >= 0) {
        self->len += (size_t)n;
        return n > 0;
    }
    if (errno == EINVAL) {
        tb_error_raise(state, TB_ERROR_NOT_SUPPORTED, EINVAL,
                       "read of what %R prints failed: programs have streams since "
                       "Linux 6.17",
                       self->program);
    }
    else {
        tb_error_libbpf(state, -errno, NULL, "read of what %R prints", self->program);
    }
    return -1;
}

/* Wait until the pipe can be read, or is closed: 1, 0 the time is over, -1 with an
 * exception. */
static int
wait_for_pipe(Lines *self, int64_t deadline)
{
    for (;;) {
        struct pollfd fds[] = {{.fd = self->fd, .events = POLLIN},
                               {.fd = self->wake.fd, .events = POLLIN}};
        int n, err;

        self->users++;
        Py_BEGIN_ALLOW_THREADS
        n = poll(fds, 2, tb_wake_turn(deadline));
        err = errno;
        Py_END_ALLOW_THREADS
        self->users--;
        if (!self->is_open) {
            return 0;
        }
        if (n < 0 && err != EINTR) {
            tb_error_libbpf(tb_state_of(self), -err, NULL, "wait for the trace pipe");
            return -1;
        }
        if (n > 0 || tb_wake_left(deadline) == 0) {
            return n > 0;
        }
        if (PyErr_CheckSignals() < 0) {
            return -1;
        }
    }
}

/* Read the trace pipe, and wait for it; as read_program(). */
static int
read_pipe(Lines *self)
{
    int64_t deadline = tb_wake_deadline(self->timeout_ms);
    int err = self->is_open ? tb_wake_renew(&self->wake) : 0;

    if (err < 0) {
        tb_error_libbpf(tb_state_of(self), err, NULL, "wait for the trace pipe");
        return -1;
    }
    while (self->is_open) {
        ssize_t n;
        int rc;

        if (make_room(self) < 0) { /* another thread may have filled it */
            return -1;
        }
        n = read(self->fd, self->text + self->len, CHUNK);
        if (n > 0) {
            self->len += (size_t)n;
            return 1;
        }
        if (n < 0 && errno != EAGAIN && errno != EINTR) {
            tb_error_libbpf(tb_state_of(self), -errno, NULL, "read of the trace pipe");
            return -1;
        }
        rc = wait_for_pipe(self, deadline);
        if (rc <= 0) {
            return rc;
        }
    }
    return 0;
}

/* The first line of what was read, without its end; what has none if is_last. NULL
 * without an exception if there is none. */
static PyObject *
take_line(Lines *self, int is_last)
{
    const char *text = self->text + self->first;
    size_t len = self->len - self->first;
    const char *end = len != 0 ? memchr(text, '\n', len) : NULL;

    if (end == NULL && (!is_last || len == 0)) {
        return NULL;
    }
    len = end != NULL ? (size_t)(end - text) : len;
    self->first += len + (end != NULL);
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)len, "backslashreplace");
}

static PyObject *
lines_next(PyObject *op)
{
    Lines *self = (Lines *)op;
    PyObject *line = take_line(self, 0);
    int rc = 1;

    while (line == NULL && !PyErr_Occurred() && rc > 0 && self->is_open) {
        rc = self->program != NULL ? read_program(self) : read_pipe(self);
        if (!self->is_open && self->users == 0) {
            release(self); /* closed meanwhile */
        }
        line = rc < 0 ? NULL : take_line(self, rc == 0);
    }
    return line;
}

static Lines *
new_lines(struct tb_state *state)
{
    Lines *self = tb_state_new(state, TB_TYPE_LINES);

    if (self != NULL) {
        self->fd = self->wake.fd = -1;
        self->is_open = 1;
        self->timeout_ms = -1;
    }
    return self;
}

PyObject *
tb_lines_of_program(PyObject *program, void *closure)
{
    Lines *self;

    if (tb_program_fd((BpfProgram *)program) < 0) {
        return NULL;
    }
    self = new_lines(tb_state_of(program));
    if (self != NULL) {
        self->program = (BpfProgram *)tb_new_ref(program);
        self->stream = (uint32_t)(uintptr_t)closure;
    }
    return (PyObject *)self;
}

/* Open the first of the files that is there; 0 or -errno. */
static int
open_pipe(Lines *self)
{
    size_t n = sizeof(trace_pipes) / sizeof(trace_pipes[0]);

    for (size_t i = 0; i < n && self->fd < 0; i++) {
        self->fd = open(trace_pipes[i], O_RDONLY | O_NONBLOCK | O_CLOEXEC);
        if (self->fd < 0 && errno != ENOENT) {
            return -errno;
        }
    }
    if (self->fd < 0) {
        return -ENOENT;
    }
    return tb_wake_open(&self->wake);
}

PyObject *
tb_lines_trace_pipe(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"timeout", NULL};
    struct tb_state *state = tb_state_of_module(module);
    PyObject *timeout = Py_None;
    int timeout_ms, err;
    Lines *self;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O:trace_pipe", (char **)names,
                                     &timeout) ||
        tb_batch_timeout(timeout, &timeout_ms) < 0) {
        return NULL;
    }
    self = new_lines(state);
    if (self == NULL) {
        return NULL;
    }
    self->timeout_ms = timeout_ms;
    err = open_pipe(self);
    if (err == 0) {
        return (PyObject *)self;
    }
    self->is_open = 0;
    release(self);
    Py_DECREF(self);
    if (err == -ENOENT) {
        return tb_error_raise(state, TB_ERROR, ENOENT,
                              "no trace pipe: mount -t tracefs tracefs "
                              "/sys/kernel/tracing");
    }
    return tb_error_libbpf(state, err, NULL, "open of the trace pipe");
}

static PyObject *
lines_enter(PyObject *op, PyObject *unused)
{
    (void)unused;
    if (!((Lines *)op)->is_open) {
        return tb_error_raise(tb_state_of(op), TB_ERROR_CLOSED, 0,
                              "the lines are closed: ask for them again");
    }
    return tb_new_ref(op);
}

static PyObject *
lines_fileno(PyObject *op, PyObject *unused)
{
    (void)unused;
    if (((Lines *)op)->fd < 0) {
        return tb_error_raise(
            tb_state_of(op), TB_ERROR_CLOSED, 0,
            "there is no file of these lines: closed, or a program's");
    }
    return PyLong_FromLong(((Lines *)op)->fd);
}

static PyObject *
lines_repr(PyObject *op)
{
    const Lines *self = (Lines *)op;

    if (self->program == NULL) {
        return PyUnicode_FromFormat("<lines of the trace pipe, %s>",
                                    self->is_open ? "open" : "closed");
    }
    return PyUnicode_FromFormat("<lines of %s of %R>",
                                self->stream == BPF_STREAM_STDOUT ? "stdout" : "stderr",
                                self->program->name);
}

static int
lines_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((Lines *)op)->program);
    return 0;
}

/* Those of a program hold nothing that is to be closed. */
static void
lines_finalize(PyObject *op)
{
    int is_dropped = ((Lines *)op)->fd >= 0;

    tb_state_finalize(op, is_dropped ? PyExc_ResourceWarning : NULL, "unclosed %R",
                      lines_close);
}

static void
lines_dealloc(PyObject *op)
{
    Lines *self = (Lines *)op;

    if (tb_state_finish(op, lines_finalize, &self->is_finished)) {
        free(self->text);
        Py_CLEAR(self->program);
        tb_state_free(op);
    }
}

static PyMethodDef methods[] = {
    {"fileno", lines_fileno, METH_NOARGS,
     "fileno($self)\n--\n\n"
     "Return the descriptor of the trace pipe."},
    {"close", lines_close, METH_NOARGS,
     "close($self)\n--\n\n"
     "End the lines; may be called again, and while another thread waits for some."},
    {"__enter__", lines_enter, METH_NOARGS, NULL},
    {"__exit__", lines_close, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Lines that programs print, as an iterator of str."},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_methods, methods},
    {Py_tp_repr, lines_repr},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, lines_next},
    {Py_tp_traverse, lines_traverse},
    {Py_tp_finalize, lines_finalize},
    {Py_tp_dealloc, lines_dealloc},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf.BpfLines",
    .basicsize = sizeof(Lines),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_lines_add(PyObject *module)
{
    return tb_state_add_type(module, TB_TYPE_LINES, &spec);
}
