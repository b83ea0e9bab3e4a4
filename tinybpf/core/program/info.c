/* SPDX-License-Identifier: MIT
 *
 * Information about programs (program/info.h), by BPF_OBJ_GET_INFO_BY_FD: a first call
 * says how long each array is, a second one fills that which is asked for.
 */
#include "program/info.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "btf/open.h"
#include "error/raise.h"
#include "host/fd.h"
#include "host/hint.h"
#include "owner/program.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An array of a program's info: where its address, its length and the size of its
 * elements stand (0: bytes of one each), and that size. */
struct array {
    const char *what;
    size_t address, length, element_at;
    uint32_t element;
};

#define AT(field) offsetof(struct bpf_prog_info, field)

static const struct array map_ids = {"map ids", AT(map_ids), AT(nr_map_ids), 0,
                                     sizeof(uint32_t)};
static const struct array xlated = {"instructions", AT(xlated_prog_insns),
                                    AT(xlated_prog_len), 0, 1};
static const struct array jited = {"machine code", AT(jited_prog_insns),
                                   AT(jited_prog_len), 0, 1};
static const struct array line_info = {"lines", AT(line_info), AT(nr_line_info),
                                       AT(line_info_rec_size),
                                       sizeof(struct bpf_line_info)};
static const struct array line_addresses = {
    "addresses of lines", AT(jited_line_info), AT(nr_jited_line_info),
    AT(jited_line_info_rec_size), sizeof(uint64_t)};

static uint32_t *
number_at(struct bpf_prog_info *info, size_t offset)
{
    return (uint32_t *)((char *)info + offset);
}

/* Ask the kernel; 0, or -1 with an exception. What info holds asks for more. */
static int
ask(BpfProgram *self, struct bpf_prog_info *info)
{
    uint32_t size = sizeof(*info);
    int own, fd = tb_program_borrow(self, &own);
    int err;

    if (fd < 0) {
        return -1;
    }
    Py_BEGIN_ALLOW_THREADS
    err = bpf_prog_get_info_by_fd(fd, info, &size);
    Py_END_ALLOW_THREADS
    tb_program_give_back(self, own);
    if (err < 0) {
        struct tb_hint hint = {.lacking = 0};
        struct tb_failure failure = {.err = err, .hint = &hint};

        tb_hint_of_call("asking about", "a program", &hint);
        tb_error_refused(tb_state_of(self), &failure, "info of program %R", self->name);
    }
    return err < 0 ? -1 : 0;
}

/* One of the arrays, to be freed, and its length; NULL with an exception, also where
 * the kernel hides it. Programs do not change, but maps can be bound to them: a list
 * that has grown meanwhile is cut. */
static void *
fetch(BpfProgram *self, const struct array *array, struct bpf_prog_info *out_info,
      uint32_t *out_n)
{
    uint64_t address;
    uint32_t n;
    void *data;

    memset(out_info, 0, sizeof(*out_info));
    if (ask(self, out_info) < 0) {
        return NULL;
    }
    n = *number_at(out_info, array->length);
    data = calloc((size_t)n + 1, array->element);
    if (data == NULL) {
        return PyErr_NoMemory();
    }
    memset(out_info, 0, sizeof(*out_info));
    address = (uintptr_t)data;
    memcpy((char *)out_info + array->address, &address, sizeof(address));
    *number_at(out_info, array->length) = n;
    if (array->element_at != 0) {
        *number_at(out_info, array->element_at) = array->element;
    }
    if (ask(self, out_info) < 0) {
        free(data);
        return NULL;
    }
    memcpy(&address, (char *)out_info + array->address, sizeof(address));
    if (n > 0 && address == 0) {
        free(data);
        return tb_error_raise(tb_state_of(self), TB_ERROR_PERMISSION, EPERM,
                              "%s of program %R: the kernel shows them to "
                              "CAP_SYS_ADMIN alone, and hides addresses where "
                              "kernel.kptr_restrict is 2",
                              array->what, self->name);
    }
    if (*number_at(out_info, array->length) < n) {
        n = *number_at(out_info, array->length);
    }
    *out_n = n;
    return data;
}

PyObject *
tb_program_id(PyObject *self, void *unused)
{
    uint32_t found = ((BpfProgram *)self)->found.id;
    struct bpf_prog_info info = {.id = found};

    (void)unused;
    return found == 0 && ask((BpfProgram *)self, &info) < 0
               ? NULL
               : PyLong_FromUnsignedLong(info.id);
}

PyObject *
tb_program_section(PyObject *op, void *unused)
{
    BpfProgram *self = (BpfProgram *)op;
    struct bpf_program *handle;

    (void)unused;
    if (tb_program_is_standalone(self) && tb_program_is_open(self)) {
        return PyUnicode_FromString("");
    }
    handle = tb_program_handle(self);
    return handle ? tb_args_text(bpf_program__section_name(handle)) : NULL;
}

/* The ids of the maps that it uses: a tuple of int. */
static PyObject *
make_map_ids(BpfProgram *self, struct bpf_prog_info *out_info)
{
    uint32_t n, *ids = fetch(self, &map_ids, out_info, &n);
    PyObject *tuple = ids ? PyTuple_New((Py_ssize_t)n) : NULL;

    for (uint32_t i = 0; tuple != NULL && i < n; i++) {
        PyObject *id = PyLong_FromUnsignedLong(ids[i]);

        if (id == NULL) {
            Py_CLEAR(tuple);
        }
        else {
            PyTuple_SetItem(tuple, (Py_ssize_t)i, id);
        }
    }
    free(ids);
    return tuple;
}

/* The bytes that it is charged for, or None; NULL with an exception. */
static PyObject *
make_memlock(BpfProgram *self)
{
    int own, fd = tb_program_borrow(self, &own);
    struct tb_fd_more more;

    if (fd < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    tb_fd_more_nogil(fd, &more);
    Py_END_ALLOW_THREADS
    tb_program_give_back(self, own);
    return more.memlock < 0 ? tb_new_ref(Py_None) : PyLong_FromLongLong(more.memlock);
}

/* The fields of ProgramInfo that only a loaded program has, as a dict. */
static PyObject *
live_fields(BpfProgram *self)
{
    struct bpf_prog_info info;
    PyObject *ids = make_map_ids(self, &info), *fields = NULL;
    PyObject *memlock = ids ? make_memlock(self) : NULL;
    char tag[2 * BPF_TAG_SIZE + 1];

    if (memlock == NULL) {
        Py_XDECREF(ids);
        return NULL;
    }
    for (size_t i = 0; i < BPF_TAG_SIZE; i++) {
        snprintf(tag + 2 * i, 3, "%02x", info.tag[i]);
    }
    fields = Py_BuildValue(
        "{sI ss sI sI sI sK sK sK sK sI sO sI sN sI sI sI sO}", "id", info.id, "tag",
        tag, "xlated_size", info.xlated_prog_len, "jited_size", info.jited_prog_len,
        "verified_insns", info.verified_insns, "run_time_ns",
        (unsigned long long)info.run_time_ns, "run_cnt",
        (unsigned long long)info.run_cnt, "recursion_misses",
        (unsigned long long)info.recursion_misses, "load_time",
        (unsigned long long)info.load_time, "created_by_uid", info.created_by_uid,
        "map_ids", ids, "ifindex", info.ifindex, "gpl_compatible",
        PyBool_FromLong(info.gpl_compatible), "btf_id", info.btf_id,
        "attach_btf_obj_id", info.attach_btf_obj_id, "attach_btf_id",
        info.attach_btf_id, "memlock", memlock);
    Py_DECREF(ids);
    Py_DECREF(memlock);
    return fields;
}

/* Whether the kernel can be asked: the program is in it. */
static int
is_live(const BpfProgram *self)
{
    return tb_program_is_open(self) &&
           (tb_program_is_standalone(self) ||
            (self->object->phase == TB_LOADED && bpf_program__fd(self->handle) >= 0));
}

PyObject *
tb_program_info(PyObject *op, void *unused)
{
    PyObject *class = tb_state_python_class("ProgramInfo");
    PyObject *section = class ? tb_program_section(op, unused) : NULL;
    PyObject *type = section ? tb_args_attr(op, "type") : NULL;
    PyObject *args = NULL, *fields = NULL, *info = NULL;

    if (type != NULL) {
        args = Py_BuildValue("(OOO)", ((BpfProgram *)op)->name, section, type);
    }
    if (args != NULL && is_live((BpfProgram *)op) &&
        (fields = live_fields((BpfProgram *)op)) == NULL) {
        Py_CLEAR(args);
    }
    if (args != NULL) {
        info = PyObject_Call(class, args, fields);
    }
    Py_XDECREF(class);
    Py_XDECREF(section);
    Py_XDECREF(type);
    Py_XDECREF(args);
    Py_XDECREF(fields);
    return info;
}

/* bytes of an array of them. */
static PyObject *
fetch_bytes(PyObject *op, const struct array *array)
{
    struct bpf_prog_info info;
    uint32_t n = 0;
    void *data = fetch((BpfProgram *)op, array, &info, &n);
    PyObject *bytes = data ? PyBytes_FromStringAndSize(data, (Py_ssize_t)n) : NULL;

    free(data);
    return bytes;
}

PyObject *
tb_program_xlated(PyObject *op, PyObject *unused)
{
    (void)unused;
    return fetch_bytes(op, &xlated);
}

PyObject *
tb_program_jited(PyObject *op, PyObject *unused)
{
    (void)unused;
    return fetch_bytes(op, &jited);
}

/* Where the machine code of each of n lines begins, to be freed; NULL with an
 * exception, or without: the program is interpreted, or the kernel hides addresses. */
static uint64_t *
fetch_addresses(BpfProgram *self, uint32_t n)
{
    struct bpf_prog_info info;
    uint32_t found = 0;
    uint64_t *addresses = fetch(self, &line_addresses, &info, &found);

    if (addresses == NULL &&
        PyErr_ExceptionMatches(tb_state_of(self)->errors[TB_ERROR_PERMISSION])) {
        PyErr_Clear();
    }
    if (found != n) {
        free(addresses);
        addresses = NULL;
    }
    return addresses;
}

/* A ProgramLine; address NULL: it is not known. */
static PyObject *
make_line(PyObject *class, const struct btf *btf, const struct bpf_line_info *line,
          const uint64_t *address)
{
    const char *file = btf__name_by_offset(btf, line->file_name_off);
    const char *source = btf__name_by_offset(btf, line->line_off);
    PyObject *path = tb_args_text(file ? file : "");
    PyObject *text = path ? tb_args_text(source ? source : "") : NULL;
    PyObject *where = text == NULL      ? NULL
                      : address == NULL ? tb_new_ref(Py_None)
                                        : PyLong_FromUnsignedLongLong(*address);
    PyObject *made = NULL;

    if (where != NULL) {
        made =
            PyObject_CallFunction(class, "IOIIOO", line->insn_off, path,
                                  BPF_LINE_INFO_LINE_NUM(line->line_col),
                                  BPF_LINE_INFO_LINE_COL(line->line_col), text, where);
    }
    Py_XDECREF(path);
    Py_XDECREF(text);
    Py_XDECREF(where);
    return made;
}

/* A list of ProgramLine; addresses may be NULL. */
static PyObject *
make_lines(const struct btf *btf, const struct bpf_line_info *lines, uint32_t n,
           const uint64_t *addresses)
{
    PyObject *class = tb_state_python_class("ProgramLine");
    PyObject *list = class ? PyList_New(0) : NULL;

    for (uint32_t i = 0; list != NULL && i < n; i++) {
        const uint64_t *address = addresses ? &addresses[i] : NULL;

        if (tb_args_append_steal(list, make_line(class, btf, &lines[i], address)) < 0) {
            Py_CLEAR(list);
        }
    }
    Py_XDECREF(class);
    return list;
}

/* Raise for BTF that cannot be had, by its error or its problem. */
static void *
raise_no_btf(BpfProgram *self, int err, const char *problem)
{
    struct tb_hint hint = {.lacking = 0};
    struct tb_failure failure = {.err = err, .hint = &hint};

    if (err == 0) {
        return tb_error_raise(tb_state_of(self), TB_ERROR, EINVAL,
                              "lines of program %R: its BTF is broken: %s", self->name,
                              problem);
    }
    tb_hint_of_admin("reading", "the BTF of a loaded program", &hint);
    return tb_error_refused(tb_state_of(self), &failure, "lines of program %R",
                            self->name);
}

PyObject *
tb_program_lines(PyObject *op, PyObject *unused)
{
    BpfProgram *self = (BpfProgram *)op;
    struct bpf_prog_info info;
    uint32_t n = 0;
    struct bpf_line_info *lines = fetch(self, &line_info, &info, &n);
    uint64_t *addresses = lines ? fetch_addresses(self, n) : NULL;
    struct btf *btf = NULL;
    PyObject *list = NULL;
    char problem[160] = "";
    int err = 0;

    (void)unused;
    if (lines != NULL && n == 0) {
        list = PyList_New(0);
    }
    else if (lines != NULL && !PyErr_Occurred()) {
        Py_BEGIN_ALLOW_THREADS
        btf = tb_btf_open_loaded_nogil(info.btf_id, &err, problem);
        Py_END_ALLOW_THREADS
        list = btf ? make_lines(btf, lines, n, addresses)
                   : raise_no_btf(self, err, problem);
    }
    btf__free(btf);
    free(addresses);
    free(lines);
    return list;
}
