/* SPDX-License-Identifier: MIT
 *
 * The smaller Btf (btf/minimize.h): one object after the other marks what it needs.
 */
#include "btf/minimize.h"

#include "base/libbpf.h"
#include "btf/btf.h"
#include "btf/mark.h"
#include "btf/object.h"
#include "error/raise.h"

/* Mark what one object needs; 0, or -1 with an exception. */
static int
add_object(Btf *self, struct tb_btf_marks *marks, PyObject *given)
{
    struct tb_state *state = tb_state_of(self);
    struct tb_btf_object object = {.file = {.fd = -1}};
    int rc = tb_btf_object_open(state, &object, given), err = 0;

    if (rc == 0 && object.ext != NULL) {
        Py_BEGIN_ALLOW_THREADS
        err = tb_btf_marks_add(marks, object.btf, object.ext, object.ext_size);
        Py_END_ALLOW_THREADS
        rc = err < 0 ? tb_btf_object_raise(state, &object) : 0;
    }
    tb_btf_object_close(&object);
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
