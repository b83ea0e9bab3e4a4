/* SPDX-License-Identifier: MIT
 *
 * What BTF says about a key or value: pure, it reads a parsed BTF and nothing else.
 */
#ifndef TB_LAYOUT_H
#define TB_LAYOUT_H

#include "codec.h"

struct btf;

/* The codec of a type that takes size bytes. Bytes where BTF is absent (btf NULL or
 * type_id 0), where it contradicts the size, or where the type is no scalar. */
struct tb_codec tb_layout_codec(const struct btf *btf, uint32_t type_id, uint32_t size);

#endif
