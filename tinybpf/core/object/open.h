/* SPDX-License-Identifier: MIT
 *
 * Opening: from a file or bytes to an object that is not loaded yet.
 */
#ifndef TB_OBJECT_OPEN_H
#define TB_OBJECT_OPEN_H

#include "object/choice.h"

/* What opening was given; NULL or None: not given. All borrowed. */
struct tb_open_args {
    PyObject *source; /* a path or what has read_bytes(); or bytes-like */
    PyObject *name;
    PyObject *btf; /* a path, or bytes-like */
    PyObject *kconfig;
    PyObject *pin_root;
    PyObject *token;
    int log_level;
    struct tb_choice choice;
};

/* Read the arguments of load(), open() or open_bytes(), which is the name; 0, or -1
 * with an exception. */
int tb_open_parse(PyObject *args, PyObject *kwargs, const char *name,
                  struct tb_open_args *out);

/* Open what source names (object/source.h), and set what is chosen; verb is "open" or
 * "load", for the exception. */
BpfObject *tb_open_path(struct tb_state *state, const struct tb_open_args *args,
                        const char *verb);

/* The same of bytes, whose path is for people; args->source is a bytes object. */
BpfObject *tb_open_image(struct tb_state *state, const struct tb_open_args *args,
                         PyObject *path, const char *verb);

/* open() and open_bytes(), functions of the module. */
PyObject *tb_open_file(PyObject *module, PyObject *args, PyObject *kwargs);
PyObject *tb_open_bytes(PyObject *module, PyObject *args, PyObject *kwargs);

#endif
