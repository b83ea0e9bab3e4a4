/* SPDX-License-Identifier: MIT
 *
 * Maps in maps (map/inner.h). The kernel takes a descriptor and gives back an id; it
 * keeps the inner map as long as it is in an outer one.
 */
#include "map/inner.h"

#include "base/libbpf.h"
#include "btf/btf.h"
#include "btf/mapdef.h"
#include "error/raise.h"
#include "host/fd.h"
#include "map/create.h"
#include "map/descriptor.h"
#include "map/kind.h"
#include "map/open.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int
tb_inner_encode(const BpfMap *map, PyObject *value, void *out)
{
    int fd, rc;

    if (PyObject_CheckBuffer(value)) {
        return 0;
    }
    rc = tb_descriptor_of_map(tb_state_of((void *)map), value, &fd);
    if (rc > 0) {
        memcpy(out, &fd, sizeof(fd));
    }
    return rc == 0 ? tb_descriptor_raise_type(map, value) : rc;
}

PyObject *
tb_inner_decode(const BpfMap *map, const void *data)
{
    PyObject *what, *inner = NULL;
    uint32_t id;

    memcpy(&id, data, sizeof(id));
    what = PyUnicode_FromFormat("open of a map in map %R", map->name);
    if (what != NULL) {
        inner = tb_map_open_id(tb_state_of((void *)map), id, 0, what);
        Py_DECREF(what);
    }
    if (inner != NULL) {
        ((BpfMap *)inner)->found.is_quiet = 1;
    }
    return inner;
}

/* What the maps in this one are, by one that is in it: 0 or -errno. */
static int
ask_member_nogil(int fd, uint32_t key_size, struct bpf_map_info *out_info)
{
    unsigned char keys[2][64];
    void *from = NULL;
    uint32_t id;
    int err = key_size > sizeof(keys[0]) ? -ENOENT : 0;

    for (int i = 0; err == 0; i = !i) {
        err = bpf_map_get_next_key(fd, from, keys[i]);
        from = keys[i];
        if (err < 0) {
            return err;
        }
        if (bpf_map_lookup_elem(fd, keys[i], &id) == 0) {
            int inner = bpf_map_get_fd_by_id(id);

            err = inner < 0 ? inner : tb_fd_map_info_nogil(inner, out_info);
            if (inner >= 0) {
                close(inner);
            }
            return err;
        }
    }
    return err;
}

/* What the maps in this one are, by the C source: 0, or -ENOENT. */
static int
ask_source(const BpfMap *self, const Btf *btf, struct bpf_map_info *out_info)
{
    const char *name = self->object ? self->object->maps.items[self->index].name : NULL;
    struct tb_mapdef def;

    if (btf == NULL || name == NULL || tb_mapdef_find(btf->handle, name, &def) < 0 ||
        def.inner == 0) {
        return -ENOENT;
    }
    tb_mapdef_read(btf->handle, def.inner, &def);
    *out_info = (struct bpf_map_info){
        .type = def.type,
        .key_size = def.key_size,
        .value_size = def.value_size,
        .max_entries = def.max_entries,
        .map_flags = def.map_flags,
        .btf_key_type_id = def.key_type_id,
        .btf_value_type_id = def.value_type_id,
    };
    return 0;
}

/* Find out what the maps in this one are, which the caller has acquired; 0, or -1 with
 * an exception. */
static int
fill_spec(BpfMap *self, struct tb_map_spec *spec)
{
    Btf *btf = NULL;
    int err;

    if (self->object != NULL && tb_map_btf(self, &btf) < 0) {
        return -1;
    }
    err = ask_source(self, btf, spec->info);
    if (err == 0) {
        int btf_fd = bpf_object__btf_fd(self->object->handle);

        spec->btf = btf;
        spec->btf_fd = btf_fd > 0 && spec->info->btf_key_type_id ? btf_fd : 0;
        return 0;
    }
    Py_BEGIN_ALLOW_THREADS
    err = ask_member_nogil(self->fd, self->traits.key.size, spec->info);
    Py_END_ALLOW_THREADS
    if (err == 0) {
        spec->info->btf_key_type_id = spec->info->btf_value_type_id = 0;
        spec->info->name[0] = '\0';
        return 0;
    }
    tb_error_raise(tb_state_of(self), TB_ERROR, -err,
                   "create_inner() of map %R failed: neither the C source nor a map "
                   "that is in it says what its maps are; use BpfMap.create()",
                   self->name);
    return -1;
}

PyObject *
tb_map_create_inner(PyObject *op, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"max_entries", "name", NULL};
    BpfMap *self = (BpfMap *)op;
    struct bpf_map_info info = {0};
    struct tb_map_spec spec = {.info = &info};
    unsigned int max_entries = 0;
    const char *name = NULL;
    PyObject *inner = NULL;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|Iz:create_inner", (char **)names,
                                     &max_entries, &name) ||
        tb_map_fd(self) < 0) {
        return NULL;
    }
    if (!tb_map_is_of_maps(self)) {
        return tb_error_raise(tb_state_of(self), TB_ERROR, EINVAL,
                              "create_inner() is for maps of maps; %R is none", self);
    }
    /* The BTF of the spec is the object's: it must not be closed meanwhile. */
    if (tb_map_acquire(self) < 0) {
        return NULL;
    }
    if (fill_spec(self, &spec) == 0 &&
        (name == NULL || tb_map_take_name(name, &info) == 0)) {
        info.max_entries = max_entries ? max_entries : info.max_entries;
        inner = tb_map_make(tb_state_of(self), &spec);
    }
    tb_map_release(self);
    return inner;
}
