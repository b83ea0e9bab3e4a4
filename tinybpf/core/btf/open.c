/* SPDX-License-Identifier: MIT
 *
 * The sources of a Btf (btf/open.h): the running kernel and its modules, files, bytes,
 * and what the kernel keeps by number. What comes from outside the kernel is checked
 * before it is believed.
 */
#include "btf/open.h"

#include "base/file.h"
#include "base/libbpf.h"
#include "btf/btf.h"
#include "btf/check.h"
#include "btf/source.h"
#include "btf/table.h"
#include "error/raise.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define KERNEL "vmlinux"

/* The running kernel's; a new reference. */
static Btf *
open_kernel(struct tb_state *state)
{
    PyObject *name = PyUnicode_FromString(KERNEL);
    struct btf *handle;
    PyObject *btf = NULL;
    struct tb_log log;
    int err = 0;

    if (name == NULL) {
        return NULL;
    }
    tb_log_start(&log);
    Py_BEGIN_ALLOW_THREADS
    handle = btf__load_vmlinux_btf();
    err = handle == NULL ? -errno : 0;
    Py_END_ALLOW_THREADS
    tb_log_stop(&log);
    if (handle != NULL) {
        btf = tb_btf_new_steal(state, handle, name, NULL);
    }
    else if (err == -ENOENT || err == -ESRCH) {
        tb_error_raise(state, TB_ERROR_NOT_SUPPORTED, -err,
                       "this kernel has no type information (/sys/kernel/btf/vmlinux): "
                       "it needs CONFIG_DEBUG_INFO_BTF; give a file of its types "
                       "(Btf.file) instead");
    }
    else {
        tb_error_libbpf(state, err, &log, "reading of the kernel's BTF");
    }
    tb_log_free(&log);
    Py_DECREF(name);
    return (Btf *)btf;
}

PyObject *
tb_btf_open_kernel(PyObject *type, PyObject *unused)
{
    (void)unused;
    return (PyObject *)open_kernel(tb_state_of_class(type));
}

/* A name is a file in /sys/kernel/btf: it must be no path. */
PyObject *
tb_btf_open_module(PyObject *type, PyObject *name)
{
    struct tb_state *state = tb_state_of_class(type);
    const char *text = NULL;
    struct btf *handle;
    PyObject *btf = NULL;
    Btf *base;
    int err = 0;

    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "the name of a module is a str, not %R",
                     Py_TYPE(name));
        return NULL;
    }
    text = PyUnicode_AsUTF8AndSize(name, NULL);
    if (text == NULL) {
        return NULL;
    }
    if (text[0] == '\0' || strlen(text) > 55 || strchr(text, '/') != NULL) {
        PyErr_Format(PyExc_ValueError, "%R is no name of a module", name);
        return NULL;
    }
    base = open_kernel(state);
    if (base == NULL) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    handle = btf__load_module_btf(text, base->handle);
    err = handle == NULL ? -errno : 0;
    Py_END_ALLOW_THREADS
    if (handle != NULL) {
        btf = tb_btf_new_steal(state, handle, name, base);
    }
    else if (err == -ENOENT) {
        tb_error_raise(state, TB_ERROR, ENOENT,
                       "no module %R with type information (/sys/kernel/btf/%U): it is "
                       "not loaded, built into the kernel, or made without "
                       "CONFIG_DEBUG_INFO_BTF_MODULES",
                       name, name);
    }
    else {
        tb_error_libbpf(state, err, NULL, "reading of the BTF of module %R", name);
    }
    Py_DECREF(base);
    return btf;
}

/* Parse; the handle, or NULL with *err = -errno, or with a problem. */
static struct btf *
parse_nogil(const struct tb_btf_source *source, struct btf *base, int *err,
            char problem[160])
{
    struct btf *handle;

    *err = 0;
    if (tb_btf_check(source->data, source->size, base, problem, 160) != NULL) {
        return NULL;
    }
    handle = base != NULL ? btf__new_split(source->data, (uint32_t)source->size, base)
                          : btf__new(source->data, (uint32_t)source->size);
    *err = handle == NULL ? -errno : 0;
    return handle;
}

/* A Btf of bytes that are found; base may be NULL. */
static PyObject *
parse_part(struct tb_state *state, const struct tb_btf_source *source, PyObject *name,
           Btf *base)
{
    char problem[160] = "";
    struct btf *handle = NULL;
    PyObject *btf = NULL;
    struct tb_log log;
    int err;

    tb_log_start(&log);
    Py_BEGIN_ALLOW_THREADS
    handle = parse_nogil(source, base ? base->handle : NULL, &err, problem);
    Py_END_ALLOW_THREADS
    tb_log_stop(&log);
    if (handle != NULL) {
        btf = tb_btf_new_steal(state, handle, name, base);
    }
    else if (problem[0] != '\0') {
        tb_btf_source_raise(state, name, problem);
    }
    else if (err == -EINVAL) {
        tb_error_raise(state, TB_ERROR, EINVAL,
                       "reading of BTF from %R failed: it is malformed%s", name,
                       base ? ", or its base is another one"
                            : ", or goes on from a base that was not given");
    }
    else {
        tb_error_libbpf(state, err, &log, "reading of BTF from %R", name);
    }
    tb_log_free(&log);
    return btf;
}

/* Check the types of a handle where they lie; NULL if they are right. */
static const char *
check_nogil(const struct btf *handle, char problem[160])
{
    uint32_t size = 0;
    const void *data = btf__raw_data(handle, &size);

    if (data == NULL) {
        snprintf(problem, 160, "%s", TB_BTF_NO_MEMORY);
        return problem;
    }
    return tb_btf_check(data, size, btf__base_btf(handle), problem, 160);
}

/* Let a module's BTF, read over the part of its base that it carries, go on from the
 * whole base; 0, or -1 with an exception. libbpf 1.7 counts names by their offsets,
 * which only those of a base that has none itself lie below. The types that were only
 * named in the part are whole now. */
static int
rebase(struct tb_state *state, Btf *btf, Btf *base)
{
    int err = base->base != NULL ? -EINVAL : btf__relocate(btf->handle, base->handle);
    Btf *part = btf->base;
    char problem[160];

    if (err < 0) {
        tb_error_libbpf(state, err, NULL, "relocation of the BTF %R to %R", btf->name,
                        base->name);
        return -1;
    }
    if (check_nogil(btf->handle, problem) != NULL) {
        tb_btf_source_raise(state, btf->name, problem);
        return -1;
    }
    btf->base = (Btf *)tb_new_ref(base);
    Py_DECREF(part);
    return 0;
}

/* A Btf of bytes; base may be NULL. */
static PyObject *
parse(struct tb_state *state, struct tb_btf_source *source, PyObject *name, Btf *base)
{
    struct tb_btf_source part = {.data = NULL};
    PyObject *carried, *btf;

    if (tb_btf_source_find(state, source, name) < 0) {
        return NULL;
    }
    if (source->base == NULL) {
        return parse_part(state, source, name, base);
    }
    part.data = source->base;
    part.size = source->base_size;
    carried = parse_part(state, &part, name, NULL);
    btf = carried ? parse_part(state, source, name, (Btf *)carried) : NULL;
    if (btf != NULL && base != NULL && rebase(state, (Btf *)btf, base) < 0) {
        Py_CLEAR(btf);
    }
    Py_XDECREF(carried);
    return btf;
}

/* Check the argument `base`: *out is NULL for None; 0 or -1. */
static int
read_base(struct tb_state *state, PyObject *arg, Btf **out)
{
    *out = NULL;
    if (arg == NULL || arg == Py_None) {
        return 0;
    }
    if (Py_TYPE(arg) != state->types[TB_TYPE_BTF]) {
        PyErr_Format(PyExc_TypeError, "base is a Btf or None, not %R", Py_TYPE(arg));
        return -1;
    }
    *out = (Btf *)arg;
    return 0;
}

PyObject *
tb_btf_open_parse(PyObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"data", "base", "name", NULL};
    struct tb_state *state = tb_state_of_class(type);
    PyObject *data, *base_arg = NULL, *name = NULL, *btf = NULL;
    struct tb_btf_source source = {.data = NULL};
    PyObject *bytes = NULL;
    Btf *base;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|OU:parse", (char **)names, &data,
                                     &base_arg, &name) ||
        read_base(state, base_arg, &base) < 0) {
        return NULL;
    }
    name = name ? tb_new_ref(name) : PyUnicode_FromString("<bytes>");
    if (name != NULL && !PyObject_CheckBuffer(data)) {
        PyErr_Format(PyExc_TypeError, "data is bytes-like, not %R", Py_TYPE(data));
    }
    else if (name != NULL) {
        bytes = PyBytes_FromObject(data); /* a copy, if it could change */
    }
    if (bytes != NULL) {
        source.data = PyBytes_AsString(bytes);
        source.size = (size_t)PyBytes_Size(bytes);
        btf = parse(state, &source, name, base);
    }
    Py_XDECREF(bytes);
    Py_XDECREF(name);
    return btf;
}

PyObject *
tb_btf_open_file(PyObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"path", "base", NULL};
    struct tb_state *state = tb_state_of_class(type);
    PyObject *path, *base_arg = NULL, *name = NULL, *btf = NULL;
    struct tb_btf_source source = {.data = NULL};
    struct tb_file file = {.fd = -1};
    Btf *base;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O:file", (char **)names, &path,
                                     &base_arg) ||
        read_base(state, base_arg, &base) < 0 || !PyUnicode_FSDecoder(path, &name)) {
        return NULL;
    }
    if (tb_file_read(&file, name) == 0) {
        source.data = file.data;
        source.size = file.size;
        btf = parse(state, &source, name, base);
    }
    tb_file_free(&file);
    Py_DECREF(name);
    return btf;
}

int
tb_btf_loaded_info_nogil(uint32_t id, struct bpf_btf_info *out_info, char *out_name,
                         uint32_t name_size)
{
    uint32_t size = sizeof(*out_info);
    int fd = bpf_btf_get_fd_by_id(id);
    int err;

    if (fd < 0) {
        return -errno;
    }
    memset(out_info, 0, size);
    memset(out_name, 0, name_size);
    out_info->name = (uint64_t)(uintptr_t)out_name;
    out_info->name_len = name_size;
    err = bpf_btf_get_info_by_fd(fd, out_info, &size) < 0 ? -errno : 0;
    if (err == -E2BIG) { /* before 5.11 BTF has no name, and the kernel's no id */
        size = sizeof(*out_info);
        memset(out_info, 0, size);
        err = bpf_btf_get_info_by_fd(fd, out_info, &size) < 0 ? -errno : 0;
        out_info->name = (uint64_t)(uintptr_t)out_name; /* "" */
    }
    close(fd);
    return err;
}

struct btf *
tb_btf_open_loaded_nogil(uint32_t id, int *err, char problem[160])
{
    struct btf *handle = btf__load_from_kernel_by_id(id);

    *err = handle == NULL ? -errno : 0;
    if (handle != NULL && check_nogil(handle, problem) != NULL) {
        *err = -tb_btf_table_errno(problem, 0);
        btf__free(handle);
        handle = NULL;
    }
    return handle;
}

/* Read the BTF of a number: the kernel's own and a module's (base: the kernel's) are
 * its word, what else there is some process has loaded. */
static struct btf *
load_id_nogil(uint32_t id, const struct bpf_btf_info *info, struct btf *base, int *err,
              char problem[160])
{
    struct btf *handle;

    if (!info->kernel_btf) {
        return tb_btf_open_loaded_nogil(id, err, problem);
    }
    handle = btf__load_from_kernel_by_id_split(id, base);
    *err = handle == NULL ? -errno : 0;
    return handle;
}

/* The Btf of that number over its base. */
static PyObject *
open_id(struct tb_state *state, uint32_t id, const struct bpf_btf_info *info, Btf *base)
{
    const char *text = (const char *)(uintptr_t)info->name;
    PyObject *name = text[0] != '\0' ? PyUnicode_DecodeFSDefault(text)
                                     : PyUnicode_FromFormat("id %u", (unsigned int)id);
    struct btf *handle;
    PyObject *btf = NULL;
    char problem[160] = "";
    int err = 0;

    if (name == NULL) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    handle = load_id_nogil(id, info, base ? base->handle : NULL, &err, problem);
    Py_END_ALLOW_THREADS
    if (handle != NULL) {
        btf = tb_btf_new_steal(state, handle, name, base);
    }
    else if (problem[0] != '\0') {
        tb_btf_source_raise(state, name, problem);
    }
    else {
        tb_error_libbpf(state, err, NULL, "reading of the BTF of id %u",
                        (unsigned int)id);
    }
    Py_DECREF(name);
    return btf;
}

/* A module goes on from the kernel; everything else stands by itself. */
PyObject *
tb_btf_open_id(PyObject *type, PyObject *arg)
{
    struct tb_state *state = tb_state_of_class(type);
    unsigned long id = PyLong_AsUnsignedLong(arg);
    char name[64] = "";
    struct bpf_btf_info info;
    Btf *base = NULL;
    PyObject *btf;
    int err;

    if (PyErr_Occurred()) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    err = id > UINT32_MAX
              ? -ENOENT
              : tb_btf_loaded_info_nogil((uint32_t)id, &info, name, sizeof(name));
    Py_END_ALLOW_THREADS
    if (err < 0) {
        return tb_error_libbpf(state, err, NULL, "reading of the BTF of id %lu", id);
    }
    if (info.kernel_btf && strcmp(name, KERNEL) != 0) { /* a module's */
        base = open_kernel(state);
        if (base == NULL) {
            return NULL;
        }
    }
    btf = open_id(state, (uint32_t)id, &info, base);
    Py_XDECREF(base);
    return btf;
}
