/* SPDX-License-Identifier: MIT
 *
 * Schemas (column/arrow_schema.h): each node owns itself, for a consumer may move any
 * child out and release it by itself.
 */
#include "column/arrow_schema.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT_ROOM 24

/* What a node owns. */
struct node {
    char format[FORMAT_ROOM];
    char *name;
    size_t n_children; /* those that were made */
};

/* The release of a node: of what it owns, and of the children that are still with it.
 */
static void
release(struct tb_arrow_schema *schema)
{
    struct node *node = schema->private_data;

    for (size_t i = 0; i < node->n_children; i++) {
        if (schema->children[i]->release != NULL) {
            schema->children[i]->release(schema->children[i]);
        }
        free(schema->children[i]);
    }
    free(schema->children);
    if (schema->dictionary != NULL && schema->dictionary->release != NULL) {
        schema->dictionary->release(schema->dictionary);
    }
    free(schema->dictionary);
    free(node->name);
    free(node);
    schema->release = NULL;
}

/* Make a node with room for children, which are added later. No value is ever absent:
 * none is nullable. 0 or -ENOMEM. */
static int
make_node(struct tb_arrow_schema *out, const char *format, const char *name,
          size_t n_children)
{
    struct node *node = calloc(1, sizeof(*node));

    *out = (struct tb_arrow_schema){0};
    if (node == NULL) {
        return -ENOMEM;
    }
    node->name = strdup(name);
    out->children =
        calloc(n_children ? n_children : 1, sizeof(struct tb_arrow_schema *));
    out->private_data = node;
    if (node->name == NULL || out->children == NULL) {
        release(out);
        return -ENOMEM;
    }
    snprintf(node->format, sizeof(node->format), "%s", format);
    out->format = node->format;
    out->name = node->name;
    out->n_children = (int64_t)n_children;
    out->release = release;
    return 0;
}

/* Room for the next child; NULL: no memory. It counts once it is made. */
static struct tb_arrow_schema *
new_child(struct tb_arrow_schema *parent)
{
    struct node *node = parent->private_data;
    struct tb_arrow_schema *child = calloc(1, sizeof(*child));

    if (child != NULL) {
        parent->children[node->n_children++] = child;
    }
    return child;
}

/* Letters of Arrow's numbers, by their size. */
static char
number_letter(const struct tb_column *column)
{
    static const char unsigneds[] = {[1] = 'C', [2] = 'S', [4] = 'I', [8] = 'L'};
    static const char signeds[] = {[1] = 'c', [2] = 's', [4] = 'i', [8] = 'l'};

    return (column->kind == TB_COLUMN_SIGNED ? signeds : unsigneds)[column->size];
}

/* The format of an element. */
static void
write_format(const struct tb_column *column, char *out)
{
    switch (column->kind) {
    case TB_COLUMN_UNSIGNED:
    case TB_COLUMN_SIGNED:
        snprintf(out, FORMAT_ROOM, "%c", number_letter(column));
        break;
    case TB_COLUMN_FLOAT:
        snprintf(out, FORMAT_ROOM, "%s", column->size == sizeof(float) ? "f" : "g");
        break;
    case TB_COLUMN_BOOL:
        snprintf(out, FORMAT_ROOM, "b");
        break;
    case TB_COLUMN_ENUM:
        snprintf(out, FORMAT_ROOM, "i"); /* the index in its dictionary */
        break;
    case TB_COLUMN_TEXT:
        snprintf(out, FORMAT_ROOM, "u");
        break;
    default:
        snprintf(out, FORMAT_ROOM, "w:%u", column->size);
    }
}

/* Make the node of an element; 0 or -ENOMEM. */
static int
make_element(const struct tb_column *column, const char *name,
             struct tb_arrow_schema *out)
{
    char format[FORMAT_ROOM];
    int err;

    write_format(column, format);
    err = make_node(out, format, name, 0);
    if (err == 0 && column->kind == TB_COLUMN_ENUM) {
        out->dictionary = calloc(1, sizeof(*out->dictionary));
        err = out->dictionary ? make_node(out->dictionary, "u", "", 0) : -ENOMEM;
    }
    return err;
}

/* Make the node of a column, a list in the other for each dimension; what was made
 * stays with out, whatever fails. 0 or -ENOMEM. */
static int
make_column(const struct tb_column *column, struct tb_arrow_schema *out)
{
    const char *name = column->name;

    for (int i = 0; i < column->n_dims; i++) {
        char format[FORMAT_ROOM];

        snprintf(format, sizeof(format), "+w:%u", column->dims[i]);
        if (make_node(out, format, name, 1) < 0) {
            return -ENOMEM;
        }
        out = new_child(out);
        name = "item";
        if (out == NULL) {
            return -ENOMEM;
        }
    }
    return make_element(column, name, out);
}

int
tb_arrow_schema_make(const struct tb_column_plan *plan, struct tb_arrow_schema *out)
{
    int err = make_node(out, "+s", "", plan->n);

    if (err < 0) {
        return err;
    }
    for (uint32_t i = 0; err == 0 && i < plan->n; i++) {
        struct tb_arrow_schema *child = new_child(out);

        err = child ? make_column(&plan->columns[i], child) : -ENOMEM;
    }
    if (err < 0) {
        out->release(out);
    }
    return err;
}

/* The name of an element's type, as pyarrow has it. */
static void
write_element(const struct tb_column *column, char *out, size_t room)
{
    switch (column->kind) {
    case TB_COLUMN_UNSIGNED:
    case TB_COLUMN_SIGNED:
        snprintf(out, room, "%sint%u", column->kind == TB_COLUMN_SIGNED ? "" : "u",
                 column->size * 8);
        break;
    case TB_COLUMN_FLOAT:
        snprintf(out, room, "%s", column->size == sizeof(float) ? "float" : "double");
        break;
    case TB_COLUMN_BOOL:
        snprintf(out, room, "bool");
        break;
    case TB_COLUMN_ENUM:
        snprintf(out, room, "dictionary<string>");
        break;
    case TB_COLUMN_TEXT:
        snprintf(out, room, "string");
        break;
    default:
        snprintf(out, room, "fixed_size_binary[%u]", column->size);
    }
}

void
tb_arrow_schema_text(const struct tb_column *column, char *out, size_t room)
{
    char inner[256], text[256];

    write_element(column, text, sizeof(text));
    for (int i = column->n_dims - 1; i >= 0; i--) {
        memcpy(inner, text, sizeof(inner));
        snprintf(text, sizeof(text), "fixed_size_list<%.200s>[%u]", inner,
                 column->dims[i]);
    }
    snprintf(out, room, "%s", text);
}
