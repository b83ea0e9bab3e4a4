/* SPDX-License-Identifier: MIT
 *
 * How a map is defined in the C source, as the object's BTF keeps it: what the kernel
 * does not tell. Pure: it reads a parsed BTF.
 */
#ifndef TB_BTF_MAPDEF_H
#define TB_BTF_MAPDEF_H

#include <stdint.h>

struct btf;

struct tb_mapdef {
    uint32_t type; /* enum bpf_map_type */
    uint32_t key_size, value_size, max_entries, map_flags;
    uint32_t key_type_id, value_type_id; /* 0: sizes only */
    uint32_t inner; /* BTF id of the definition of the maps in it; 0: none */
};

/* The definition of a variable in the section .maps: 0, or -ENOENT. */
int tb_mapdef_find(const struct btf *btf, const char *name, struct tb_mapdef *out_def);

/* The definition that a BTF struct holds, such as tb_mapdef.inner. */
void tb_mapdef_read(const struct btf *btf, uint32_t id, struct tb_mapdef *out_def);

#endif
