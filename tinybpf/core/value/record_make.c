/* SPDX-License-Identifier: MIT
 *
 * Making of records (value/record_make.h): in one allocation, as
 * PyBytes_FromStringAndSize() does it, where bytes lie in memory as is known.
 */
#include "value/record_make.h"

#include "base/args.h"

/* What every record is made by where bytes do not lie as they are known to. */
static PyObject *
make_by_constructor(PyObject *class, const void *data, Py_ssize_t size)
{
    PyObject *bytes = PyBytes_FromStringAndSize(data, size);
    PyObject *method =
        bytes ? tb_args_attr((PyObject *)&PyBytes_Type, "__new__") : NULL;
    PyObject *self = NULL;

    if (method != NULL) {
        self = PyObject_CallFunctionObjArgs(method, class, bytes, NULL);
    }
    Py_XDECREF(bytes);
    Py_XDECREF(method);
    return self;
}

/* What PyBytes_FromStringAndSize() does. */
static PyObject *
make_directly(PyObject *class, const void *data, Py_ssize_t size)
{
    PyObject *self = PyType_GenericAlloc((PyTypeObject *)class, size);

    if (self != NULL) {
        tb_value_refill(self, data);
    }
    return self;
}

PyObject *
tb_record_make(Btf *btf, PyObject *class, const void *data, Py_ssize_t size)
{
    const struct tb_state *state = class ? tb_state_of(btf) : NULL;

    if (state == NULL) {
        return NULL;
    }
    return state->bytes_are_known ? make_directly(class, data, size)
                                  : make_by_constructor(class, data, size);
}

int
tb_record_make_check(PyObject *class)
{
    static const char data[] = "tinybpf";
    PyObject *size = tb_args_attr((PyObject *)&PyBytes_Type, "__basicsize__");
    PyObject *plain = PyBytes_FromString(data), *record = NULL;
    int rc = -1;

    if (size != NULL && plain != NULL) {
        rc = PyLong_AsSsize_t(size) == (Py_ssize_t)TB_RECORD_DATA + 1 &&
             PyBytes_AsString(plain) == (char *)plain + TB_RECORD_DATA;
    }
    if (rc == 1) {
        record = make_directly(class, data, (Py_ssize_t)strlen(data));
        rc = record == NULL ? -1
                            : PyObject_Hash(record) == PyObject_Hash(plain) &&
                                  PyObject_RichCompareBool(record, plain, Py_EQ);
    }
    Py_XDECREF(size);
    Py_XDECREF(plain);
    Py_XDECREF(record);
    return rc;
}
