/* SPDX-License-Identifier: MIT
 *
 * Views of memory (view/view.h): how they find it, read it and write it.
 */
#include "view/view.h"

#include "base/args.h"
#include "error/raise.h"
#include "value/bits.h"
#include "value/decode.h"
#include "value/scalar.h"

#include <stdlib.h>
#include <string.h>

void
tb_view_names_free(struct tb_view_names *names)
{
    Py_CLEAR(names->dict);
    for (size_t i = 0; i < sizeof(names->recent) / sizeof(names->recent[0]); i++) {
        Py_CLEAR(names->recent[i].name);
    }
}

static View *
root_of(View *self)
{
    return self->root != NULL ? self->root : self;
}

Btf *
tb_view_btf(View *self)
{
    return root_of(self)->source.btf;
}

const char *
tb_view_name(View *self)
{
    return root_of(self)->source.name;
}

PyObject *
tb_view_new(struct tb_state *state, const struct tb_view_source *source,
            const struct tb_layout *layout)
{
    View *self = tb_state_new(state, TB_TYPE_VIEW);

    if (self == NULL) {
        return NULL;
    }
    self->source = *source;
    Py_INCREF(source->owner);
    Py_INCREF(source->btf);
    self->layout = layout;
    self->size = layout->size;
    return (PyObject *)self;
}

PyObject *
tb_view_part(View *self, const struct tb_layout *layout, size_t offset, size_t size)
{
    View *part = tb_state_new(tb_state_of(self), TB_TYPE_VIEW);

    if (part == NULL) {
        return NULL;
    }
    part->root = (View *)tb_new_ref(root_of(self));
    part->layout = layout;
    part->offset = self->offset + offset;
    part->size = size != 0 ? size : layout->size;
    return (PyObject *)part;
}

/* A section can become shorter after a view of it was made. */
char *
tb_view_memory(View *self, int write)
{
    const struct tb_view_source *source = &root_of(self)->source;
    struct tb_span span;

    if (source->find(source->owner, source->index, write, &span) < 0) {
        return NULL;
    }
    if (self->size > span.size || self->offset > span.size - self->size) {
        return tb_error_raise(tb_state_of(self), TB_ERROR, 0,
                              "what this view of %s shows is no longer there: the "
                              "section was resized",
                              source->name);
    }
    return (char *)span.data + self->offset;
}

/* Whether a value is shown by a view of its own. */
static int
has_parts(const struct tb_layout *layout)
{
    return layout->kind == TB_LAYOUT_ARRAY || tb_layout_is_aggregate(layout);
}

/* The value of an enum: its class may have to be made first, by Python code, while
 * another thread closes what the memory belongs to. */
static PyObject *
get_enum(View *self, const struct tb_field *field, const char *memory)
{
    struct tb_field alone = *field;
    char bytes[sizeof(tb_wide) + 1] = {0};

    alone.offset = 0;
    memcpy(bytes, memory + field->offset, tb_layout_span(field));
    return tb_value_decode_field(tb_view_btf(self), &alone, bytes, sizeof(bytes));
}

PyObject *
tb_view_get_field(View *self, const struct tb_field *field)
{
    const struct tb_layout *layout = field->layout;
    struct tb_codec codec;
    const char *memory;

    if (field->bits == 0 && has_parts(layout)) {
        return tb_view_part(self, layout, field->offset,
                            field->is_tail ? self->size - field->offset : 0);
    }
    memory = tb_view_memory(self, 0);
    if (memory == NULL) {
        return NULL;
    }
    if (layout->kind == TB_LAYOUT_ENUM) {
        return get_enum(self, field, memory);
    }
    codec = tb_scalar_codec(layout);
    if (codec.kind != TB_CODEC_BYTES && field->bits == 0) { /* what most fields are */
        return tb_scalar_decode(&codec, memory + field->offset);
    }
    return tb_value_decode_field(tb_view_btf(self), field, memory, self->size);
}

PyObject *
tb_view_get_element(View *self, size_t index)
{
    struct tb_field field = {.layout = self->layout->element};

    field.offset = (uint32_t)(index * field.layout->size);
    return tb_view_get_field(self, &field);
}

size_t
tb_view_length(const View *self)
{
    const struct tb_layout *layout = self->layout;

    if (!layout->is_flexible) {
        return layout->n;
    }
    return layout->element->size ? self->size / layout->element->size : 0;
}

/* Copy into memory that others read meanwhile: a number changes all at once. */
static void
store(void *to, const void *from, size_t size)
{
    uint64_t v64;
    uint32_t v32;
    uint16_t v16;

    if (size == sizeof(v64) && (uintptr_t)to % sizeof(v64) == 0) {
        memcpy(&v64, from, sizeof(v64));
        __atomic_store_n((uint64_t *)to, v64, __ATOMIC_RELAXED);
    }
    else if (size == sizeof(v32) && (uintptr_t)to % sizeof(v32) == 0) {
        memcpy(&v32, from, sizeof(v32));
        __atomic_store_n((uint32_t *)to, v32, __ATOMIC_RELAXED);
    }
    else if (size == sizeof(v16) && (uintptr_t)to % sizeof(v16) == 0) {
        memcpy(&v16, from, sizeof(v16));
        __atomic_store_n((uint16_t *)to, v16, __ATOMIC_RELAXED);
    }
    else {
        memcpy(to, from, size);
    }
}

/* Room for a value that is made before it is stored: on the stack, if it fits. */
struct room {
    union {
        uint64_t align;
        char bytes[256];
    } small;
    char *large; /* owned; NULL: the small one is used */
};

static char *
take_room(struct room *room, size_t size)
{
    room->large = NULL;
    if (size <= sizeof(room->small)) {
        return room->small.bytes;
    }
    room->large = malloc(size);
    return room->large != NULL ? room->large : (char *)PyErr_NoMemory();
}

/* Bytes for a View, which knows its own best; anything else as it is. New. */
static PyObject *
plain(View *self, PyObject *value)
{
    View *other = (View *)value;
    const char *memory;

    if (Py_TYPE(value) != Py_TYPE(self)) {
        return tb_new_ref(value);
    }
    memory = tb_view_memory(other, 0);
    return memory == NULL ? NULL
                          : PyBytes_FromStringAndSize(memory, (Py_ssize_t)other->size);
}

/* Set the member of that name, which is known to fit. 0, or -1 with an exception. */
static int
set_member(void *view, PyObject *name, PyObject *value)
{
    View *self = view;
    const char *text = PyUnicode_AsUTF8AndSize(name, NULL);
    const struct tb_field *field = text ? tb_layout_field(self->layout, text) : NULL;

    if (field != NULL) {
        return tb_view_set_field(self, field, value);
    }
    if (text != NULL) {
        PyErr_SetString(PyExc_RuntimeError, "the mapping changed while it was read");
    }
    return -1;
}

/* Set the members that a mapping names, one by one: what the program changes in the
 * others meanwhile stays. */
static int
set_members(View *self, const struct tb_field *part, PyObject *mapping)
{
    size_t size = part->is_tail ? self->size - part->offset : 0;
    PyObject *view = tb_view_part(self, part->layout, part->offset, size);
    int rc = view ? tb_args_each(mapping, "fields", set_member, view) : -1;

    Py_XDECREF(view);
    return rc;
}

/* Convert what is given into a copy of what stands there; 0, or -1 with an exception.
 */
static int
convert(View *self, const struct tb_field *part, const struct tb_path *at,
        PyObject *given, struct tb_span out)
{
    if (has_parts(part->layout)) {
        const char *memory = tb_view_memory(self, 1);

        if (memory == NULL) {
            return -1;
        }
        memcpy(out.data, memory + part->offset, out.size);
        out.is_set = 1;
    }
    return tb_value_encode(part->layout, at, given, out);
}

/* Convert first: that may run Python code, which may close what the memory belongs
 * to, and may fail. */
static int
set_part(View *self, const struct tb_field *part, const struct tb_path *at,
         PyObject *value)
{
    size_t size = part->is_tail ? self->size - part->offset : part->layout->size;
    PyObject *given = tb_view_memory(self, 1) ? plain(self, value) : NULL;
    struct room room = {.large = NULL};
    char *bytes = given ? take_room(&room, size) : NULL;
    char *memory = NULL;
    int rc = -1, is_mapping = 0;

    if (bytes == NULL ||
        convert(self, part, at, given, (struct tb_span){bytes, size, 0}) < 0) {
        goto done;
    }
    if (tb_layout_is_aggregate(part->layout)) {
        is_mapping = tb_value_is_mapping(given);
    }
    if (is_mapping != 0) {
        rc = is_mapping < 0 ? -1 : set_members(self, part, given);
        goto done;
    }
    memory = tb_view_memory(self, 1);
    if (memory != NULL) {
        store(memory + part->offset, bytes, size);
        rc = 0;
    }
done:
    free(room.large);
    Py_XDECREF(given);
    return rc;
}

/* The neighbours of a bitfield are written back as they were read: what the program
 * changes in between is lost. */
static int
set_bits(View *self, const struct tb_field *field, const struct tb_path *at,
         PyObject *value)
{
    struct tb_field alone = *field;
    char bytes[sizeof(tb_wide) + 1] = {0};
    char *memory = tb_view_memory(self, 1);

    alone.offset = 0;
    if (memory == NULL ||
        tb_value_encode_field(&alone, at, value,
                              (struct tb_span){bytes, sizeof(bytes), 0}) < 0) {
        return -1;
    }
    memory = tb_view_memory(self, 1);
    if (memory != NULL) {
        tb_bits_store(memory + field->offset, field->shift, field->bits,
                      tb_bits_load(bytes, field->shift, field->bits));
    }
    return memory != NULL ? 0 : -1;
}

int
tb_view_set_field(View *self, const struct tb_field *field, PyObject *value)
{
    struct tb_path root = {.name = tb_view_name(self)};
    struct tb_path at = {.up = &root, .name = field->name};

    return field->bits != 0 ? set_bits(self, field, &at, value)
                            : set_part(self, field, &at, value);
}

int
tb_view_set_element(View *self, size_t index, PyObject *value)
{
    const struct tb_layout *element = self->layout->element;
    struct tb_field part = {.layout = element,
                            .offset = (uint32_t)(index * element->size)};
    struct tb_path root = {.name = tb_view_name(self)};
    struct tb_path at = {.up = &root, .index = (Py_ssize_t)index};

    return set_part(self, &part, &at, value);
}
