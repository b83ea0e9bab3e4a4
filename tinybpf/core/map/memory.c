/* SPDX-License-Identifier: MIT
 *
 * Memory of maps (map/memory.h): arrays made with BPF_F_MMAPABLE, and arenas. The
 * exporter behind the memoryviews owns the memory. A mapping keeps its map in the
 * kernel, so views outlive the BpfMap and its close().
 *
 * An arena has one address in all its life, at which it can be mapped once in a
 * process (arena_map_mmap in kernel/bpf/arena.c): libbpf has done that for the arenas
 * of an object; of others the BpfMap keeps the mapping until it is closed.
 */
#include "map/memory.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "error/raise.h"
#include "map/error.h"
#include "map/info.h"
#include "map/mapped.h"
#include "owner/map.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct {
    PyObject_HEAD
    BpfObject *object; /* owned and acquired, if libbpf mapped it; NULL: we did */
    void *data;        /* owned if we mapped it; MAP_FAILED: nothing yet */
    size_t size;       /* bytes that are lent out */
    int readonly;
} Memory;

static size_t
round_up(size_t size, size_t unit)
{
    return (size + unit - 1) / unit * unit;
}

static size_t
page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static Memory *
new_memory(BpfMap *map, size_t size, int readonly)
{
    Memory *self = tb_state_new(tb_state_of(map), TB_TYPE_MAP_MEMORY);

    if (self != NULL) {
        self->data = MAP_FAILED;
        self->size = size;
        self->readonly = readonly;
    }
    return self;
}

/* Raise for a mapping that failed with err, which is positive. */
static void *
raise_mmap(BpfMap *map, int err, int readonly)
{
    struct tb_state *state = tb_state_of(map);

    if (err == EPERM && !readonly) {
        return tb_error_raise(state, TB_ERROR, EPERM,
                              "mmap of map %R failed: it is frozen, or made read-only; "
                              "mmap(writable=False) can read it",
                              map->name);
    }
    if (map->traits.type == BPF_MAP_TYPE_ARENA &&
        (err == EBUSY || err == EINVAL || err == EEXIST)) {
        return tb_error_raise(state, TB_ERROR, err,
                              "mmap of map %R failed: this process, or another, has "
                              "mapped the arena already, at an address of its own",
                              map->name);
    }
    return tb_error_libbpf(state, -err, NULL, "mmap of map %R", map->name);
}

/* Map size bytes at an address (NULL: anywhere); NULL with an exception. */
static Memory *
map_memory(BpfMap *map, void *address, size_t size, int readonly)
{
    int protection = PROT_READ | (readonly ? 0 : PROT_WRITE);
    int flags = MAP_SHARED | (address ? MAP_FIXED_NOREPLACE : 0);
    Memory *self = new_memory(map, size, readonly);
    int fd, err;

    if (self == NULL) {
        return NULL;
    }
    fd = tb_map_fd(map);
    if (fd < 0) {
        Py_DECREF(self);
        return NULL;
    }
    self->data = mmap(address, round_up(size, page_size()), protection, flags, fd, 0);
    if (self->data == MAP_FAILED) {
        err = errno;
        Py_CLEAR(self);
        return raise_mmap(map, err, readonly);
    }
    return self;
}

static Memory *
array_memory(BpfMap *map, int readonly)
{
    size_t size =
        round_up(map->traits.value.size, sizeof(uint64_t)) * map->traits.max_entries;

    if (map->traits.type != BPF_MAP_TYPE_ARRAY ||
        !(map->traits.flags & BPF_F_MMAPABLE)) {
        return tb_error_raise(
            tb_state_of(map), TB_ERROR, EINVAL,
            "mmap of map %R failed: only arenas, and arrays made with "
            "BPF_F_MMAPABLE, can be mapped",
            map->name);
    }
    return map_memory(map, NULL, size, readonly);
}

/* The memory that libbpf mapped when it made the arena. */
static Memory *
libbpf_memory(BpfMap *map, size_t size)
{
    Memory *self = new_memory(map, size, 0);
    size_t data_size;

    if (self == NULL || tb_object_acquire(map->object) == NULL) {
        Py_XDECREF(self);
        return NULL;
    }
    self->object = (BpfObject *)tb_new_ref(map->object);
    self->data =
        bpf_map__initial_value(map->object->maps.items[map->index].handle, &data_size);
    if (self->data == NULL) {
        Py_DECREF(self);
        return raise_mmap(map, EINVAL, 0);
    }
    return self;
}

/* The one mapping of an arena: libbpf's, or the one that the map keeps for all its
 * handles. */
static Memory *
arena_memory(BpfMap *map)
{
    size_t size = page_size() * map->traits.max_entries;
    struct bpf_map_info info = {0};
    uint32_t info_size = sizeof(info);
    BpfMap *origin = (BpfMap *)tb_map_origin(map);
    BpfMap *owner = tb_map_is_open(origin) ? origin : map;
    int err;

    if (map->object != NULL && !map->object->maps.items[map->index].is_reused) {
        return libbpf_memory(map, size);
    }
    if (owner->mapping == NULL) {
        err = bpf_map_get_info_by_fd(map->fd, &info, &info_size);
        if (err < 0) {
            return raise_mmap(map, -err, 0);
        }
        owner->mapping =
            (PyObject *)map_memory(map, (void *)(uintptr_t)info.map_extra, size, 0);
    }
    return owner->mapping ? (Memory *)tb_new_ref(owner->mapping) : NULL;
}

PyObject *
tb_map_mmap(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"writable", NULL};
    BpfMap *self = (BpfMap *)op;
    PyObject *view = NULL;
    int is_writable = 1;
    Memory *memory;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|p:mmap", (char **)names,
                                     &is_writable) ||
        tb_map_fd(self) < 0) {
        return NULL;
    }
    memory = self->traits.type == BPF_MAP_TYPE_ARENA ? arena_memory(self)
                                                     : array_memory(self, !is_writable);
    if (memory != NULL) {
        view = PyMemoryView_FromObject((PyObject *)memory);
        Py_DECREF(memory);
    }
    if (view != NULL && self->traits.type == BPF_MAP_TYPE_ARENA && !is_writable) {
        PyObject *readonly = tb_args_call(view, "toreadonly", NULL);

        Py_DECREF(view);
        view = readonly;
    }
    return view;
}

PyObject *
tb_map_freeze(PyObject *op, PyObject *unused)
{
    BpfMap *self = (BpfMap *)op;
    struct tb_window *window;
    int fd = tb_map_acquire(self);
    int err;

    (void)unused;
    if (fd < 0) {
        return NULL;
    }
    window = tb_mapped_window(self);
    if (window != NULL) {
        tb_window_use(window);
        tb_window_begin_freeze(window);
    }
    Py_BEGIN_ALLOW_THREADS
    err = bpf_map_freeze(fd);
    if (err == -EBUSY && tb_map_is_frozen_nogil(fd)) {
        err = -EPERM; /* as newer kernels say */
    }
    Py_END_ALLOW_THREADS
    if (window != NULL) {
        tb_window_end_freeze(window, err == 0 || err == -EPERM);
        tb_window_drop(window);
    }
    tb_map_release(self);
    if (err == 0) {
        Py_RETURN_NONE;
    }
    if (err == -EBUSY) {
        return tb_error_raise(tb_state_of(self), TB_ERROR, EBUSY,
                              "freeze of map %R failed: its memory is mapped writable",
                              self->name);
    }
    return tb_map_raise(self, "freeze", err, 0);
}

/* Bytes in one dimension. Views are not counted: each holds the exporter, which unmaps
 * when none is left. */
static int
memory_getbuffer(PyObject *op, Py_buffer *view, int flags)
{
    Memory *self = (Memory *)op;

    view->obj = NULL;
    if (self->readonly && (flags & PyBUF_WRITABLE)) {
        PyErr_SetString(PyExc_BufferError, "the memory was mapped read-only");
        return -1;
    }
    *view = (Py_buffer){
        .buf = self->data,
        .obj = tb_new_ref(op),
        .len = (Py_ssize_t)self->size,
        .itemsize = 1,
        .readonly = self->readonly,
        .ndim = 1,
        .format = (flags & PyBUF_FORMAT) ? "B" : NULL,
    };
    view->shape = (flags & PyBUF_ND) ? &view->len : NULL;
    view->strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? &view->itemsize : NULL;
    return 0;
}

static int
memory_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((Memory *)op)->object);
    return 0;
}

/* Here no view is left; in a finaliser there might be. */
static void
memory_dealloc(PyObject *op)
{
    Memory *self = (Memory *)op;

    PyObject_GC_UnTrack(op);
    if (self->object != NULL) {
        tb_object_release(self->object);
    }
    else if (self->data != MAP_FAILED) {
        munmap(self->data, round_up(self->size, page_size()));
    }
    Py_CLEAR(self->object);
    tb_state_free(op);
}

static PyType_Slot slots[] = {
    {Py_tp_doc, "Exporter of a map's memory."}, {Py_tp_new, tb_state_no_new},
    {Py_tp_traverse, memory_traverse},          {Py_tp_dealloc, memory_dealloc},
    {Py_bf_getbuffer, memory_getbuffer},        {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf._MapMemory",
    .basicsize = sizeof(Memory),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_map_memory_add(PyObject *module)
{
    return tb_state_make_type(module, TB_TYPE_MAP_MEMORY, &spec);
}
