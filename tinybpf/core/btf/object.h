/* SPDX-License-Identifier: MIT
 *
 * Object files as far as types go: their BTF, and the relocations in .BTF.ext.
 */
#ifndef TB_BTF_OBJECT_H
#define TB_BTF_OBJECT_H

#include "base/file.h"
#include "base/state.h"

struct btf;

/* An object in memory, which begins as {.file = {.fd = -1}} and is closed in any case.
 */
struct tb_btf_object {
    PyObject *name; /* owned; str, for errors */
    struct tb_file file;
    PyObject *bytes;  /* owned; those given, which cannot change; or NULL */
    const void *data; /* borrowed from one of the two */
    size_t size;
    const void *ext; /* borrowed: the relocations; NULL: there are none */
    size_t ext_size;
    struct btf *btf; /* owned; NULL if ext is */
};

/* Get the bytes: of a file, unless they are given themselves; 0, or -1 with an
 * exception. */
int tb_btf_object_read(struct tb_btf_object *object, PyObject *given);

/* Get them, find and parse what there is of types; 0, or -1 with an exception. */
int tb_btf_object_open(struct tb_state *state, struct tb_btf_object *object,
                       PyObject *given);
void tb_btf_object_close(struct tb_btf_object *object);

/* Raise for relocations that are malformed; returns -1. */
int tb_btf_object_raise(struct tb_state *state, const struct tb_btf_object *object);

/* _relocations(object): the CO-RE relocations of an object. */
PyObject *tb_btf_object_relocations(PyObject *module, PyObject *given);

/* _section(object, name): the bytes of a section. */
PyObject *tb_btf_object_section(PyObject *module, PyObject *args);

#endif
