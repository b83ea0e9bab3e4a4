/* SPDX-License-Identifier: MIT
 *
 * The CO-RE relocations of an object (its section .BTF.ext): pure.
 */
#ifndef TB_BTF_EXT_H
#define TB_BTF_EXT_H

#include <stddef.h>
#include <stdint.h>

struct bpf_core_relo;
struct btf;
struct tb_btf_table;

/* Names are borrowed from the BTF. */
struct tb_btf_relocation {
    const char *section;  /* of the instruction */
    const char *function; /* that the instruction is in; "" if that is not known */
    const char *access;   /* "0:1:2": indices on the way to what is accessed */
    uint32_t insn;        /* number of the instruction in its section */
    uint32_t type_id;     /* where the way begins */
    uint32_t kind;        /* enum bpf_core_relo_kind */
};

/* Pass each relocation to visit until it returns what is not 0, and return that; 0 at
 * the end, -EINVAL if the section is malformed, or has more relocations than can be
 * looked for among its functions. */
int tb_btf_ext_visit(const struct btf *btf, const void *ext, size_t size,
                     int (*visit)(const struct tb_btf_relocation *relocation,
                                  void *ctx),
                     void *ctx);

/* Pass each relocation of a section in which nothing is wrong to visit, as it is there.
 */
void tb_btf_ext_each(const void *ext, size_t size,
                     void (*visit)(const struct bpf_core_relo *relocation, void *ctx),
                     void *ctx);

/* How long a name is without its ___flavour, which libbpf does not compare. */
size_t tb_btf_ext_essential(const char *name);

/* What is wrong with the section, of an object with those types; written into text.
 * NULL if nothing is: libbpf goes on without one that it finds malformed, and would
 * load programs whose relocations were not applied. */
const char *tb_btf_ext_problem(const struct tb_btf_table *types, const void *ext,
                               size_t size, char *text, size_t max);

#endif
