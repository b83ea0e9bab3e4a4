/* SPDX-License-Identifier: MIT
 *
 * Information about maps (map/info.h): what is kept of a closed one, and what the
 * kernel says of an open one, by BPF_OBJ_GET_INFO_BY_FD and by /proc/self/fdinfo.
 */
#include "map/info.h"

#include "base/enums.h"
#include "base/libbpf.h"
#include "error/raise.h"
#include "host/fd.h"
#include "host/hint.h"

#include <string.h>

int
tb_map_is_frozen_nogil(int fd)
{
    struct tb_fd_more more;

    tb_fd_more_nogil(fd, &more);
    return more.frozen > 0;
}

/* Ask the kernel; 0, or -1 with an exception. more may be NULL. */
static int
ask(BpfMap *self, struct bpf_map_info *out_info, struct tb_fd_more *out_more)
{
    uint32_t size = sizeof(*out_info);
    int own, fd = tb_map_borrow(self, &own);
    int err;

    memset(out_info, 0, sizeof(*out_info));
    if (fd < 0) {
        return -1;
    }
    Py_BEGIN_ALLOW_THREADS
    err = bpf_map_get_info_by_fd(fd, out_info, &size);
    if (out_more != NULL) {
        tb_fd_more_nogil(fd, out_more);
    }
    Py_END_ALLOW_THREADS
    tb_map_give_back(self, own);
    if (err < 0) {
        struct tb_hint hint = {.lacking = 0};
        struct tb_failure failure = {.err = err, .hint = &hint};

        tb_hint_of_call("asking about", "a map", &hint);
        tb_error_refused(tb_state_of(self), &failure, "info of map %R", self->name);
    }
    return err < 0 ? -1 : 0;
}

PyObject *
tb_map_id(PyObject *self, void *unused)
{
    uint32_t found = ((BpfMap *)self)->found.id;
    struct bpf_map_info info = {.id = found};

    (void)unused;
    return found == 0 && ask((BpfMap *)self, &info, NULL) < 0
               ? NULL
               : PyLong_FromUnsignedLong(info.id);
}

/* A number, or None if it is negative: not known. */
static PyObject *
number_or_none(long long number)
{
    return number < 0 ? tb_new_ref(Py_None) : PyLong_FromLongLong(number);
}

/* The fields of MapInfo that only an open map has, as a dict. */
static PyObject *
live_fields(BpfMap *self)
{
    struct bpf_map_info info;
    struct tb_fd_more more;
    PyObject *memlock, *frozen, *fields = NULL;

    if (ask(self, &info, &more) < 0) {
        return NULL;
    }
    memlock = number_or_none(more.memlock);
    frozen = more.frozen < 0 ? tb_new_ref(Py_None) : PyBool_FromLong(more.frozen);
    if (memlock != NULL && frozen != NULL) {
        fields = Py_BuildValue(
            "{sI sI sK sI sI sI sI sO sO}", "id", info.id, "flags", info.map_flags,
            "map_extra", (unsigned long long)info.map_extra, "ifindex", info.ifindex,
            "btf_id", info.btf_id, "btf_key_type_id", info.btf_key_type_id,
            "btf_value_type_id", info.btf_value_type_id, "memlock", memlock, "frozen",
            frozen);
    }
    Py_XDECREF(memlock);
    Py_XDECREF(frozen);
    return fields;
}

PyObject *
tb_map_info_make(struct tb_state *state, const struct tb_map_brief *brief,
                 PyObject *fields)
{
    PyObject *class = tb_state_python_class("MapInfo");
    PyObject *type = NULL, *args = NULL, *info = NULL;

    if (class != NULL) {
        type = tb_enums_member(state, TB_ENUM_MAP_TYPE, (long)brief->type);
    }
    if (type != NULL) {
        args = Py_BuildValue("(OOIII)", brief->name, type, brief->key_size,
                             brief->value_size, brief->max_entries);
    }
    if (args != NULL) {
        info = PyObject_Call(class, args, fields);
    }
    Py_XDECREF(class);
    Py_XDECREF(type);
    Py_XDECREF(args);
    return info;
}

PyObject *
tb_map_info(PyObject *op, void *unused)
{
    BpfMap *self = (BpfMap *)op;
    const struct tb_map_brief brief = {
        .name = self->name,
        .type = self->traits.type,
        .key_size = self->traits.key.size,
        .value_size = self->traits.value.size,
        .max_entries = self->traits.max_entries,
    };
    PyObject *fields = NULL, *info;

    (void)unused;
    if (tb_map_is_live(self) && (fields = live_fields(self)) == NULL) {
        return NULL;
    }
    info = tb_map_info_make(tb_state_of(self), &brief, fields);
    Py_XDECREF(fields);
    return info;
}

PyObject *
tb_map_info_kind(PyObject *module, PyObject *map)
{
    if (Py_TYPE(map) != tb_state_of_module(module)->types[TB_TYPE_MAP]) {
        PyErr_Format(PyExc_TypeError, "a BpfMap is needed, not %R", Py_TYPE(map));
        return NULL;
    }
    return tb_enums_name(TB_ENUM_MAP_TYPE, (long)((BpfMap *)map)->traits.type);
}
