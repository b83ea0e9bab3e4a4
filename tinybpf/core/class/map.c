/* SPDX-License-Identifier: MIT
 *
 * The class BpfMap (class/map.h): the tables of its methods and properties, its repr
 * and its end.
 */
#include "class/map.h"

#include "attach/struct_ops.h"
#include "base/args.h"
#include "base/enums.h"
#include "btf/type.h"
#include "map/columns.h"
#include "map/create.h"
#include "map/describe.h"
#include "map/drain.h"
#include "map/entry.h"
#include "map/info.h"
#include "map/inner.h"
#include "map/iter.h"
#include "map/kind.h"
#include "map/lpm.h"
#include "map/memory.h"
#include "map/mutable.h"
#include "map/open.h"
#include "map/percpu.h"
#include "map/pin.h"
#include "map/queue.h"
#include "map/setting.h"
#include "owner/map.h"
#include "system/frames.h"
#include "system/scan.h"

static int
map_bool(PyObject *self)
{
    (void)self;
    return 1;
}

static PyObject *
map_close(PyObject *self, PyObject *unused)
{
    (void)unused;
    tb_map_close((BpfMap *)self);
    Py_RETURN_NONE;
}

static PyObject *
map_enter(PyObject *self, PyObject *unused)
{
    (void)unused;
    return tb_map_fd((BpfMap *)self) < 0 ? NULL : tb_new_ref(self);
}

static PyObject *
map_fd(PyObject *self, void *unused)
{
    int fd = tb_map_fd((BpfMap *)self);

    (void)unused;
    return fd < 0 ? NULL : PyLong_FromLong(fd);
}

/* What BTF says of its keys or values, behind typedefs: a BtfType, or None. */
static PyObject *
btf_type_of(BpfMap *self, uint32_t id)
{
    Btf *btf = NULL;

    if (self->found.id != 0 && tb_map_fd(self) < 0) {
        return NULL;
    }
    if (id != 0 && tb_map_btf(self, &btf) < 0) {
        return NULL;
    }
    if (btf == NULL) {
        Py_RETURN_NONE;
    }
    return tb_btf_type_behind(btf, id);
}

static PyObject *
map_btf_key(PyObject *self, void *unused)
{
    (void)unused;
    return btf_type_of((BpfMap *)self, ((BpfMap *)self)->traits.key_btf_id);
}

static PyObject *
map_btf_value(PyObject *self, void *unused)
{
    (void)unused;
    return btf_type_of((BpfMap *)self, ((BpfMap *)self)->traits.value_btf_id);
}

static PyObject *
map_is_standalone(PyObject *self, void *unused)
{
    (void)unused;
    return PyBool_FromLong(tb_map_is_standalone((BpfMap *)self));
}

static PyObject *
map_is_percpu(PyObject *self, void *unused)
{
    (void)unused;
    return PyBool_FromLong(tb_map_is_percpu((BpfMap *)self));
}

/* <BpfMap 'flows' HASH flow -> stats, max_entries=1024, fd=5>
 * A warning at the interpreter's end says it, too: nothing is imported. */
static PyObject *
map_repr(PyObject *op)
{
    BpfMap *self = (BpfMap *)op;
    PyObject *kind, *where = NULL, *text = NULL;

    if (!tb_map_is_open(self)) {
        return PyUnicode_FromFormat("<BpfMap %R closed>", self->name);
    }
    kind = tb_enums_name(TB_ENUM_MAP_TYPE, (long)self->traits.type);
    if (kind != NULL) {
        where = self->found.id != 0 ? PyUnicode_FromFormat("id=%u", self->found.id)
                : self->fd < 0      ? PyUnicode_FromString("not loaded")
                                    : PyUnicode_FromFormat("fd=%d", self->fd);
    }
    if (where != NULL) {
        text = PyUnicode_FromFormat("<BpfMap %R %U%U, max_entries=%u, %U>", self->name,
                                    kind, self->traits.types, self->traits.max_entries,
                                    where);
    }
    Py_XDECREF(kind);
    Py_XDECREF(where);
    return text;
}

static int
map_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(op));
    Py_VISIT(((BpfMap *)op)->object);
    Py_VISIT(((BpfMap *)op)->origin);
    Py_VISIT(((BpfMap *)op)->btf);
    Py_VISIT(((BpfMap *)op)->mapping);
    Py_VISIT(((BpfMap *)op)->traits.key.type);
    Py_VISIT(((BpfMap *)op)->traits.value.type);
    return 0;
}

/* What typed() made, was read out of another map or found in a list may be dropped
 * without a word. */
static void
map_finalize(PyObject *op)
{
    BpfMap *self = (BpfMap *)op;
    int is_dropped = tb_map_is_standalone(self) && self->origin == NULL &&
                     tb_map_is_open(self) && !self->found.is_quiet;

    tb_state_finalize(op, is_dropped ? PyExc_ResourceWarning : NULL, "unclosed %R",
                      map_close);
}

/* What it owns goes behind the finaliser, which may still use it. */
static void
map_dealloc(PyObject *op)
{
    BpfMap *self = (BpfMap *)op;

    if (!tb_state_finish(op, map_finalize, &self->is_finished)) {
        return;
    }
    if (self->object != NULL) {
        tb_object_forget(&self->object->maps, self->index, op);
    }
    tb_map_drop_window(self);
    tb_map_traits_clear(&self->traits);
    Py_CLEAR(self->name);
    Py_CLEAR(self->btf);
    Py_CLEAR(self->mapping);
    Py_CLEAR(self->object);
    Py_CLEAR(self->origin);
    Py_CLEAR(self->found.scan);
    tb_state_free(op);
}

static PyMethodDef methods[] = {
    {"create", TB_METHOD(tb_map_create), METH_VARARGS | METH_KEYWORDS | METH_CLASS,
     "create($type, type, key_size=0, value_size=0, max_entries=0, name='', flags=0, "
     "inner_map=None, numa_node=None, map_extra=0, ifindex=0, token=0)\n--\n\n"
     "Make a map in the kernel, without an object file."},
    {"attach_struct_ops", tb_struct_ops_attach, METH_NOARGS,
     "attach_struct_ops($self)\n--\n\nLet the kernel call the programs of a "
     "struct_ops."},
    {"from_fd", tb_map_from_fd, METH_O | METH_CLASS,
     "from_fd($type, fd, /)\n--\n\nOpen the map behind a descriptor."},
    {"from_id", tb_map_from_id, METH_O | METH_CLASS,
     "from_id($type, id, /)\n--\n\nOpen the map of an id."},
    {"create_inner", TB_METHOD(tb_map_create_inner), METH_VARARGS | METH_KEYWORDS,
     "create_inner($self, max_entries=0, name=None)\n--\n\n"
     "Make a map that fits into this map of maps."},
    {"lookup", TB_METHOD(tb_map_lookup), METH_FASTCALL | METH_KEYWORDS,
     "lookup($self, key, flags=0)\n--\n\n"
     "Return the value of a key, None if the key is absent."},
    {"lookup_and_delete", TB_METHOD(tb_map_lookup_and_delete),
     METH_FASTCALL | METH_KEYWORDS,
     "lookup_and_delete($self, key, flags=0)\n--\n\n"
     "Take a key out and return its value, None if the key is absent."},
    {"get", TB_METHOD(tb_map_get_default), METH_FASTCALL | METH_KEYWORDS,
     "get($self, key, default=None)\n--\n\n"
     "Return the value of a key, or a default if the key is absent."},
    {"update", TB_METHOD(tb_map_update), METH_VARARGS | METH_KEYWORDS,
     "Set the value of a key, or those of many."},
    {"setdefault", TB_METHOD(tb_map_setdefault), METH_FASTCALL,
     "setdefault($self, key, default=None, /)\n--\n\n"
     "Return the value of a key; an absent one is set to a default first."},
    {"delete", TB_METHOD(tb_map_delete), METH_FASTCALL | METH_KEYWORDS,
     "delete($self, key)\n--\n\nDelete a key; tell whether it was there."},
    {"delete_many", tb_map_delete_many, METH_O,
     "delete_many($self, keys, /)\n--\n\n"
     "Delete keys in batches; return how many were there."},
    {"push", TB_METHOD(tb_map_push), METH_VARARGS | METH_KEYWORDS,
     "push($self, value, /, flags=0)\n--\n\n"
     "Put a value into a queue, a stack or a Bloom filter."},
    {"peek", tb_map_peek, METH_NOARGS,
     "peek($self)\n--\n\n"
     "Return the next value of a queue or stack and leave it there, None if it is "
     "empty."},
    {"walk", TB_METHOD(tb_frames_walk), METH_FASTCALL | METH_KEYWORDS,
     "walk($self, stack_id, symbols=None, pid=None)\n--\n\n"
     "Return the frames of a stack trace, the innermost first."},
    {"network", tb_map_network, METH_O,
     "network($self, key, /)\n--\n\n"
     "Return a key of an LPM trie as a network of the ipaddress module."},
    {"pop", TB_METHOD(tb_map_pop), METH_FASTCALL,
     "Take a key out and return its value, or a default if the key is absent."},
    {"popitem", tb_map_popitem, METH_NOARGS,
     "popitem($self)\n--\n\nTake any entry out and return its (key, value)."},
    {"clear", tb_map_clear, METH_NOARGS, "clear($self)\n--\n\nDelete every key."},
    {"keys", tb_map_keys, METH_NOARGS, "keys($self)\n--\n\nReturn a view of the keys."},
    {"values", tb_map_values, METH_NOARGS,
     "values($self)\n--\n\nReturn a view of the values."},
    {"items", tb_map_items, METH_NOARGS,
     "items($self)\n--\n\nReturn a view of the (key, value) pairs."},
    {"read_columns", tb_map_read_columns, METH_NOARGS,
     "read_columns($self)\n--\n\n"
     "Read the whole map into typed buffers, one for each field."},
    {"drain", tb_map_drain, METH_NOARGS,
     "drain($self)\n--\n\n"
     "Take entries out of the map and return an iterator of their (key, value) pairs."},
    {"lookup_percpu", TB_METHOD(tb_map_lookup_percpu), METH_FASTCALL | METH_KEYWORDS,
     "lookup_percpu($self, key)\n--\n\n"
     "Return the values of a key on each possible CPU, None if the key is absent."},
    {"lookup_percpu_sum", TB_METHOD(tb_map_lookup_percpu_sum),
     METH_FASTCALL | METH_KEYWORDS,
     "lookup_percpu_sum($self, key)\n--\n\n"
     "Return the sum of a key's values on all CPUs, None if the key is absent."},
    {"update_percpu", TB_METHOD(tb_map_update_percpu), METH_VARARGS | METH_KEYWORDS,
     "update_percpu($self, key, values, flags=0)\n--\n\n"
     "Set the values of a key on each possible CPU."},
    {"items_percpu", tb_map_items_percpu, METH_NOARGS,
     "items_percpu($self)\n--\n\n"
     "Return a view of the (key, values) pairs of a per-CPU map."},
    {"typed", TB_METHOD(tb_map_typed), METH_VARARGS | METH_KEYWORDS,
     "typed($self, key=None, value=None, validate_field_names=True)\n--\n\n"
     "Return the same map with other types of keys and values."},
    {"mmap", TB_METHOD(tb_map_mmap), METH_VARARGS | METH_KEYWORDS,
     "mmap($self, writable=True)\n--\n\n"
     "Return the map's memory, which is shared with the kernel."},
    {"freeze", tb_map_freeze, METH_NOARGS,
     "freeze($self)\n--\n\nMake the map read-only for user space, for good."},
    {"pin", TB_METHOD(tb_map_pin), METH_FASTCALL | METH_KEYWORDS,
     "pin($self, path)\n--\n\n"
     "Keep the map in the kernel under a path of the BPF file system."},
    {"unpin", TB_METHOD(tb_map_unpin), METH_FASTCALL | METH_KEYWORDS,
     "unpin($self, path)\n--\n\n"
     "Remove a pin of this map."},
    {"reuse", tb_map_reuse, METH_O,
     "reuse($self, other, /)\n--\n\n"
     "Take over a map that exists, in place of creating this one."},
    {"holders", tb_scan_holders, METH_NOARGS,
     "holders($self)\n--\n\nTell which processes have descriptors of it."},
    {"pins", tb_scan_pins, METH_NOARGS, "pins($self)\n--\n\nTell where it is pinned."},
    {"close", map_close, METH_NOARGS,
     "close($self)\n--\n\n"
     "Close a stand-alone map; one of an object stays open until its object closes."},
    {"__enter__", map_enter, METH_NOARGS, NULL},
    {"__exit__", map_close, METH_VARARGS, NULL},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef members[] = {
    {"name", T_OBJECT, offsetof(BpfMap, name), READONLY,
     "Name of the C variable; of a stand-alone map, as the kernel keeps it (15 "
     "bytes)."},
    {"_chunk", T_UINT, offsetof(BpfMap, traits.chunk), 0,
     NULL}, /* for tests of walks */
    {"_identity", T_ULONGLONG, offsetof(BpfMap, found.identity), 0,
     NULL}, /* for tests of listings */
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef getset[] = {
    {"type", tb_map_setting_get, tb_map_setting_set,
     "Kind of map; a plain int where this build does not know it.",
     (void *)TB_MAP_TYPE},
    {"key_size", tb_map_setting_get, tb_map_setting_set, "Size of a key in bytes.",
     (void *)TB_MAP_KEY_SIZE},
    {"value_size", tb_map_setting_get, tb_map_setting_set,
     "Size of a value in bytes (of one CPU's value in a per-CPU map).",
     (void *)TB_MAP_VALUE_SIZE},
    {"max_entries", tb_map_setting_get, tb_map_setting_set,
     "Number of entries that the map can hold; bytes for a ring buffer.",
     (void *)TB_MAP_MAX_ENTRIES},
    {"flags", tb_map_setting_get, tb_map_setting_set,
     "Flags that it is made with: the kernel's BPF_F_ bits.", (void *)TB_MAP_FLAGS},
    {"numa_node", tb_map_setting_get, tb_map_setting_set,
     "Node that its memory is taken from, with the flag BPF_F_NUMA_NODE.",
     (void *)TB_MAP_NUMA_NODE},
    {"map_extra", tb_map_setting_get, tb_map_setting_set,
     "A number more that some kinds take: hashes of a bloom filter, an arena's "
     "address.",
     (void *)TB_MAP_EXTRA},
    {"ifindex", tb_map_setting_get, tb_map_setting_set,
     "Interface that a map offloaded to hardware belongs to; 0 for none.",
     (void *)TB_MAP_IFINDEX},
    {"autocreate", tb_map_setting_get, tb_map_setting_set,
     "Whether loading creates the map.", (void *)TB_MAP_AUTOCREATE},
    {"autoattach", tb_map_setting_get, tb_map_setting_set,
     "Whether a struct_ops map is attached with its object.",
     (void *)TB_MAP_AUTOATTACH},
    {"pin_path", tb_map_setting_get, tb_map_setting_set,
     "Path that loading pins the map at, or takes it over from; None for none.",
     (void *)TB_MAP_PIN_PATH},
    {"inner_map", tb_map_setting_get, tb_map_setting_set,
     "What the maps in a map of maps are like, before it is loaded; None if not known.",
     (void *)TB_MAP_INNER},
    {"fd", map_fd, NULL,
     "File descriptor, owned by the object, or by the map if it is stand-alone.", NULL},
    {"id", tb_map_id, NULL, "Number that the kernel knows the map by.", NULL},
    {"info", tb_map_info, NULL, "What the map is, as one value that outlives it.",
     NULL},
    {"btf_key", map_btf_key, NULL,
     "What BTF says of a key, behind typedefs; None where it says nothing.", NULL},
    {"btf_value", map_btf_value, NULL,
     "What BTF says of a value, behind typedefs; None where it says nothing.", NULL},
    {"is_percpu", map_is_percpu, NULL,
     "Whether a key has a value for each possible CPU.", NULL},
    {"is_standalone", map_is_standalone, NULL,
     "Whether the map was opened by itself and must be closed.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc,
     "A map in the kernel, used as a dictionary.\n\n"
     "Keys and values are numbers, Records or bytes, as BTF says; an array's keys are\n"
     "its indices. `bool(m)` is True, also for an empty map.\n\n"
     "    counts = obj.maps[\"counts\"]\n"
     "    counts[1234] = 0\n"
     "    counts.update({1: 2, 3: 4})\n"
     "    for pid, n in counts.items():\n"
     "        print(pid, n)"},
    {Py_tp_new, tb_state_no_new},
    {Py_tp_methods, methods},
    {Py_tp_members, members},
    {Py_tp_getset, getset},
    {Py_tp_repr, map_repr},
    {Py_tp_iter, tb_map_iter},
    {Py_mp_subscript, tb_map_subscript},
    {Py_mp_ass_subscript, tb_map_ass_subscript},
    {Py_mp_length, tb_map_length},
    {Py_sq_contains, tb_map_contains},
    {Py_nb_bool, map_bool},
    {Py_tp_traverse, map_traverse},
    {Py_tp_finalize, map_finalize},
    {Py_tp_dealloc, map_dealloc},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "tinybpf.BpfMap",
    .basicsize = sizeof(BpfMap),
    .flags = TB_TYPE_FLAGS,
    .slots = slots,
};

int
tb_map_add(PyObject *module)
{
    return tb_state_add_type(module, TB_TYPE_MAP, &spec);
}
