/* SPDX-License-Identifier: MIT
 *
 * What a map says of itself (map/about.h): the table of its properties, and repr.
 */
#include "map/about.h"

#include "base/args.h"
#include "base/enums.h"
#include "btf/type.h"
#include "map/info.h"
#include "map/setting.h"

static PyObject *
type_of(const BpfMap *self)
{
    return tb_enums_member(tb_state_of((void *)self), TB_ENUM_MAP_TYPE,
                           (long)self->type);
}

static PyObject *
map_fd(PyObject *self, void *unused)
{
    int fd = tb_map_fd((BpfMap *)self);

    (void)unused;
    return fd < 0 ? NULL : PyLong_FromLong(fd);
}

/* What BTF says of its keys or values. */
static PyObject *
describe(BpfMap *self, uint32_t id)
{
    Btf *btf = NULL;

    if (id != 0 && tb_map_btf(self, &btf) < 0) {
        return NULL;
    }
    if (btf == NULL) {
        Py_RETURN_NONE;
    }
    return tb_btf_type_new(btf, id);
}

static PyObject *
map_btf_key(PyObject *self, void *unused)
{
    (void)unused;
    return describe((BpfMap *)self, ((BpfMap *)self)->key_btf_id);
}

static PyObject *
map_btf_value(PyObject *self, void *unused)
{
    (void)unused;
    return describe((BpfMap *)self, ((BpfMap *)self)->value_btf_id);
}

static PyObject *
map_is_standalone(PyObject *self, void *unused)
{
    (void)unused;
    return PyBool_FromLong(((BpfMap *)self)->object == NULL);
}

static PyObject *
map_is_percpu(PyObject *self, void *unused)
{
    (void)unused;
    return PyBool_FromLong(tb_map_is_percpu((BpfMap *)self));
}

/* <BpfMap 'flows' HASH flow -> stats, max_entries=1024, fd=5> */
PyObject *
tb_map_repr(PyObject *op)
{
    BpfMap *self = (BpfMap *)op;
    PyObject *type, *kind, *where, *text = NULL;

    if (!tb_map_is_open(self)) {
        return PyUnicode_FromFormat("<BpfMap %R closed>", self->name);
    }
    type = type_of(self);
    if (type == NULL) {
        return NULL;
    }
    kind = PyObject_HasAttrString(type, "name") ? tb_args_attr(type, "name")
                                                : PyObject_Str(type);
    where = self->fd < 0 ? PyUnicode_FromString("not loaded")
                         : PyUnicode_FromFormat("fd=%d", self->fd);
    if (kind != NULL && where != NULL) {
        text = PyUnicode_FromFormat("<BpfMap %R %U%U, max_entries=%u, %U>", self->name,
                                    kind, self->types, self->max_entries, where);
    }
    Py_DECREF(type);
    Py_XDECREF(kind);
    Py_XDECREF(where);
    return text;
}

PyMemberDef tb_map_members[] = {
    {"name", T_OBJECT, offsetof(BpfMap, name), READONLY,
     "Name of the C variable; of a stand-alone map, as the kernel keeps it (15 "
     "bytes)."},
    {"_chunk", T_UINT, offsetof(BpfMap, chunk), 0, NULL}, /* for tests of walks */
    {NULL, 0, 0, 0, NULL},
};

PyGetSetDef tb_map_getset[] = {
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
     "What BTF says of a key; None where it says nothing.", NULL},
    {"btf_value", map_btf_value, NULL,
     "What BTF says of a value; None where it says nothing.", NULL},
    {"is_percpu", map_is_percpu, NULL,
     "Whether a key has a value for each possible CPU.", NULL},
    {"is_standalone", map_is_standalone, NULL,
     "Whether the map was opened by itself and must be closed.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};
