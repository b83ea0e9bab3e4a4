/* SPDX-License-Identifier: MIT
 *
 * What the C source says of a map or variable by tags:
 * `__attribute__((btf_decl_tag("tinybpf:event=event")))`.
 */
#ifndef TB_BTF_TAG_H
#define TB_BTF_TAG_H

struct btf;

#define TB_TAG_SHARDED "tinybpf:sharded"

/* What stands behind a prefix in a tag of the variable of that name, NULL if it has
 * none: "event" for "tinybpf:event=". */
const char *tb_tag_of(const struct btf *btf, const char *variable, const char *prefix);

/* The first variable that has a tag of just that text; NULL: none has. */
const char *tb_tag_holder(const struct btf *btf, const char *text);

#endif
