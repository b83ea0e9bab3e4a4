/* SPDX-License-Identifier: MIT
 *
 * The arguments of attach_ methods: each form that one may have is a function that
 * reads it into a field of what is asked for (struct tb_attach, or a kind's own struct
 * that begins with it).
 */
#ifndef TB_ATTACH_ARGUMENT_H
#define TB_ATTACH_ARGUMENT_H

#include "attach/attach.h"

/* One value, and where it goes. */
struct tb_argument {
    BpfProgram *program; /* borrowed */
    const char *name;
    PyObject *value; /* borrowed; None only where the argument must be given */
    struct tb_attach *attach;
    void *field;
};

/* Reads the value into the field; 0, or -1 with an exception. It may run Python. */
typedef int (*tb_argument_form)(const struct tb_argument *argument);

/* What lists are read into. */
struct tb_argument_list {
    const void *items; /* kept */
    size_t n;
};

/* 1 or 0 for a bool; -1 with TypeError for what is none. */
int tb_argument_truth(const struct tb_argument *argument);

int tb_argument_text(const struct tb_argument *argument); /* str: const char * */
int tb_argument_path(const struct tb_argument *argument); /* path: const char * */
int tb_argument_flag(const struct tb_argument *argument); /* bool: int */
int tb_argument_int(const struct tb_argument *argument);  /* int */
int tb_argument_pid(const struct tb_argument *argument);  /* from -1: int */
int tb_argument_u32(const struct tb_argument *argument);  /* uint32_t */
int tb_argument_u64(const struct tb_argument *argument);  /* uint64_t */
int tb_argument_size(const struct tb_argument *argument); /* bytes: size_t */

/* One of some words, which NULL ends: its number among them, int. A kind's own form
 * calls it with its words. */
int tb_argument_word(const struct tb_argument *argument, const char *const *words);

/* "default", "legacy", "perf" or "link": enum probe_attach_mode, int. */
int tb_argument_mode(const struct tb_argument *argument);

/* A sequence of str (const char *), or of numbers from 0 (uint64_t): a list. */
int tb_argument_texts(const struct tb_argument *argument);
int tb_argument_numbers(const struct tb_argument *argument);

/* A descriptor, or what has a fileno(), such as a socket: a duplicate, int, which ends
 * with the call. */
int tb_argument_fd(const struct tb_argument *argument);

/* A BpfProgram or a descriptor of one: a duplicate, as before. */
int tb_argument_program(const struct tb_argument *argument);

/* A name or an index of an interface: int. A path or a descriptor of a cgroup: the
 * target's path or fd. */
int tb_argument_interface(const struct tb_argument *argument);
int tb_argument_cgroup(const struct tb_argument *argument);

/* Have a descriptor closed when the call is over, also when this fails; 0, or -1 with
 * an exception. */
int tb_argument_keep_fd(const struct tb_argument *argument, int fd);

#endif
