/* SPDX-License-Identifier: MIT
 *
 * What has an id in the kernel.
 */
#ifndef TB_SYSTEM_THING_H
#define TB_SYSTEM_THING_H

#include <stdint.h>

enum tb_thing_kind { TB_THING_PROGRAM, TB_THING_MAP, TB_THING_LINK, TB_THING_BTF };

struct tb_thing {
    enum tb_thing_kind kind;
    uint32_t id;
};

static inline int
tb_thing_is_same(struct tb_thing a, struct tb_thing b)
{
    return a.kind == b.kind && a.id == b.id;
}

#endif
