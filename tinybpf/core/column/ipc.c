/* SPDX-License-Identifier: MIT
 *
 * IPC messages (column/ipc.h): flatbuffers as format/Message.fbs and format/Schema.fbs
 * of Arrow describe them. Fields are given by their numbers there.
 */
#include "column/ipc.h"

#include "column/flat.h"

#include <stdlib.h>
#include <string.h>

#define VERSION_5 4
#define CONTINUATION UINT32_MAX
#define HEAD 8 /* bytes before the flatbuffer: the mark and the size of it */

enum header { HEADER_SCHEMA = 1, HEADER_DICTIONARY = 2, HEADER_RECORDS = 3 };
enum type {
    TYPE_INT = 2,
    TYPE_FLOAT = 3,
    TYPE_UTF8 = 5,
    TYPE_BOOL = 6,
    TYPE_FIXED_BINARY = 15,
    TYPE_FIXED_LIST = 16,
};

/* Begin a message: the head, a reference to the root, the root; the place that refers
 * to what the message is about. */
static size_t
begin(struct tb_text *text, enum header header, int64_t body)
{
    static const uint8_t sizes[] = {2, 1, 4,
                                    8}; /* version, header type, header, body */
    struct tb_flat_table message;
    const uint64_t head[2] = {0, 0};
    size_t root = text->len + HEAD;

    tb_text_add(text, (const char *)head, sizeof(head)); /* aligned to 8 behind it */
    message = tb_flat_table(text, root, sizes, 4);
    tb_flat_set(text, message.fields[0], VERSION_5, 2);
    tb_flat_set(text, message.fields[1], header, 1);
    tb_flat_set(text, message.fields[3], (uint64_t)body, 8);
    return message.fields[2];
}

/* End it: its size is known. */
static int
end(struct tb_text *text)
{
    tb_flat_align(text);
    tb_flat_set(text, 0, CONTINUATION, 4);
    tb_flat_set(text, 4, text->len - HEAD, 4);
    return text->err;
}

/* Write the type of integers of a format, at a place. */
static void
write_int(struct tb_text *text, size_t from, char format)
{
    static const uint8_t sizes[] = {4, 1}; /* width in bits, signed */
    static const char letters[] = "cCsSiIlL";
    int at = (int)(strchr(letters, format) - letters);
    struct tb_flat_table type = tb_flat_table(text, from, sizes, 2);

    tb_flat_set(text, type.fields[0], 8u << at / 2, 4);
    tb_flat_set(text, type.fields[1], at % 2 == 0, 1);
}

/* Write the type of values of a format, at a place; its number. */
static enum type
write_type(struct tb_text *text, size_t from, const char *format)
{
    static const uint8_t one_short[] = {2}, one_int[] = {4};
    struct tb_flat_table type;

    switch (format[0]) {
    case 'f':
    case 'g':
        type = tb_flat_table(text, from, one_short, 1);
        tb_flat_set(text, type.fields[0], format[0] == 'f' ? 1 : 2, 2);
        return TYPE_FLOAT;
    case 'b':
        tb_flat_table(text, from, NULL, 0);
        return TYPE_BOOL;
    case 'u':
        tb_flat_table(text, from, NULL, 0);
        return TYPE_UTF8;
    case 'w':
        type = tb_flat_table(text, from, one_int, 1);
        tb_flat_set(text, type.fields[0], strtoul(format + 2, NULL, 10), 4);
        return TYPE_FIXED_BINARY;
    case '+':
        type = tb_flat_table(text, from, one_int, 1);
        tb_flat_set(text, type.fields[0], strtoul(format + 3, NULL, 10), 4);
        return TYPE_FIXED_LIST;
    default:
        write_int(text, from, format[0]);
        return TYPE_INT;
    }
}

/* Write the encoding of a dictionary, at a place: its number, the type of its indices.
 */
static void
write_encoding(struct tb_text *text, size_t from, int64_t id, char format)
{
    static const uint8_t sizes[] = {8, 4}; /* id, type of the indices */
    struct tb_flat_table encoding = tb_flat_table(text, from, sizes, 2);

    tb_flat_set(text, encoding.fields[0], (uint64_t)id, 8);
    write_int(text, encoding.fields[1], format);
}

/* Write a field and those in it, at a place; dictionaries are counted in *n_texts. A
 * dictionary's field has the type of what is in the dictionary. */
static void
write_field(struct tb_text *text, size_t from, const struct tb_arrow_schema *schema,
            int64_t *n_texts)
{
    /* name, nullable, number of the type, type, dictionary, children */
    const uint8_t sizes[] = {4, 1, 1, 4, schema->dictionary ? 4 : 0, 4};
    const struct tb_arrow_schema *values =
        schema->dictionary ? schema->dictionary : schema;
    struct tb_flat_table field = tb_flat_table(text, from, sizes, 6);
    uint32_t n = (uint32_t)schema->n_children;
    enum type type;
    size_t at;

    tb_flat_string(text, field.fields[0], schema->name);
    type = write_type(text, field.fields[3], values->format);
    tb_flat_set(text, field.fields[2], type, 1);
    if (schema->dictionary != NULL) {
        write_encoding(text, field.fields[4], (*n_texts)++, schema->format[0]);
    }
    at = tb_flat_vector(text, field.fields[5], n, 4);
    for (uint32_t i = 0; i < n; i++) { /* no deeper than dimensions */
        write_field(text, at + 4 * (size_t)i, schema->children[i], n_texts);
    }
}

int
tb_ipc_schema(struct tb_text *text, const struct tb_arrow_schema *schema)
{
    static const uint8_t sizes[] = {2, 4}; /* endianness: 0 is little; fields */
    size_t from = begin(text, HEADER_SCHEMA, 0), at;
    struct tb_flat_table table = tb_flat_table(text, from, sizes, 2);
    int64_t n_texts = 0;

    at = tb_flat_vector(text, table.fields[1], (uint32_t)schema->n_children, 4);
    for (int64_t i = 0; i < schema->n_children; i++) {
        write_field(text, at + 4 * (size_t)i, schema->children[i], &n_texts);
    }
    return end(text);
}

/* Bytes of a buffer of an array. */
static size_t
buffer_size(const struct tb_arrow_schema *schema, const struct tb_arrow_array *array,
            int64_t i)
{
    static const uint8_t sizes[] = {['c'] = 1, ['C'] = 1, ['s'] = 2, ['S'] = 2,
                                    ['i'] = 4, ['I'] = 4, ['l'] = 8, ['L'] = 8,
                                    ['f'] = 4, ['g'] = 8};
    size_t n = (size_t)array->length;

    if (i == 0) {
        return 0; /* nothing is absent */
    }
    switch (schema->format[0]) {
    case 'b':
        return (n + 7) / 8;
    case 'w':
        return n * strtoul(schema->format + 2, NULL, 10);
    case 'u':
        return i == 1 ? (n + 1) * sizeof(int32_t)
                      : (size_t)((const int32_t *)array->buffers[1])[n];
    default:
        return n * sizes[(unsigned char)schema->format[0]];
    }
}

int
tb_ipc_each(const struct tb_arrow_schema *schema, const struct tb_arrow_array *array,
            tb_ipc_taker take, void *taker)
{
    int rc = 0;

    for (int64_t i = 0; rc == 0 && i < array->n_buffers; i++) {
        rc = take(taker, array->buffers[i], buffer_size(schema, array, i));
    }
    for (int64_t i = 0; rc == 0 && i < array->n_children; i++) {
        rc = tb_ipc_each(schema->children[i], array->children[i], take, taker);
    }
    return rc;
}

/* The buffers of a message, as they are counted and then written. */
struct body {
    struct tb_text *text;
    size_t at; /* place of the next description */
    uint32_t n_buffers;
    uint64_t size;
};

static int
count_buffer(void *taker, const void *data, size_t size)
{
    struct body *body = taker;

    (void)data;
    body->n_buffers++;
    body->size += (size + 7) / 8 * 8;
    return 0;
}

static int
write_buffer(void *taker, const void *data, size_t size)
{
    struct body *body = taker;

    (void)data;
    tb_flat_set(body->text, body->at, body->size, 8);
    tb_flat_set(body->text, body->at + 8, size, 8);
    body->at += 16;
    body->size += (size + 7) / 8 * 8;
    return 0;
}

/* The nodes of an array and of those in it. */
static uint32_t
count_nodes(const struct tb_arrow_array *array)
{
    uint32_t n = 1;

    for (int64_t i = 0; i < array->n_children; i++) {
        n += count_nodes(array->children[i]);
    }
    return n;
}

static size_t
write_nodes(struct tb_text *text, size_t at, const struct tb_arrow_array *array)
{
    tb_flat_set(text, at, (uint64_t)array->length, 8);
    at += 16; /* the other half: how many are absent */
    for (int64_t i = 0; i < array->n_children; i++) {
        at = write_nodes(text, at, array->children[i]);
    }
    return at;
}

/* Arrays of a message: the one, or the children of a struct. */
struct parts {
    const struct tb_arrow_schema *const *schemas;
    const struct tb_arrow_array *const *arrays;
    int64_t n;
};

/* Hand over the buffers of all parts. */
static void
each_part(const struct parts *parts, tb_ipc_taker take, struct body *body)
{
    for (int64_t i = 0; i < parts->n; i++) {
        tb_ipc_each(parts->schemas[i], parts->arrays[i], take, body);
    }
}

/* Write the table of a record batch, at a place. */
static void
write_batch(struct tb_text *text, size_t from, const struct parts *parts,
            int64_t length)
{
    static const uint8_t sizes[] = {8, 4, 4}; /* length, nodes, buffers */
    struct tb_flat_table table = tb_flat_table(text, from, sizes, 3);
    struct body body = {.text = text};
    uint32_t n = 0;
    size_t at;

    for (int64_t i = 0; i < parts->n; i++) {
        n += count_nodes(parts->arrays[i]);
    }
    tb_flat_set(text, table.fields[0], (uint64_t)length, 8);
    at = tb_flat_vector(text, table.fields[1], n, 16);
    for (int64_t i = 0; i < parts->n; i++) {
        at = write_nodes(text, at, parts->arrays[i]);
    }
    each_part(parts, count_buffer, &body);
    body.at = tb_flat_vector(text, table.fields[2], body.n_buffers, 16);
    body.size = 0;
    each_part(parts, write_buffer, &body);
}

/* Bytes of all buffers. */
static int64_t
body_size(const struct parts *parts)
{
    struct body body = {0};

    each_part(parts, count_buffer, &body);
    return (int64_t)body.size;
}

int
tb_ipc_records(struct tb_text *text, const struct tb_arrow_schema *schema,
               const struct tb_arrow_array *array)
{
    const struct parts parts = {(const struct tb_arrow_schema *const *)schema->children,
                                (const struct tb_arrow_array *const *)array->children,
                                array->n_children};
    size_t from = begin(text, HEADER_RECORDS, body_size(&parts));

    write_batch(text, from, &parts, array->length);
    return end(text);
}

int
tb_ipc_texts(struct tb_text *text, int64_t id, const struct tb_arrow_schema *schema,
             const struct tb_arrow_array *array)
{
    static const uint8_t sizes[] = {8, 4}; /* id, record batch */
    const struct parts parts = {&schema, &array, 1};
    size_t from = begin(text, HEADER_DICTIONARY, body_size(&parts));
    struct tb_flat_table table = tb_flat_table(text, from, sizes, 2);

    tb_flat_set(text, table.fields[0], (uint64_t)id, 8);
    write_batch(text, table.fields[1], &parts, array->length);
    return end(text);
}

/* The same as tb_ipc_dictionary() within a node; *id is counted down. */
static int
find(const struct tb_arrow_schema *schema, const struct tb_arrow_array *array,
     int64_t *id, const struct tb_arrow_schema **out_schema,
     const struct tb_arrow_array **out_array)
{
    int found = 0;

    if (schema->dictionary != NULL && (*id)-- == 0) {
        *out_schema = schema->dictionary;
        *out_array = array->dictionary;
        return 1;
    }
    for (int64_t i = 0; !found && i < schema->n_children; i++) {
        found =
            find(schema->children[i], array->children[i], id, out_schema, out_array);
    }
    return found;
}

int
tb_ipc_dictionary(const struct tb_arrow_schema *schema,
                  const struct tb_arrow_array *array, int64_t id,
                  const struct tb_arrow_schema **out_schema,
                  const struct tb_arrow_array **out_array)
{
    return find(schema, array, &id, out_schema, out_array);
}
