/* SPDX-License-Identifier: MIT
 *
 * From memory to JSON, for every layout, without an object of Python for any of it:
 *
 *   integers, pointers  numbers, of any size    float, double  number; null if not
 * finite bool                true, false             enums          the name, or the
 * number char[]              text up to the first NUL: bytes that are not UTF-8 as \xff
 *   u8[], no meaning    text of hex digits      other arrays   arrays
 *   structs, unions     objects of all members  bitfields      as their type
 *
 * There are no blanks. A terminal may show it: control characters are escaped.
 */
#ifndef TB_VALUE_JSON_H
#define TB_VALUE_JSON_H

#include "base/text.h"
#include "btf/layout.h"

#include <stddef.h>

struct btf;

/* Add the value at data. size bytes may be read: those of the layout, or more, which a
 * flexible array takes. The GIL is needed (for floats). 0 or text->err. */
int tb_json_add(struct tb_text *text, const struct btf *btf,
                const struct tb_layout *layout, const void *data, size_t size);

/* The same for a field, bitfields included, of the aggregate at base, which may be read
 * up to its size. */
int tb_json_add_field(struct tb_text *text, const struct btf *btf,
                      const struct tb_field *field, const void *base, size_t size);

/* Bytes as hexadecimal digits, without quotes. */
void tb_json_add_hex(struct tb_text *text, const unsigned char *data, size_t size);

#endif
