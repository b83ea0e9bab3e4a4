/* SPDX-License-Identifier: MIT
 *
 * The way from objects, given as files or bytes, to the types and relocations in them
 * (btf/object.h), and what the module tells of them.
 */
#include "btf/object.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "btf/ext.h"
#include "btf/gate.h"
#include "elf/image.h"
#include "error/raise.h"

#include <errno.h>

void
tb_btf_object_close(struct tb_btf_object *object)
{
    btf__free(object->btf);
    Py_XDECREF(object->bytes);
    tb_file_free(&object->file);
    Py_XDECREF(object->name);
}

int
tb_btf_object_read(struct tb_btf_object *object, PyObject *given)
{
    if (PyObject_CheckBuffer(given)) {
        object->name = PyUnicode_FromString("<bytes>");
        object->bytes = object->name ? PyBytes_FromObject(given) : NULL;
        if (object->bytes == NULL) {
            return -1;
        }
        object->data = PyBytes_AsString(object->bytes);
        object->size = (size_t)PyBytes_Size(object->bytes);
        return 0;
    }
    if (!PyUnicode_FSDecoder(given, &object->name) ||
        tb_file_read(&object->file, object->name) < 0) {
        return -1;
    }
    object->data = object->file.data;
    object->size = object->file.size;
    return 0;
}

int
tb_btf_object_open(struct tb_state *state, struct tb_btf_object *object,
                   PyObject *given)
{
    const void *types;
    char problem[320];
    size_t size = 0;

    if (tb_btf_object_read(object, given) < 0) {
        return -1;
    }
    if (!tb_elf_is_elf(object->data, object->size)) {
        tb_error_raise(state, TB_ERROR, ENOEXEC,
                       "%R is not an ELF file; give the .bpf.o that clang -target bpf "
                       "made",
                       object->name);
        return -1;
    }
    object->ext =
        tb_elf_section(object->data, object->size, ".BTF.ext", &object->ext_size);
    types = tb_elf_section(object->data, object->size, ".BTF", &size);
    if (types == NULL || object->ext == NULL) {
        object->ext = NULL;
        return 0;
    }
    if (tb_gate_object(object->data, object->size, problem, sizeof(problem)) != NULL) {
        tb_error_raise(state, TB_ERROR, EINVAL, "reading of %R failed: %s",
                       object->name, problem);
        return -1;
    }
    object->btf = btf__new(types, (uint32_t)size);
    if (object->btf == NULL) {
        tb_error_libbpf(state, -errno, NULL, "reading of the types of %R",
                        object->name);
        return -1;
    }
    return 0;
}

int
tb_btf_object_raise(struct tb_state *state, const struct tb_btf_object *object)
{
    tb_error_raise(state, TB_ERROR, EINVAL,
                   "the relocations of %R (section .BTF.ext) are malformed",
                   object->name);
    return -1;
}

/* Append (section, function, instruction, type, access, kind) to the list. */
static int
append_relocation(const struct tb_btf_relocation *relocation, void *list)
{
    PyObject *section = tb_args_text(relocation->section);
    PyObject *function = section ? tb_args_text(relocation->function) : NULL;
    PyObject *access = function ? tb_args_text(relocation->access) : NULL;
    PyObject *one = NULL;

    if (access != NULL) {
        one = Py_BuildValue(
            "(OOIIOI)", section, function, (unsigned int)relocation->insn,
            (unsigned int)relocation->type_id, access, (unsigned int)relocation->kind);
    }
    Py_XDECREF(section);
    Py_XDECREF(function);
    Py_XDECREF(access);
    return tb_args_append_steal(list, one) < 0 ? -ENOMEM : 0;
}

PyObject *
tb_btf_object_relocations(PyObject *module, PyObject *given)
{
    struct tb_state *state = tb_state_of_module(module);
    PyObject *list = PyList_New(0);
    struct tb_btf_object object = {.file = {.fd = -1}};
    int rc = list ? tb_btf_object_open(state, &object, given) : -1, err = 0;

    if (rc == 0 && object.ext != NULL) {
        err = tb_btf_ext_visit(object.btf, object.ext, object.ext_size,
                               append_relocation, list);
    }
    if (err < 0 && !PyErr_Occurred()) {
        tb_btf_object_raise(state, &object);
    }
    if (rc < 0 || err < 0) {
        Py_CLEAR(list);
    }
    tb_btf_object_close(&object);
    return list;
}

PyObject *
tb_btf_object_section(PyObject *module, PyObject *args)
{
    struct tb_btf_object object = {.file = {.fd = -1}};
    PyObject *given, *result = NULL;
    const void *data;
    const char *name;
    size_t size = 0;

    (void)module;
    if (!PyArg_ParseTuple(args, "Os:_section", &given, &name)) {
        return NULL;
    }
    if (tb_btf_object_read(&object, given) == 0) {
        data = tb_elf_section(object.data, object.size, name, &size);
        result = data != NULL ? PyBytes_FromStringAndSize(data, (Py_ssize_t)size)
                              : tb_new_ref(Py_None);
    }
    tb_btf_object_close(&object);
    return result;
}
