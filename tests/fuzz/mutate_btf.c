/* SPDX-License-Identifier: MIT
 *
 * Mutations of BTF (mutate.h): one field of one type, a name, or one type more.
 */
#include "base/libbpf.h"
#include "mutate.h"

#include <string.h>

#define TYPES_MAX 8192

/* A BTF of the machine's byte order whose parts are where they should be. */
struct view {
    struct btf_header header;
    uint8_t *types, *strings; /* borrowed */
    uint32_t n;               /* of those that are found */
    uint32_t at[TYPES_MAX];
};

/* The bytes behind the first three words of a type. */
static size_t
extra_size(const struct btf_type *type)
{
    size_t n = btf_vlen(type);

    switch (btf_kind(type)) {
    case BTF_KIND_INT:
    case BTF_KIND_VAR:
    case BTF_KIND_DECL_TAG:
        return 4;
    case BTF_KIND_ARRAY:
        return 12;
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
    case BTF_KIND_DATASEC:
    case BTF_KIND_ENUM64:
        return 12 * n;
    case BTF_KIND_ENUM:
    case BTF_KIND_FUNC_PROTO:
        return 8 * n;
    default:
        return 0;
    }
}

/* Find the parts; 0, or -1 if it is nothing that one can look into. */
static int
look(struct view *view, uint8_t *btf, size_t size)
{
    struct btf_header *header = &view->header;
    size_t at = 0;

    view->n = 0;
    if (size < sizeof(*header)) {
        return -1;
    }
    memcpy(header, btf, sizeof(*header));
    if (header->magic != BTF_MAGIC || header->hdr_len > size ||
        (header->hdr_len | header->type_off) % 4 != 0 ||
        header->type_off > size - header->hdr_len ||
        header->type_len > size - header->hdr_len - header->type_off ||
        header->str_off > size - header->hdr_len ||
        header->str_len > size - header->hdr_len - header->str_off ||
        header->str_off < header->type_off + header->type_len) {
        return -1;
    }
    view->types = btf + header->hdr_len + header->type_off;
    view->strings = btf + header->hdr_len + header->str_off;
    while (header->type_len - at >= sizeof(struct btf_type) && view->n < TYPES_MAX) {
        size_t n = sizeof(struct btf_type) +
                   extra_size((const struct btf_type *)(view->types + at));

        if (n > header->type_len - at) {
            break;
        }
        view->at[view->n++] = (uint32_t)at;
        at += n;
    }
    return view->n > 0 ? 0 : -1;
}

/* Open room of n bytes behind `at`, which is inside; 0, or -1 if there is none. */
static int
make_room(uint8_t *data, size_t size, size_t max, size_t at, size_t n)
{
    if (n > max || size > max - n) {
        return -1;
    }
    memmove(data + at + n, data + at, size - at);
    return 0;
}

/* Change one of the words of a type's parts: a type more often than a number. */
static void
mutate_extra(struct dice *dice, const struct view *view, struct btf_type *type)
{
    uint32_t *words = (uint32_t *)(type + 1);
    uint32_t n = (uint32_t)(extra_size(type) / 4);
    uint32_t which = n > 0 ? roll(dice, n) : 0;

    if (n == 0) {
        return;
    }
    if (roll(dice, 2) == 0) {
        words[which] = roll(dice, view->n + 2);
    }
    else {
        words[which] = other_number(dice, words[which]);
    }
}

static void
mutate_type(struct dice *dice, const struct view *view)
{
    struct btf_type *type =
        (struct btf_type *)(view->types + view->at[roll(dice, view->n)]);

    switch (roll(dice, 8)) {
    case 0:
        type->name_off = roll(dice, view->header.str_len + 1);
        break;
    case 1:
        type->info = other_number(dice, type->info);
        break;
    case 2: /* another kind that is as long */
        type->info = (type->info & ~0x1f000000u) | (1 + roll(dice, 19)) << 24;
        break;
    case 3:
        type->info ^= 1u << 31;
        break;
    case 4:
        type->size = other_number(dice, type->size);
        break;
    case 5:
        type->type = roll(dice, view->n + 2);
        break;
    default:
        mutate_extra(dice, view, type);
    }
}

/* Write another name over one, as far as it fits; it still ends where it did. */
static void
mutate_string(struct dice *dice, const struct view *view)
{
    uint32_t at =
        view->header.str_len > 1 ? 1 + roll(dice, view->header.str_len - 1) : 0;
    const char *name = other_name(dice);

    while (at > 1 && view->strings[at - 1] != '\0') {
        at--;
    }
    for (;
         at > 0 && at + 1 < view->header.str_len && view->strings[at] != '\0' && *name;
         at++, name++) {
        view->strings[at] = (uint8_t)*name;
    }
}

/* Add a name, and give it to a type. */
static size_t
add_string(struct dice *dice, struct view *view, uint8_t *btf, size_t size, size_t max)
{
    const char *name = other_name(dice);
    size_t n = strlen(name) + 1, end = view->strings - btf + view->header.str_len;
    struct btf_type *type =
        (struct btf_type *)(view->types + view->at[roll(dice, view->n)]);

    if (make_room(btf, size, max, end, n) < 0) {
        return size;
    }
    memcpy(btf + end, name, n);
    type->name_off = view->header.str_len;
    view->header.str_len += (uint32_t)n;
    memcpy(btf, &view->header, sizeof(view->header));
    return size + n;
}

/* Add a copy of a type, changed by those that follow. */
static size_t
add_type(struct dice *dice, struct view *view, uint8_t *btf, size_t size, size_t max)
{
    uint32_t from = view->at[roll(dice, view->n)];
    size_t end = view->types - btf + view->header.type_len;
    size_t n = sizeof(struct btf_type) +
               extra_size((const struct btf_type *)(view->types + from));

    if (make_room(btf, size, max, end, n) < 0) {
        return size;
    }
    memcpy(btf + end, view->types + from, n);
    view->header.type_len += (uint32_t)n;
    view->header.str_off += (uint32_t)n;
    memcpy(btf, &view->header, sizeof(view->header));
    return size + n;
}

/* Give a type one part more, a copy of its first words. */
static size_t
add_part(struct dice *dice, struct view *view, uint8_t *btf, size_t size, size_t max)
{
    uint32_t at = view->at[roll(dice, view->n)];
    struct btf_type *type = (struct btf_type *)(view->types + at);
    size_t k = btf_vlen(type), n = k > 0 ? extra_size(type) / k : 0;
    size_t end = view->types - btf + at + sizeof(*type) + extra_size(type);

    if (n == 0 || btf_vlen(type) == 0xffff || make_room(btf, size, max, end, n) < 0) {
        return size;
    }
    memcpy(btf + end, btf + end - n, n);
    type->info++;
    view->header.type_len += (uint32_t)n;
    view->header.str_off += (uint32_t)n;
    memcpy(btf, &view->header, sizeof(view->header));
    return size + n;
}

static void
mutate_header(struct dice *dice, uint8_t *btf)
{
    uint32_t at = 4 * (1 + roll(dice, 5)), word;

    memcpy(&word, btf + at, sizeof(word));
    word = other_number(dice, word);
    memcpy(btf + at, &word, sizeof(word));
}

size_t
mutate_btf(struct dice *dice, uint8_t *btf, size_t size, size_t max)
{
    static struct view view;

    if ((uintptr_t)btf % 4 != 0 || look(&view, btf, size) < 0) {
        return size;
    }
    switch (roll(dice, 24)) {
    case 0:
        if (roll(dice, 8) == 0) {
            mutate_header(dice, btf);
        }
        return size;
    case 1:
    case 2:
        mutate_string(dice, &view);
        return size;
    case 3:
    case 4:
        return add_string(dice, &view, btf, size, max);
    case 5:
    case 6:
        return add_type(dice, &view, btf, size, max);
    case 7:
    case 8:
        return add_part(dice, &view, btf, size, max);
    default:
        mutate_type(dice, &view);
        return size;
    }
}
