/* SPDX-License-Identifier: MIT
 *
 * Reader of addresses that are asked for (system/address_batch.h): all of them are
 * numbers before the first one is looked for.
 */
#include "system/address_batch.h"

#include "base/args.h"

#include <stdlib.h>

/* Copy the numbers of a tuple; 0, or -1 with an exception. */
static int
read_numbers(PyObject *tuple, uint64_t *out, Py_ssize_t n)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        if (tb_args_number(PyTuple_GetItem(tuple, i), "address", UINT64_MAX, &out[i]) <
            0) {
            return -1;
        }
    }
    return 0;
}

int
tb_address_batch_begin(struct tb_address_batch *batch, PyObject *addresses)
{
    PyObject *tuple = PySequence_Tuple(addresses);
    int rc = -1;

    if (tuple == NULL) {
        return -1;
    }
    batch->n = PyTuple_Size(tuple);
    batch->addresses = malloc(((size_t)batch->n + 1) * sizeof(uint64_t));
    if (batch->addresses == NULL) {
        PyErr_NoMemory();
    }
    else if (read_numbers(tuple, batch->addresses, batch->n) == 0) {
        batch->list = PyList_New(batch->n);
        rc = batch->list != NULL ? 0 : -1;
    }
    Py_DECREF(tuple);
    return rc;
}

PyObject *
tb_address_batch_end(struct tb_address_batch *batch, int rc)
{
    free(batch->addresses);
    if (rc < 0) {
        Py_CLEAR(batch->list);
    }
    return batch->list;
}
