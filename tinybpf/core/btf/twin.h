/* SPDX-License-Identifier: MIT
 *
 * Types of one kind and one name that are not the same: an object that was linked from
 * several files may have a `struct event` of each.
 */
#ifndef TB_BTF_TWIN_H
#define TB_BTF_TWIN_H

#include "btf/btf.h"
#include "btf/find.h"

/* Whether two types have the same values, member by member. */
int tb_twin_is_same(const struct btf *btf, uint32_t a, uint32_t b);

/* The next type of that one's name and kind that is not the same; 0 if there is none.
 */
uint32_t tb_twin_next(const struct btf *btf, uint32_t id);

/* Which one of its name a type is, from 1 on, as `bpftool btf dump` counts them. */
uint32_t tb_twin_number(const struct btf *btf, uint32_t id);

/* The name that means that type and no other, "event" or "event___2", as a new str. */
PyObject *tb_twin_name(const struct btf *btf, uint32_t id);

/* The id of "event___2", the second of that name; 0 if a name has no such end, or there
 * are not so many. */
uint32_t tb_twin_find(const struct btf *btf, const char *name,
                      struct tb_btf_filter filter);

/* A name that means several types, "'event' is ... and ...: name ...", as a new str. */
PyObject *tb_twin_text(const Btf *btf, const char *name, uint32_t id);

#endif
