/* SPDX-License-Identifier: MIT
 *
 * From BTF types to codecs (layout.h). Typedefs and qualifiers are looked through.
 */
#include "layout.h"

#include "libbpf.h"

static int
is_number_size(uint32_t size)
{
    return size == 1 || size == 2 || size == 4 || size == 8 || size == 16;
}

static enum tb_codec_kind
int_kind(const struct btf_type *type)
{
    uint8_t encoding = btf_int_encoding(type);

    if (btf_int_offset(type) != 0 || btf_int_bits(type) != type->size * 8) {
        /* _Bool is one byte, and some compilers say that it has one bit. */
        if (!(encoding & BTF_INT_BOOL)) {
            return TB_CODEC_BYTES;
        }
    }
    if (encoding & BTF_INT_BOOL) {
        return type->size == 1 ? TB_CODEC_BOOL : TB_CODEC_UNSIGNED;
    }
    return encoding & BTF_INT_SIGNED ? TB_CODEC_SIGNED : TB_CODEC_UNSIGNED;
}

static enum tb_codec_kind
scalar_kind(const struct btf_type *type)
{
    switch (btf_kind(type)) {
    case BTF_KIND_INT:
        return int_kind(type);
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
        return btf_kflag(type) ? TB_CODEC_SIGNED : TB_CODEC_UNSIGNED;
    case BTF_KIND_PTR:
        return TB_CODEC_UNSIGNED;
    case BTF_KIND_FLOAT:
        return type->size == 4 || type->size == 8 ? TB_CODEC_FLOAT : TB_CODEC_BYTES;
    default:
        return TB_CODEC_BYTES;
    }
}

struct tb_codec
tb_layout_codec(const struct btf *btf, uint32_t type_id, uint32_t size)
{
    struct tb_codec codec = {.kind = TB_CODEC_BYTES, .size = size};
    int id;

    if (btf == NULL || type_id == 0 || !is_number_size(size)) {
        return codec;
    }
    id = btf__resolve_type(btf, type_id);
    if (id <= 0 || btf__resolve_size(btf, (uint32_t)id) != (int64_t)size) {
        return codec;
    }
    codec.kind = scalar_kind(btf__type_by_id(btf, (uint32_t)id));
    return codec;
}
