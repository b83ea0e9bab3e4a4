/* SPDX-License-Identifier: MIT
 *
 * Sums of structs, number by number. Pure C.
 */
#ifndef TB_VALUE_SUM_H
#define TB_VALUE_SUM_H

#include "btf/layout.h"

enum tb_sum {
    TB_SUM_DONE,
    TB_SUM_NO_NUMBER, /* there is a field that cannot be added: text, a pointer ... */
    TB_SUM_OVERFLOW,  /* the sum does not fit a field */
};

/* Add the numbers of a struct to those of another of the same layout, at any alignment;
 * arrays and structs in it go along, bytes of no field stay. *out_field: where it is
 * not done, the innermost field that is the reason. */
enum tb_sum tb_sum_add(const struct tb_layout *layout, void *sum, const void *more,
                       const struct tb_field **out_field);

#endif
