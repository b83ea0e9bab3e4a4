/* SPDX-License-Identifier: MIT
 *
 * What the C source says of a map or variable by tags:
 * `__attribute__((btf_decl_tag("tinybpf:event=event")))`.
 */
#ifndef TB_BTF_TAG_H
#define TB_BTF_TAG_H

#include <stdint.h>

struct btf;

#define TB_TAG_SHARDED "tinybpf:sharded"
#define TB_TAG_EVENT "tinybpf:event="

/* What stands behind a prefix in a tag of the variable of that name, NULL if it has
 * none: "event" for "tinybpf:event=". */
const char *tb_tag_of(const struct btf *btf, const char *variable, const char *prefix);

/* The same of its next tag, from the type of that number on, which becomes the one
 * behind it. */
const char *tb_tag_next(const struct btf *btf, const char *variable, const char *prefix,
                        uint32_t *id);

/* The first variable that has a tag of just that text; NULL: none has. */
const char *tb_tag_holder(const struct btf *btf, const char *text);

#endif
