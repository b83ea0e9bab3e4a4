/* SPDX-License-Identifier: MIT
 *
 * The kinds of map, a row each: what they need, what their keys and values are more
 * than bytes and numbers, and what a kind leaves no choice about. A column that a row
 * does not name is 0.
 */
#ifndef TB_CATALOG_MAP_H
#define TB_CATALOG_MAP_H

#include "catalog/needs.h"

#include <stddef.h>

/* What Python writes in place of the bytes of a key or value, besides what BTF says. */
enum tb_map_form {
    TB_FORM_PLAIN,      /* nothing */
    TB_FORM_PROGRAM,    /* a value: a program */
    TB_FORM_DESCRIPTOR, /* a value: a descriptor of a socket, a perf event, a cgroup */
    TB_FORM_DEVICE,     /* a value: a network interface, or a pair with a program */
    TB_FORM_CPU,        /* a value: the size of a queue, or a pair with a program */
    TB_FORM_MAP,        /* a value: a map */
    TB_FORM_KEY_FILE,   /* a key: a descriptor, of what the value belongs to */
    TB_FORM_NETWORK,    /* a key: a network */
    TB_FORM_NONE,       /* there are no keys */
    TB_FORM_COUNT,
};

/* What may stand for a descriptor and is opened for the time of one call. */
enum tb_map_opens {
    TB_OPENS_NOTHING,
    TB_OPENS_KEY_PATH,   /* a key may be a path */
    TB_OPENS_KEY_PID,    /* a key may be an object with a pid */
    TB_OPENS_VALUE_PATH, /* a value may be a path */
};

struct tb_map_kind {
    uint32_t type;         /* enum bpf_map_type */
    struct tb_needs needs; /* of the kernel, and to make it */
    enum tb_map_form form;
    enum tb_map_opens opens;
    const char *takes;        /* what a value can be, for messages; NULL: as BTF says */
    const char *instead;      /* of FORM_NONE: what to use in place of keys */
    const char *sizes;        /* what it asks of its sizes that no column says */
    uint32_t flags;           /* BPF_F_* that it must be made with */
    int absent;               /* -errno of deletes that find nothing besides -ENOENT */
    unsigned is_array : 1;    /* keys are indices, all of them always there */
    unsigned is_indexed : 1;  /* keys are indices; of arrays, too */
    unsigned is_sparse : 1;   /* an index may be empty */
    unsigned is_percpu : 1;   /* a key has a value for each possible CPU */
    unsigned is_batched : 1;  /* its batches are known to give every key once */
    unsigned is_memory : 1;   /* it is bytes: no keys, and values of no size */
    unsigned is_queue : 1;    /* values are pushed and popped */
    unsigned is_number : 1;   /* a value of 4 or 8 bytes is a number */
    unsigned is_socket : 1;   /* a value is a socket; only its cookie can be read */
    unsigned is_hidden : 1;   /* values cannot be read */
    unsigned is_unlisted : 1; /* a storage: values go with what they belong to, and
                               * keys cannot be listed */
};

/* A flag that a map is made with, and that came later than some kind that has it. */
struct tb_map_flag {
    uint32_t bit;
    const char *name;
    struct tb_needs needs;
};

/* Each of them by its place, NULL behind the last. */
const struct tb_map_flag *tb_catalog_map_flag(size_t i);

/* The row of an enum bpf_map_type; of one that is unknown, the row of
 * BPF_MAP_TYPE_UNSPEC, which says nothing. Never NULL. */
const struct tb_map_kind *tb_catalog_map(uint32_t type);

#endif
