/* SPDX-License-Identifier: MIT
 *
 * The C data interface of Arrow (its format 1.0). These structs are its ABI, and
 * declared here anew so that nothing is needed of it.
 */
#ifndef TB_COLUMN_ARROW_ABI_H
#define TB_COLUMN_ARROW_ABI_H

#include <stdint.h>

struct tb_arrow_schema {
    const char *format, *name, *metadata;
    int64_t flags, n_children;
    struct tb_arrow_schema **children, *dictionary;
    void (*release)(struct tb_arrow_schema *schema); /* NULL: released */
    void *private_data;
};

struct tb_arrow_array {
    int64_t length, null_count, offset, n_buffers, n_children;
    const void **buffers;
    struct tb_arrow_array **children, *dictionary;
    void (*release)(struct tb_arrow_array *array); /* NULL: released */
    void *private_data;
};

struct tb_arrow_stream {
    int (*get_schema)(struct tb_arrow_stream *stream, struct tb_arrow_schema *out);
    int (*get_next)(struct tb_arrow_stream *stream, struct tb_arrow_array *out);
    const char *(*get_last_error)(struct tb_arrow_stream *stream);
    void (*release)(struct tb_arrow_stream *stream); /* NULL: released */
    void *private_data;
};

#endif
