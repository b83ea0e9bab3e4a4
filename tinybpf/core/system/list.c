/* SPDX-License-Identifier: MIT
 *
 * The kernel's lists (system/list.h), walked by id: a step looks at one thing and
 * leaves nothing open. What goes between its id and the look is left out. All that one
 * walk finds shares one scan for who holds it.
 */
#include "system/list.h"

#include "attach/link_open.h"
#include "base/args.h"
#include "base/libbpf.h"
#include "btf/open.h"
#include "error/raise.h"
#include "host/hint.h"
#include "map/open.h"
#include "program/open.h"
#include "system/scan.h"

#include <errno.h>

/* What there is a list of. */
struct kind {
    const char *plural;
    int (*next_id)(uint32_t id, uint32_t *out_next);
    /* What has the id; NULL without an exception if it is gone. */
    PyObject *(*find)(struct tb_state *state, uint32_t id, PyObject *scan);
};

typedef struct {
    PyObject_HEAD
    const struct kind *kind;
    uint32_t id;    /* the last one; UINT32_MAX at the end */
    PyObject *scan; /* owned */
} Listing;

/* A LoadedBtf. */
static PyObject *
find_btf(struct tb_state *state, uint32_t id, PyObject *scan)
{
    char name[64];
    struct bpf_btf_info info;
    int err = tb_btf_loaded_info_nogil(id, &info, name, sizeof(name));
    PyObject *class, *text, *found = NULL;

    if (err == -ENOENT) {
        return NULL;
    }
    if (err < 0) {
        return tb_error_libbpf(state, err, NULL, "look at BTF %u", id);
    }
    class = tb_state_python_class("LoadedBtf");
    text = class ? tb_args_text(name) : NULL;
    if (text != NULL) {
        found = PyObject_CallFunction(class, "IOIOO", id, text, info.btf_size,
                                      info.kernel_btf ? Py_True : Py_False, scan);
    }
    Py_XDECREF(class);
    Py_XDECREF(text);
    return found;
}

static const struct kind programs = {"programs", bpf_prog_get_next_id, tb_program_find};
static const struct kind maps = {"maps", bpf_map_get_next_id, tb_map_find};
static const struct kind links = {"links", bpf_link_get_next_id, tb_link_open_find};
static const struct kind btfs = {"BTF", bpf_btf_get_next_id, find_btf};

static PyObject *
new_listing(PyObject *module, const struct kind *kind)
{
    struct tb_state *state = tb_state_of_module(module);
    PyObject *scan = tb_scan_new(state);
    Listing *self = scan ? tb_state_new(state, TB_TYPE_LISTING) : NULL;

    if (self == NULL) {
        Py_XDECREF(scan);
        return NULL;
    }
    self->kind = kind;
    self->scan = scan;
    return (PyObject *)self;
}

PyObject *
tb_list_programs(PyObject *module, PyObject *unused)
{
    (void)unused;
    return new_listing(module, &programs);
}

PyObject *
tb_list_maps(PyObject *module, PyObject *unused)
{
    (void)unused;
    return new_listing(module, &maps);
}

PyObject *
tb_list_links(PyObject *module, PyObject *unused)
{
    (void)unused;
    return new_listing(module, &links);
}

PyObject *
tb_list_btfs(PyObject *module, PyObject *unused)
{
    (void)unused;
    return new_listing(module, &btfs);
}

/* Raise for a kernel that does not tell the next id. */
static void *
raise_refused(Listing *self, int err)
{
    struct tb_hint hint = {.lacking = 0};
    struct tb_failure failure = {.err = err, .hint = &hint};

    tb_hint_of_admin("listing", "what is loaded", &hint);
    return tb_error_refused(tb_state_of(self), &failure, "listing of %s",
                            self->kind->plural);
}

/* The next that is still there. The ids are in order, so that the walk ends: an id that
 * is given away again lies before it. */
static PyObject *
listing_next(PyObject *op)
{
    Listing *self = (Listing *)op;
    PyObject *found = NULL;

    while (found == NULL && !PyErr_Occurred()) {
        uint32_t id;
        int err = self->id == UINT32_MAX ? -ENOENT : self->kind->next_id(self->id, &id);

        if (err == -ENOENT) {
            self->id = UINT32_MAX;
            return NULL;
        }
        if (err < 0) {
            return raise_refused(self, err);
        }
        self->id = id;
        found = self->kind->find(tb_state_of(self), id, self->scan);
    }
    return found;
}

static PyObject *
listing_repr(PyObject *op)
{
    return PyUnicode_FromFormat("<listing of %s>", ((Listing *)op)->kind->plural);
}

static int
listing_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((Listing *)op)->scan);
    return 0;
}

static void
listing_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    Py_CLEAR(((Listing *)op)->scan);
    tb_state_free(op);
}

static PyType_Slot slots[] = {
    {Py_tp_doc, "What is loaded into the kernel, one by one."},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_repr, listing_repr},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, listing_next},
    {Py_tp_traverse, listing_traverse},
    {Py_tp_dealloc, listing_dealloc},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf._core._Listing",
    .basicsize = sizeof(Listing),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_list_add(PyObject *module)
{
    return tb_state_make_type(module, TB_TYPE_LISTING, &spec);
}
