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
#include "elf/image.h"
#include "error/raise.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define KERNEL "vmlinux"

/* Bytes that should be a BTF. */
struct source {
    const void *data;
    size_t size;
    const void *base; /* of a module that carries the part of its base that it needs */
    size_t base_size;
};

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

/* Find the BTF in bytes that may be an ELF file; 0, or -1 with an exception. */
static int
find_source(struct tb_state *state, struct source *source, PyObject *name)
{
    const void *image = source->data;
    size_t size = source->size;

    if (!tb_elf_is_elf(image, size)) {
        return 0;
    }
    source->base = tb_elf_section(image, size, ".BTF.base", &source->base_size);
    source->data = tb_elf_section(image, size, ".BTF", &source->size);
    if (source->data != NULL) {
        return 0;
    }
    tb_error_raise(state, TB_ERROR, ENODATA,
                   "%R has no type information: it is an ELF file without a whole .BTF "
                   "section; compile with -g, or read a kernel's debug symbols with "
                   "pahole -J",
                   name);
    return -1;
}

/* Parse; the handle, or NULL with *err = -errno, or with a problem. */
static struct btf *
parse_nogil(const struct source *source, struct btf *base, int *err, char problem[160])
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
parse_part(struct tb_state *state, const struct source *source, PyObject *name,
           Btf *base)
{
    char problem[160] = "";
    struct btf *handle = NULL;
    PyObject *btf = NULL;
    struct tb_log log;
    int err;

    if (source->size > INT32_MAX) {
        tb_error_raise(state, TB_ERROR, E2BIG, "%R is too large for a BTF", name);
        return NULL;
    }
    tb_log_start(&log);
    Py_BEGIN_ALLOW_THREADS
    handle = parse_nogil(source, base ? base->handle : NULL, &err, problem);
    Py_END_ALLOW_THREADS
    tb_log_stop(&log);
    if (handle != NULL) {
        btf = tb_btf_new_steal(state, handle, name, base);
    }
    else if (problem[0] != '\0') {
        tb_error_raise(state, TB_ERROR, EINVAL, "reading of BTF from %R failed: %s",
                       name, problem);
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

/* Let a module's BTF, read over the part of its base that it carries, go on from the
 * whole base; 0, or -1 with an exception. */
static int
rebase(struct tb_state *state, Btf *btf, Btf *base)
{
    int err = btf__relocate(btf->handle, base->handle);
    Btf *part = btf->base;

    if (err < 0) {
        tb_error_libbpf(state, err, NULL, "relocation of the BTF %R to %R", btf->name,
                        base->name);
        return -1;
    }
    btf->base = (Btf *)tb_new_ref(base);
    Py_DECREF(part);
    return 0;
}

/* A Btf of bytes; base may be NULL. */
static PyObject *
parse(struct tb_state *state, struct source *source, PyObject *name, Btf *base)
{
    struct source part = {.data = NULL};
    PyObject *carried, *btf;

    if (find_source(state, source, name) < 0) {
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
    struct source source = {.data = NULL};
    Py_buffer view;
    Btf *base;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|OU:parse", (char **)names, &data,
                                     &base_arg, &name) ||
        read_base(state, base_arg, &base) < 0) {
        return NULL;
    }
    name = name ? tb_new_ref(name) : PyUnicode_FromString("<bytes>");
    if (name != NULL && PyObject_GetBuffer(data, &view, PyBUF_SIMPLE) == 0) {
        source.data = view.buf;
        source.size = (size_t)view.len;
        btf = parse(state, &source, name, base);
        PyBuffer_Release(&view);
    }
    Py_XDECREF(name);
    return btf;
}

PyObject *
tb_btf_open_file(PyObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"path", "base", NULL};
    struct tb_state *state = tb_state_of_class(type);
    PyObject *path, *base_arg = NULL, *name = NULL, *btf = NULL;
    struct source source = {.data = NULL};
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

/* What the kernel says of a BTF by number; 0 or -errno. */
static int
get_info_nogil(uint32_t id, struct bpf_btf_info *info, char *name, uint32_t name_size)
{
    uint32_t size = sizeof(*info);
    int fd = bpf_btf_get_fd_by_id(id);
    int err;

    if (fd < 0) {
        return -errno;
    }
    memset(info, 0, size);
    info->name = (uint64_t)(uintptr_t)name;
    info->name_len = name_size;
    err = bpf_btf_get_info_by_fd(fd, info, &size) < 0 ? -errno : 0;
    close(fd);
    return err;
}

/* The Btf of that number over its base. */
static PyObject *
open_id(struct tb_state *state, uint32_t id, const char *text, Btf *base)
{
    PyObject *name = text[0] != '\0' ? PyUnicode_DecodeFSDefault(text)
                                     : PyUnicode_FromFormat("id %u", (unsigned int)id);
    struct btf *handle;
    PyObject *btf = NULL;
    int err = 0;

    if (name == NULL) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    handle = btf__load_from_kernel_by_id_split(id, base ? base->handle : NULL);
    err = handle == NULL ? -errno : 0;
    Py_END_ALLOW_THREADS
    if (handle != NULL) {
        btf = tb_btf_new_steal(state, handle, name, base);
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
    err = id > UINT32_MAX ? -ENOENT
                          : get_info_nogil((uint32_t)id, &info, name, sizeof(name));
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
    btf = open_id(state, (uint32_t)id, name, base);
    Py_XDECREF(base);
    return btf;
}
