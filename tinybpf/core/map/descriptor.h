/* SPDX-License-Identifier: MIT
 *
 * Descriptors as keys and values of maps: of programs, sockets, files, processes; and
 * what else names a thing in the kernel.
 */
#ifndef TB_MAP_DESCRIPTOR_H
#define TB_MAP_DESCRIPTOR_H

#include "owner/map.h"

/* The descriptor of a BpfMap, or of an int that is one: 1, 0 it is neither, or -1 with
 * an exception. */
int tb_descriptor_of_map(struct tb_state *state, PyObject *object, int *out_fd);

/* Write what names a thing in the kernel as a key or value: 1 written, 0 it is no such
 * thing (the codec shall try), or -1 with an exception. */
int tb_descriptor_encode_key(const BpfMap *map, PyObject *key, void *out);
int tb_descriptor_encode_any(const BpfMap *map, PyObject *value, void *out);
int tb_descriptor_encode_program(const BpfMap *map, PyObject *value, void *out);
int tb_descriptor_encode_device(const BpfMap *map, PyObject *value, void *out);
int tb_descriptor_encode_cpu(const BpfMap *map, PyObject *value, void *out);

/* Raise TypeError for a value that the kind of map does not take; -1. */
int tb_descriptor_raise_type(const BpfMap *map, PyObject *value);

/* Open what stands for a descriptor, of a key or a value: the descriptor, which the
 * caller closes, or -1 with an exception; TB_NOT_OPENED where it stands for itself. */
#define TB_NOT_OPENED (-2)
int tb_descriptor_open(const BpfMap *map, PyObject *object, int is_key);

#endif
