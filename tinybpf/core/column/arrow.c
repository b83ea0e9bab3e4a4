/* SPDX-License-Identifier: MIT
 *
 * Arrays and streams (column/arrow.h). Each node holds the batch and its own
 * conversions, for a consumer may move any child out and release it by itself.
 */
#include "column/arrow.h"

#include "column/arrow_schema.h"
#include "column/convert.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What a node owns. */
struct node {
    struct tb_column_batch *batch; /* counted there */
    const void *buffers[3];
    void *owned[2];
    size_t n_children; /* those that were made */
};

static const uint64_t nothing[1]; /* the buffer of no rows */

/* The release of a node: of what it owns, and of the children that are still with it.
 */
static void
release(struct tb_arrow_array *array)
{
    struct node *node = array->private_data;

    for (size_t i = 0; i < node->n_children; i++) {
        if (array->children[i]->release != NULL) {
            array->children[i]->release(array->children[i]);
        }
        free(array->children[i]);
    }
    free(array->children);
    if (array->dictionary != NULL && array->dictionary->release != NULL) {
        array->dictionary->release(array->dictionary);
    }
    free(array->dictionary);
    free(node->owned[0]);
    free(node->owned[1]);
    tb_column_batch_drop(node->batch);
    free(node);
    array->release = NULL;
}

/* Make a node with room for children, which are added later, and with a first buffer
 * that says which values are absent: none is. NULL: no memory. */
static struct node *
make_node(struct tb_arrow_array *out, struct tb_column_batch *batch, size_t n,
          size_t n_children)
{
    struct node *node = calloc(1, sizeof(*node));

    *out = (struct tb_arrow_array){0};
    if (node == NULL) {
        return NULL;
    }
    out->children =
        calloc(n_children ? n_children : 1, sizeof(struct tb_arrow_array *));
    if (out->children == NULL) {
        free(node);
        return NULL;
    }
    node->batch = tb_column_batch_use(batch);
    out->length = (int64_t)n;
    out->n_buffers = 1;
    out->n_children = (int64_t)n_children;
    out->buffers = node->buffers;
    out->release = release;
    out->private_data = node;
    return node;
}

/* Room for the next child; NULL: no memory. */
static struct tb_arrow_array *
new_child(struct tb_arrow_array *parent)
{
    struct node *node = parent->private_data;
    struct tb_arrow_array *child = calloc(1, sizeof(*child));

    if (child != NULL) {
        parent->children[node->n_children++] = child;
    }
    return child;
}

/* Give texts to a node. */
static void
set_texts_steal(struct tb_arrow_array *out, const struct tb_column_texts *texts)
{
    struct node *node = out->private_data;

    node->buffers[1] = node->owned[0] = texts->offsets;
    node->buffers[2] = node->owned[1] = texts->data;
    out->n_buffers = 3;
}

/* Fill in a node of enums, and its dictionary. */
static int
fill_enum(const struct tb_column *column, const unsigned char *data, size_t n,
          struct tb_arrow_array *out)
{
    struct node *node = out->private_data;
    struct tb_column_names names;
    int err = tb_column_convert_enum(column, data, n, &names);

    if (err < 0) {
        return err;
    }
    node->buffers[1] = node->owned[0] = names.indices;
    out->n_buffers = 2;
    out->dictionary = calloc(1, sizeof(*out->dictionary));
    if (out->dictionary == NULL ||
        make_node(out->dictionary, node->batch, names.n_texts, 0) == NULL) {
        free(names.texts.offsets);
        free(names.texts.data);
        return -ENOMEM;
    }
    set_texts_steal(out->dictionary, &names.texts);
    return 0;
}

/* Fill in the node of n elements; 0 or -errno. */
static int
fill_elements(const struct tb_column *column, const unsigned char *data, size_t n,
              struct tb_arrow_array *out)
{
    struct node *node = out->private_data;
    struct tb_column_texts texts;
    unsigned char *bits;
    int err = 0;

    switch (column->kind) {
    case TB_COLUMN_TEXT:
        err = tb_column_convert_texts(data, column->size, n, &texts);
        if (err == 0) {
            set_texts_steal(out, &texts);
        }
        return err;
    case TB_COLUMN_ENUM:
        return fill_enum(column, data, n, out);
    case TB_COLUMN_BOOL:
        err = tb_column_convert_bits(data, n, &bits);
        node->buffers[1] = node->owned[0] = bits;
        break;
    default:
        node->buffers[1] = data;
    }
    out->n_buffers = 2;
    return err;
}

/* Make the node of a column's rows, a list in the other for each dimension; what was
 * made stays with out, whatever fails. 0 or -errno. */
static int
make_column(struct tb_column_batch *batch, uint32_t index, size_t first, size_t n,
            struct tb_arrow_array *out)
{
    const struct tb_column *column = &batch->plan->columns[index];
    const unsigned char *data = batch->data[index];

    data = data ? data + first * column->width : (const unsigned char *)nothing;
    for (int i = 0; i < column->n_dims; i++) {
        if (make_node(out, batch, n, 1) == NULL) {
            return -ENOMEM;
        }
        out = new_child(out);
        if (out == NULL) {
            return -ENOMEM;
        }
        n *= column->dims[i];
    }
    return make_node(out, batch, n, 0) ? fill_elements(column, data, n, out) : -ENOMEM;
}

int
tb_arrow_array_make(struct tb_column_batch *batch, size_t first, size_t n,
                    struct tb_arrow_array *out)
{
    int err = make_node(out, batch, n, batch->plan->n) ? 0 : -ENOMEM;

    if (err < 0) {
        return err;
    }
    for (uint32_t i = 0; err == 0 && i < batch->plan->n; i++) {
        struct tb_arrow_array *child = new_child(out);

        err = child ? make_column(batch, i, first, n, child) : -ENOMEM;
    }
    if (err < 0) {
        out->release(out);
    }
    return err;
}

size_t
tb_arrow_rows_max(const struct tb_column_plan *plan)
{
    size_t max = INT32_MAX;

    for (uint32_t i = 0; i < plan->n; i++) {
        const struct tb_column *column = &plan->columns[i];
        size_t most = 1; /* bytes of text that a byte can become */

        if (column->kind == TB_COLUMN_TEXT) {
            most = 4; /* \xff */
        }
        else if (column->kind == TB_COLUMN_ENUM) {
            most = 20; /* the digits of a number */
        }
        if (max > INT32_MAX / (most * column->width)) {
            max = INT32_MAX / (most * column->width);
        }
    }
    return max > 0 ? max : 1;
}

/* What a stream owns. */
struct source {
    struct tb_column_batch *batch; /* counted there */
    size_t at;                     /* rows that were given out */
    int is_begun;                  /* one array comes, also of no rows */
    const char *error;
};

static int
get_schema(struct tb_arrow_stream *stream, struct tb_arrow_schema *out)
{
    struct source *source = stream->private_data;
    int err = tb_arrow_schema_make(source->batch->plan, out);

    source->error = err < 0 ? strerror(-err) : NULL;
    return -err;
}

/* The next rows; at the end an array that is released. */
static int
get_next(struct tb_arrow_stream *stream, struct tb_arrow_array *out)
{
    struct source *source = stream->private_data;
    size_t n = source->batch->n - source->at;
    size_t max = tb_arrow_rows_max(source->batch->plan);
    int err;

    *out = (struct tb_arrow_array){0};
    source->error = NULL;
    if (n == 0 && source->is_begun) {
        return 0;
    }
    n = n < max ? n : max;
    err = tb_arrow_array_make(source->batch, source->at, n, out);
    if (err == 0) {
        source->at += n;
        source->is_begun = 1;
    }
    source->error = err < 0 ? strerror(-err) : NULL;
    return -err;
}

static const char *
get_last_error(struct tb_arrow_stream *stream)
{
    return ((struct source *)stream->private_data)->error;
}

static void
release_stream(struct tb_arrow_stream *stream)
{
    struct source *source = stream->private_data;

    tb_column_batch_drop(source->batch);
    free(source);
    stream->release = NULL;
}

int
tb_arrow_stream_make(struct tb_column_batch *batch, struct tb_arrow_stream *out)
{
    struct source *source = calloc(1, sizeof(*source));

    if (source == NULL) {
        return -ENOMEM;
    }
    source->batch = tb_column_batch_use(batch);
    *out = (struct tb_arrow_stream){
        .get_schema = get_schema,
        .get_next = get_next,
        .get_last_error = get_last_error,
        .release = release_stream,
        .private_data = source,
    };
    return 0;
}
