/* SPDX-License-Identifier: MIT
 *
 * One entry of a map: looked up, set, deleted, taken out. Keys and values are
 * Python's; the system calls are short, so the GIL is held over them.
 */
#ifndef TB_MAP_ENTRY_H
#define TB_MAP_ENTRY_H

#include "owner/map.h"

/* Methods and slots of BpfMap. */
PyObject *tb_map_subscript(PyObject *self, PyObject *key);
int tb_map_ass_subscript(PyObject *self, PyObject *key, PyObject *value);
int tb_map_contains(PyObject *self, PyObject *key);
PyObject *tb_map_lookup(PyObject *self, PyObject *const *args, Py_ssize_t n,
                        PyObject *names);
PyObject *tb_map_lookup_and_delete(PyObject *self, PyObject *const *args, Py_ssize_t n,
                                   PyObject *names);
PyObject *tb_map_get_default(PyObject *self, PyObject *const *args, Py_ssize_t n,
                             PyObject *names);
PyObject *tb_map_delete(PyObject *self, PyObject *const *args, Py_ssize_t n,
                        PyObject *names);

/* Look a key up: 1 found (*out_value is new), 0 absent, -1 with an exception. */
int tb_entry_find(BpfMap *self, PyObject *key, uint64_t flags, PyObject **out_value);

/* Set the value of a key; 0, or -1 with an exception. */
int tb_entry_set(BpfMap *self, PyObject *key, PyObject *value, uint64_t flags);

/* The value of a key as lookup gives it, set from value if it is absent; or NULL. */
PyObject *tb_entry_set_default(BpfMap *self, PyObject *key, PyObject *value);

/* Delete a key: 1 it was there, 0 it was not, -1 with an exception. */
int tb_entry_remove(BpfMap *self, PyObject *key);

/* Take out the entry of a key, or any entry: 1 (the value, the pair, is new), 0 there
 * is none, -1 with an exception. One step where the kernel can do that: hashes, from
 * 5.14 on. Else by lookup and delete, between which another may set a value. */
int tb_entry_take(BpfMap *self, PyObject *key, uint64_t flags, PyObject **out_value);
int tb_entry_take_any(BpfMap *self, PyObject **out_pair);

#endif
