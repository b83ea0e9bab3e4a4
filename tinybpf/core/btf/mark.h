/* SPDX-License-Identifier: MIT
 *
 * The part of a kernel's BTF that the relocations of some objects look at: pure.
 */
#ifndef TB_BTF_MARK_H
#define TB_BTF_MARK_H

#include <stddef.h>
#include <stdint.h>

struct btf;

struct tb_btf_marks {
    const struct btf *btf; /* borrowed */
    uint8_t *types;        /* owned; one for each type */
    uint8_t *members;      /* owned; one for each member of each type */
    uint32_t *first;       /* owned; where the members of a type begin */
};

/* Nothing marked yet; 0 or -ENOMEM. Freed by tb_btf_marks_free in both cases. */
int tb_btf_marks_init(struct tb_btf_marks *marks, const struct btf *btf);
void tb_btf_marks_free(struct tb_btf_marks *marks);

/* Mark what the relocations of an object need; 0, -EINVAL if its section .BTF.ext is
 * malformed or its relocations could mean too many types, -ENOMEM. */
int tb_btf_marks_add(struct tb_btf_marks *marks, const struct btf *object,
                     const void *ext, size_t size);

/* A BTF of what is marked: structs have only the members that are. The caller owns it;
 * NULL with *err = -errno. */
struct btf *tb_btf_marks_build(const struct tb_btf_marks *marks, int *err);

#endif
