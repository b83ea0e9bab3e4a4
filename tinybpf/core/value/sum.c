/* SPDX-License-Identifier: MIT
 *
 * Sums of structs (value/sum.h). A sum that does not fit is told, never cut.
 */
#include "value/sum.h"

#include "value/bits.h"

#include <string.h>

static enum tb_sum
add_unsigned(const struct tb_field *field, void *sum, const void *more)
{
    tb_wide total, left = tb_bits_load(sum, field->shift, field->bits);
    int is_over = __builtin_add_overflow(
        left, tb_bits_load(more, field->shift, field->bits), &total);

    tb_bits_store(sum, field->shift, field->bits, total);
    return is_over || tb_bits_load(sum, field->shift, field->bits) != total
               ? TB_SUM_OVERFLOW
               : TB_SUM_DONE;
}

static enum tb_sum
add_signed(const struct tb_field *field, void *sum, const void *more)
{
    tb_signed_wide total, left = tb_bits_load_signed(sum, field->shift, field->bits);
    int is_over = __builtin_add_overflow(
        left, tb_bits_load_signed(more, field->shift, field->bits), &total);

    tb_bits_store(sum, field->shift, field->bits, (tb_wide)total);
    return is_over || tb_bits_load_signed(sum, field->shift, field->bits) != total
               ? TB_SUM_OVERFLOW
               : TB_SUM_DONE;
}

/* Add a float or double, as C would: what is too large is infinite. */
static enum tb_sum
add_float(uint32_t size, void *sum, const void *more)
{
    double wide[2];
    float half[2];

    if (size == sizeof(half[0])) {
        memcpy(&half[0], sum, size);
        memcpy(&half[1], more, size);
        half[0] += half[1];
        memcpy(sum, &half[0], size);
    }
    else {
        memcpy(&wide[0], sum, size);
        memcpy(&wide[1], more, size);
        wide[0] += wide[1];
        memcpy(sum, &wide[0], size);
    }
    return TB_SUM_DONE;
}

/* Add a value of any layout, which is that of the field or of its elements. */
static enum tb_sum
add_value(const struct tb_field *field, const struct tb_layout *layout, char *sum,
          const char *more, const struct tb_field **out_field)
{
    const struct tb_field number = {
        .layout = layout,
        .bits = field->bits ? field->bits : (uint8_t)(layout->size * 8),
        .shift = field->shift,
    };
    enum tb_sum result = TB_SUM_DONE;

    *out_field = field;
    switch (layout->kind) {
    case TB_LAYOUT_UNSIGNED:
        return add_unsigned(&number, sum, more);
    case TB_LAYOUT_SIGNED:
        return add_signed(&number, sum, more);
    case TB_LAYOUT_FLOAT:
        return add_float(layout->size, sum, more);
    case TB_LAYOUT_STRUCT:
        return tb_sum_add(layout, sum, more, out_field);
    case TB_LAYOUT_ARRAY:
        for (uint32_t i = 0; result == TB_SUM_DONE && i < layout->n; i++) {
            size_t at = (size_t)i * layout->element->size;

            result = add_value(field, layout->element, sum + at, more + at, out_field);
        }
        return result;
    default:
        return TB_SUM_NO_NUMBER;
    }
}

enum tb_sum
tb_sum_add(const struct tb_layout *layout, void *sum, const void *more,
           const struct tb_field **out_field)
{
    enum tb_sum result = TB_SUM_DONE;
    uint64_t end =
        0; /* of the field before, in bits: members of a union share theirs */

    for (uint32_t i = 0; result == TB_SUM_DONE && i < layout->n; i++) {
        const struct tb_field *field = &layout->fields[i];
        uint64_t begin = (uint64_t)field->offset * 8 + field->shift;

        if (begin < end) {
            *out_field = field;
            return TB_SUM_NO_NUMBER;
        }
        end = begin + (field->bits ? field->bits : (uint64_t)field->layout->size * 8);
        result = add_value(field, field->layout, (char *)sum + field->offset,
                           (const char *)more + field->offset, out_field);
    }
    return result;
}
