/* SPDX-License-Identifier: MIT
 *
 * The way from objects, given as files or bytes, to the relocations in them
 * (btf/minimize.h).
 */
#include "btf/minimize.h"

#include "base/libbpf.h"
#include "btf/btf.h"
#include "btf/check.h"
#include "btf/ext.h"
#include "btf/mark.h"
#include "btf/open.h"
#include "elf/image.h"
#include "error/raise.h"

#include <errno.h>
#include <string.h>

/* An object in memory. */
struct object {
    PyObject *name; /* owned; str, for errors */
    Py_buffer view;
    int has_view;
    const void *ext; /* its relocations; NULL: none */
    size_t ext_size;
    struct btf *btf; /* owned; NULL if ext is */
};

static void
object_close(struct object *object)
{
    btf__free(object->btf);
    if (object->has_view) {
        PyBuffer_Release(&object->view);
    }
    Py_XDECREF(object->name);
}

/* Get the bytes: of a file, unless they are given themselves; 0, or -1 with an
 * exception.
 */
static int
object_read(struct object *object, PyObject *given)
{
    PyObject *data;
    int rc;

    if (PyObject_CheckBuffer(given)) {
        object->name = PyUnicode_FromString("<bytes>");
        data = tb_new_ref(given);
    }
    else if (PyUnicode_FSDecoder(given, &object->name)) {
        data = tb_btf_open_read(object->name);
    }
    else {
        return -1;
    }
    rc = data && object->name ? PyObject_GetBuffer(data, &object->view, PyBUF_SIMPLE)
                              : -1;
    object->has_view = rc == 0;
    Py_XDECREF(data);
    return rc;
}

/* Find and parse what is needed; 0, or -1 with an exception. */
static int
object_open(struct tb_state *state, struct object *object, PyObject *given)
{
    const void *types;
    char problem[160];
    size_t size = 0;

    *object = (struct object){.name = NULL};
    if (object_read(object, given) < 0) {
        return -1;
    }
    if (!tb_elf_is_elf(object->view.buf, (size_t)object->view.len)) {
        tb_error_raise(state, TB_ERROR, ENOEXEC,
                       "%R is not an ELF file; give the .bpf.o that clang -target bpf "
                       "made",
                       object->name);
        return -1;
    }
    object->ext = tb_elf_section(object->view.buf, (size_t)object->view.len, ".BTF.ext",
                                 &object->ext_size);
    types = tb_elf_section(object->view.buf, (size_t)object->view.len, ".BTF", &size);
    if (types == NULL || object->ext == NULL) {
        object->ext = NULL;
        return 0;
    }
    object->btf = size <= INT32_MAX ? btf__new(types, (uint32_t)size) : NULL;
    if (object->btf != NULL &&
        tb_btf_check_types(object->btf, problem, sizeof(problem)) == NULL) {
        return 0;
    }
    tb_error_raise(state, TB_ERROR, EINVAL, "the type information of %R is malformed",
                   object->name);
    return -1;
}

static int
raise_malformed(struct tb_state *state, const struct object *object)
{
    tb_error_raise(state, TB_ERROR, EINVAL,
                   "the relocations of %R (section .BTF.ext) are malformed",
                   object->name);
    return -1;
}

/* Mark what one object needs; 0, or -1 with an exception. */
static int
add_object(Btf *self, struct tb_btf_marks *marks, PyObject *given)
{
    struct tb_state *state = tb_state_of(self);
    struct object object;
    int rc = object_open(state, &object, given), err = 0;

    if (rc == 0 && object.ext != NULL) {
        Py_BEGIN_ALLOW_THREADS
        err = tb_btf_marks_add(marks, object.btf, object.ext, object.ext_size);
        Py_END_ALLOW_THREADS
        rc = err < 0 ? raise_malformed(state, &object) : 0;
    }
    object_close(&object);
    return rc;
}

PyObject *
tb_btf_minimize(PyObject *op, PyObject *objects)
{
    Btf *self = (Btf *)op;
    struct tb_state *state = tb_state_of(self);
    struct tb_btf_marks marks;
    struct btf *handle = NULL;
    PyObject *result = NULL;
    int err = tb_btf_marks_init(&marks, self->handle);

    for (Py_ssize_t i = 0; err == 0 && i < PyTuple_Size(objects); i++) {
        if (add_object(self, &marks, PyTuple_GetItem(objects, i)) < 0) {
            goto done;
        }
    }
    if (err == 0) {
        Py_BEGIN_ALLOW_THREADS
        handle = tb_btf_marks_build(&marks, &err);
        Py_END_ALLOW_THREADS
    }
    if (handle == NULL) {
        tb_error_libbpf(state, err, NULL, "minimising of the BTF %R", self->name);
    }
    else {
        result = tb_btf_new_steal(state, handle, self->name, NULL);
    }
done:
    tb_btf_marks_free(&marks);
    return result;
}

static PyObject *
decode(const char *text)
{
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "backslashreplace");
}

/* Append (section, function, instruction, type, access, kind) to the list. */
static int
append_relocation(const struct tb_btf_relocation *relocation, void *list)
{
    PyObject *one = Py_BuildValue(
        "(NNIINI)", decode(relocation->section), decode(relocation->function),
        (unsigned int)relocation->insn, (unsigned int)relocation->type_id,
        decode(relocation->access), (unsigned int)relocation->kind);
    int rc = one != NULL ? PyList_Append(list, one) : -1;

    Py_XDECREF(one);
    return rc < 0 ? -ENOMEM : 0;
}

PyObject *
tb_btf_relocations(PyObject *module, PyObject *data)
{
    struct tb_state *state = tb_state_of_module(module);
    PyObject *list = PyList_New(0);
    struct object object;
    int rc = object_open(state, &object, data), err = 0;

    if (list != NULL && rc == 0 && object.ext != NULL) {
        err = tb_btf_ext_visit(object.btf, object.ext, object.ext_size,
                               append_relocation, list);
    }
    if (err < 0 && !PyErr_Occurred()) {
        raise_malformed(state, &object);
    }
    if (rc < 0 || err < 0) {
        Py_CLEAR(list);
    }
    object_close(&object);
    return list;
}

PyObject *
tb_btf_section(PyObject *module, PyObject *args)
{
    struct object object = {.name = NULL};
    PyObject *given, *result = NULL;
    const void *data;
    const char *name;
    size_t size = 0;

    (void)module;
    if (!PyArg_ParseTuple(args, "Os:_section", &given, &name)) {
        return NULL;
    }
    if (object_read(&object, given) == 0) {
        data = tb_elf_section(object.view.buf, (size_t)object.view.len, name, &size);
        result = data != NULL ? PyBytes_FromStringAndSize(data, (Py_ssize_t)size)
                              : tb_new_ref(Py_None);
    }
    object_close(&object);
    return result;
}
