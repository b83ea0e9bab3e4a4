/* SPDX-License-Identifier: MIT
 *
 * Descriptors as keys and values of maps: of programs, sockets, files, processes; and
 * what else names a thing in the kernel. The encoders are rows of map/kind.c.
 */
#ifndef TB_MAP_DESCRIPTOR_H
#define TB_MAP_DESCRIPTOR_H

#include "owner/map.h"

/* What may stand for a descriptor and is opened for the time of one call. */
enum tb_map_opens {
    TB_OPENS_NOTHING,
    TB_OPENS_KEY_PATH,   /* a key may be a path */
    TB_OPENS_KEY_PID,    /* a key may be an object with a pid */
    TB_OPENS_VALUE_PATH, /* a value may be a path */
};

int tb_handle_encode_key(const BpfMap *map, PyObject *key, void *out);
int tb_handle_encode_descriptor(const BpfMap *map, PyObject *value, void *out);
int tb_handle_encode_program(const BpfMap *map, PyObject *value, void *out);
int tb_handle_encode_device(const BpfMap *map, PyObject *value, void *out);
int tb_handle_encode_cpu(const BpfMap *map, PyObject *value, void *out);

/* Raise TypeError for a value that the kind of map does not take; -1. */
int tb_handle_raise_type(const BpfMap *map, PyObject *value);

/* A descriptor or index as a Python int; -1 with an exception. */
long tb_handle_number(PyObject *number);

/* Open what stands for a descriptor, of a key or a value: the descriptor, which the
 * caller closes, or -1 with an exception; TB_NOT_OPENED where it stands for itself. */
#define TB_NOT_OPENED (-2)
int tb_handle_open(const BpfMap *map, PyObject *object, int is_key);

#endif
