/* SPDX-License-Identifier: MIT
 *
 * Scans (system/scan.h), as Seen and Holder of tinybpf/_system.py. What a listing found
 * shares one, so that asking all of it for holders is one walk.
 */
#include "system/scan.h"

#include "base/args.h"
#include "owner/link.h"
#include "owner/map.h"
#include "system/holders.h"
#include "system/pins.h"

#include <errno.h>

typedef struct {
    PyObject_HEAD
    struct tb_holders holders;
    struct tb_pins pins;
    int has_holders, has_pins;
} Scan;

PyObject *
tb_scan_new(struct tb_state *state)
{
    return tb_state_new(state, TB_TYPE_SCAN);
}

static PyObject *
raise_errno(int err)
{
    errno = -err;
    return err == -ENOMEM ? PyErr_NoMemory() : PyErr_SetFromErrno(PyExc_OSError);
}

/* Look at all processes, unless that was done; 0, or -1 with an exception. Another
 * thread may do the same meanwhile: the first result stays. */
static int
need_holders(Scan *self)
{
    struct tb_holders found;
    int err;

    if (self->has_holders) {
        return 0;
    }
    Py_BEGIN_ALLOW_THREADS
    err = tb_holders_read_nogil(&found);
    Py_END_ALLOW_THREADS
    if (err < 0 || self->has_holders) {
        tb_holders_free(&found);
    }
    else {
        self->holders = found;
        self->has_holders = 1;
    }
    return err < 0 ? (raise_errno(err), -1) : 0;
}

/* The same for pins. */
static int
need_pins(Scan *self)
{
    struct tb_pins found;
    int err;

    if (self->has_pins) {
        return 0;
    }
    Py_BEGIN_ALLOW_THREADS
    err = tb_pins_read_nogil(&found);
    Py_END_ALLOW_THREADS
    if (err < 0 || self->has_pins) {
        tb_pins_free(&found);
    }
    else {
        self->pins = found;
        self->has_pins = 1;
    }
    return err < 0 ? (raise_errno(err), -1) : 0;
}

/* A Seen of what is in the list, which it takes; NULL stands for a failure before. */
static PyObject *
make_seen_steal(PyObject *list, const char *unseen)
{
    PyObject *class = list ? tb_state_python_class("Seen") : NULL, *seen = NULL;

    if (class != NULL) {
        seen = PyObject_CallFunction(class, "Os", list, unseen);
    }
    Py_XDECREF(class);
    Py_XDECREF(list);
    return seen;
}

/* A Holder. */
static PyObject *
make_holder(PyObject *class, const struct tb_holder *holder)
{
    PyObject *name = tb_args_text(holder->name), *made = NULL;

    if (name != NULL) {
        made = PyObject_CallFunction(class, "iO", holder->pid, name);
    }
    Py_XDECREF(name);
    return made;
}

/* Those who hold it: a Seen of Holders. */
static PyObject *
holders_of(Scan *scan, struct tb_thing thing)
{
    PyObject *class = need_holders(scan) < 0 ? NULL : tb_state_python_class("Holder");
    PyObject *list = class ? PyList_New(0) : NULL;

    for (size_t i = 0; list != NULL && i < scan->holders.n; i++) {
        const struct tb_holder *holder = &scan->holders.items[i];

        if (tb_thing_is_same(holder->thing, thing) &&
            tb_args_append_steal(list, make_holder(class, holder)) < 0) {
            Py_CLEAR(list);
        }
    }
    Py_XDECREF(class);
    return make_seen_steal(list, scan->holders.unseen);
}

/* Where it is pinned: a Seen of paths. */
static PyObject *
pins_of(Scan *scan, struct tb_thing thing)
{
    PyObject *list = need_pins(scan) < 0 ? NULL : PyList_New(0);

    for (size_t i = 0; list != NULL && i < scan->pins.n; i++) {
        const struct tb_pinned_thing *pin = &scan->pins.items[i];

        if (tb_thing_is_same(pin->thing, thing) &&
            tb_args_append_steal(list, PyUnicode_DecodeFSDefault(pin->path)) < 0) {
            Py_CLEAR(list);
        }
    }
    return make_seen_steal(list, scan->pins.unseen);
}

/* What a BpfProgram, BpfMap or BpfLink is to the kernel, and its scan or a new one, a
 * new reference; NULL with an exception. */
static Scan *
scan_of(PyObject *op, struct tb_thing *out)
{
    struct tb_state *state = tb_state_of(op);
    PyObject *number = tb_args_attr(op, "id"), *scan;
    uint64_t id;

    if (number == NULL || tb_args_number(number, "id", UINT32_MAX, &id) < 0) {
        Py_XDECREF(number);
        return NULL;
    }
    Py_DECREF(number);
    out->id = (uint32_t)id;
    if (Py_TYPE(op) == state->types[TB_TYPE_MAP]) {
        out->kind = TB_THING_MAP;
        scan = ((BpfMap *)op)->found.scan;
    }
    else if (Py_TYPE(op) == state->types[TB_TYPE_PROGRAM]) {
        out->kind = TB_THING_PROGRAM;
        scan = ((BpfProgram *)op)->found.scan;
    }
    else {
        out->kind = TB_THING_LINK;
        scan = ((BpfLink *)op)->found.scan;
    }
    return (Scan *)(scan ? tb_new_ref(scan) : tb_scan_new(state));
}

PyObject *
tb_scan_holders(PyObject *self, PyObject *unused)
{
    struct tb_thing thing;
    Scan *scan = scan_of(self, &thing);
    PyObject *seen = scan ? holders_of(scan, thing) : NULL;

    (void)unused;
    Py_XDECREF(scan);
    return seen;
}

PyObject *
tb_scan_pins(PyObject *self, PyObject *unused)
{
    struct tb_thing thing;
    Scan *scan = scan_of(self, &thing);
    PyObject *seen = scan ? pins_of(scan, thing) : NULL;

    (void)unused;
    Py_XDECREF(scan);
    return seen;
}

PyObject *
tb_scan_btf_holders(PyObject *module, PyObject *args)
{
    struct tb_thing thing = {.kind = TB_THING_BTF};
    PyObject *scan;
    unsigned int id;

    if (!PyArg_ParseTuple(args, "O!I:_btf_holders",
                          tb_state_of_module(module)->types[TB_TYPE_SCAN], &scan,
                          &id)) {
        return NULL;
    }
    thing.id = id;
    return holders_of((Scan *)scan, thing);
}

static int
scan_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    return 0;
}

static void
scan_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    tb_holders_free(&((Scan *)op)->holders);
    tb_pins_free(&((Scan *)op)->pins);
    tb_state_free(op);
}

static PyType_Slot slots[] = {
    {Py_tp_doc, "Who holds what is loaded, and where it is pinned."},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_traverse, scan_traverse},
    {Py_tp_dealloc, scan_dealloc},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf._core._Scan",
    .basicsize = sizeof(Scan),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_scan_add(PyObject *module)
{
    return tb_state_make_type(module, TB_TYPE_SCAN, &spec);
}
