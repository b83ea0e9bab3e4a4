/* SPDX-License-Identifier: MIT
 *
 * Opening of an object once more (object/reopen.h): libbpf 1.7 loads a program once, so
 * that one of several targets is loaded by several objects, of the same bytes.
 */
#include "object/reopen.h"

#include "base/libbpf.h"
#include "map/describe.h"
#include "map/reuse.h"
#include "object/open.h"

/* Whether a map of the first object is one that a second one can have: it was created,
 * and is not made of programs. */
static int
is_shared(const BpfObject *first, size_t index)
{
    const struct bpf_map *map = first->maps.items[index].handle;

    return bpf_map__fd(map) >= 0 && bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS;
}

/* Give map number i of the second object that of the first, at the same place of the
 * same file, or have it not created. libbpf's memory of a section must have the size of
 * the map before that is taken over. 0, or -1 with an exception. */
static int
share_map(BpfObject *first, BpfObject *second, size_t i)
{
    struct bpf_map *to = second->maps.items[i].handle;
    uint32_t size = bpf_map__value_size(first->maps.items[i].handle);
    PyObject *from, *map;
    int rc = -1;

    if (!is_shared(first, i)) {
        return bpf_map__set_autocreate(to, false);
    }
    if (bpf_map__is_internal(to) && bpf_map__value_size(to) != size) {
        bpf_map__set_value_size(to, size);
    }
    from = tb_map_get(first, i);
    map = from ? tb_map_get(second, i) : NULL;
    if (map != NULL) {
        rc = tb_map_reuse_set((BpfMap *)map, from);
    }
    Py_XDECREF(from);
    Py_XDECREF(map);
    return rc;
}

/* Open the bytes again; NULL with an exception. Calls of Python, which may close the
 * first object, are over when its maps are asked for. */
PyObject *
tb_object_reopen(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"autoload", "btf",       "kconfig",
                                        "token",    "log_level", NULL};
    BpfObject *self = (BpfObject *)op, *object;
    struct tb_open_args given = {.source = self->image, .name = self->name};
    int rc = 0;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|$OOOOi:reopen", (char **)names,
                                     &given.choice.autoload, &given.btf, &given.kconfig,
                                     &given.token, &given.log_level) ||
        tb_object_reached(self, TB_PREPARED) == NULL) {
        return NULL;
    }
    object = tb_open_image(tb_state_of(self), &given, self->path, "reopen");
    if (object == NULL) {
        return NULL;
    }
    if (tb_object_acquire(self) == NULL) {
        tb_object_close(object);
        Py_DECREF(object);
        return NULL;
    }
    for (size_t i = 0; rc == 0 && i < self->maps.n && i < object->maps.n; i++) {
        rc = share_map(self, object, i);
    }
    tb_object_release(self);
    if (rc < 0) {
        tb_object_close(object);
        Py_CLEAR(object);
    }
    return (PyObject *)object;
}
