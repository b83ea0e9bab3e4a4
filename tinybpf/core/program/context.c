/* SPDX-License-Identifier: MIT
 *
 * Contexts of test runs (program/context.h). The BTF is that of the object: clang
 * writes the whole type of what a program's parameter points to into it.
 */
#include "program/context.h"

#include "base/libbpf.h"
#include "btf/btf.h"
#include "btf/find.h"
#include "error/raise.h"
#include "value/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void
tb_context_free(struct tb_context *context)
{
    if (context->view.obj != NULL) {
        PyBuffer_Release(&context->view);
    }
    free(context->made);
    Py_CLEAR(context->codec.type);
}

/* What the first parameter of the program points to, behind typedefs; its id. NULL: it
 * is not known, or void. */
static const struct btf_type *
find_type(const struct btf *btf, const char *function, uint32_t *out_id)
{
    int id = btf__find_by_name_kind(btf, function, BTF_KIND_FUNC);
    const struct btf_type *type = id > 0 ? btf__type_by_id(btf, (uint32_t)id) : NULL;

    if (type != NULL) {
        type = btf__type_by_id(btf, type->type);
    }
    if (type == NULL || !btf_is_func_proto(type) || btf_vlen(type) < 1) {
        return NULL;
    }
    *out_id = btf_params(type)->type;
    type = tb_btf_resolve(btf, out_id);
    if (type == NULL || !btf_is_ptr(type)) {
        return NULL;
    }
    *out_id = type->type;
    return tb_btf_resolve(btf, out_id);
}

/* Make one of the words that raw tracepoints and the like are given. */
static int
make_words(PyObject *value, struct tb_context *context)
{
    PyObject *words = PySequence_List(value);
    Py_ssize_t n = words ? PyList_Size(words) : 0;

    if (words == NULL) {
        return -1;
    }
    context->made = calloc((size_t)n + 1, sizeof(uint64_t));
    context->data = context->made;
    context->size = (size_t)n * sizeof(uint64_t);
    for (Py_ssize_t i = 0; context->made != NULL && i < n; i++) {
        unsigned long long word =
            PyLong_AsUnsignedLongLongMask(PyList_GetItem(words, i));

        ((uint64_t *)context->made)[i] = word;
        if (PyErr_Occurred()) {
            Py_DECREF(words);
            return -1;
        }
    }
    Py_DECREF(words);
    if (context->made == NULL) {
        PyErr_NoMemory();
    }
    return context->made == NULL ? -1 : 0;
}

/* Make one of a struct. */
static int
make_struct(Btf *btf, uint32_t id, uint32_t size, PyObject *value,
            struct tb_context *context)
{
    const struct tb_path at = {.name = "Context"};

    if (tb_record_codec_of(btf, id, size, &context->codec) < 0) {
        return -1;
    }
    context->made = calloc(1, (size_t)size + 1);
    context->data = context->made;
    context->size = size;
    if (context->made == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    return tb_codec_encode(&context->codec, &at, value, context->made);
}

/* Make one of a value that is no bytes. The Btf is held over calls of Python. */
static int
make(BpfProgram *program, Btf *btf, PyObject *value, struct tb_context *context)
{
    uint32_t id = 0;
    const struct btf_type *type = NULL;
    const char *function = PyUnicode_AsUTF8AndSize(program->name, NULL);

    if (function == NULL) {
        return -1;
    }
    if (btf != NULL) {
        type = find_type(btf->handle, function, &id);
    }
    if (type != NULL && btf_is_composite(type)) {
        return make_struct(btf, id, type->size, value, context);
    }
    if (type != NULL && btf_is_int(type) && type->size == sizeof(uint64_t)) {
        return make_words(value, context);
    }
    PyErr_Format(PyExc_TypeError,
                 "the context of program %R is bytes: BTF does not say what its "
                 "parameter points to",
                 program->name);
    return -1;
}

/* A Record comes back as one of its class. */
static int
take(PyObject *value, struct tb_context *context)
{
    if (PyObject_GetBuffer(value, &context->view, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    context->data = context->view.buf;
    context->size = (size_t)context->view.len;
    context->codec = tb_record_codec((PyObject *)Py_TYPE(value));
    return 0;
}

int
tb_context_read(BpfProgram *program, PyObject *value, struct tb_context *context)
{
    PyObject *btf;
    int rc;

    if (PyObject_CheckBuffer(value)) {
        return take(value, context);
    }
    if (tb_program_is_standalone(program)) {
        return make(program, NULL, value, context);
    }
    btf = tb_object_btf(program->object);
    if (btf == NULL) {
        return -1;
    }
    Py_INCREF(btf);
    rc = make(program, btf == Py_None ? NULL : (Btf *)btf, value, context);
    Py_DECREF(btf);
    return rc;
}

PyObject *
tb_context_decode(const struct tb_context *context, const void *data, uint32_t size)
{
    /* The context of an older kernel ends before that of the type: what it does not
     * have is in `data` as it was given, zero, or the kernel had refused it. */
    if (context->codec.kind == TB_CODEC_RECORD &&
        context->size >= context->codec.size) {
        return tb_record_decode(&context->codec, data, context->size);
    }
    return PyBytes_FromStringAndSize(data, (Py_ssize_t)size);
}
