/* SPDX-License-Identifier: MIT
 *
 * Explains failed CO-RE relocations (error/relocation.h). libbpf's line says what the
 * program was compiled with ("<byte_off> [5] struct task_struct.state (0:0 ...", see
 * bpf_core_format_spec()); the kernel's BTF, parsed on this path only, says what
 * there is instead.
 */
#include "error/relocation.h"

#include "base/args.h"
#include "base/libbpf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MARK "failed to resolve CO-RE relocation <"
#define FIELDS_MAX 3 /* names that are shown as near */

/* What the program was compiled with. */
struct wanted {
    char program[64];
    char how[32];      /* "byte_off", "type_size", "enumval_value" ... */
    char keyword[16];  /* "struct", "union", "enum" ... */
    char type[128];    /* the type's name, without its ___flavour */
    char member[256];  /* "a.b[2].c", an enumerator, or "" for a type */
    char missing[256]; /* the part of it that the kernel lacks */
    char holder[128];  /* the type that lacks it */
    int is_field;      /* what lacks is a field, and not a type or a value */
};

/* Names that belong to the BTF, growing. */
struct names {
    const char **items; /* owned; its strings are borrowed */
    size_t n, cap;
};

/* Fields that the kernel renamed, where the nearest name needs a word on since when. */
static const struct {
    const char *type, *before, *after, *since;
} renamed[] = {
    {"task_struct", "state", "__state", "5.14"},
    {"kernfs_node", "parent", "__parent", "6.15"},
};

/* Copy up to one of the stops, or to the end; where it stopped. */
static const char *
copy_until(const char *from, const char *stops, char *to, size_t size)
{
    size_t n = strcspn(from, stops);

    snprintf(to, size, "%.*s", (int)n, from);
    return from + n;
}

/* Take libbpf's line apart; 0, or -1 if there is none. */
static int
read_wanted(const char *log, struct wanted *wanted)
{
    const char *line = strstr(log, LINE_MARK), *at, *name = NULL;
    char *flavour;

    if (line == NULL) {
        return -1;
    }
    for (at = strstr(log, "prog '"); at != NULL && at < line;
         at = strstr(at, "prog '")) {
        at += strlen("prog '");
        name = at;
    }
    copy_until(name ? name : "", "'\n", wanted->program, sizeof(wanted->program));
    at = copy_until(line + strlen(LINE_MARK), ">\n", wanted->how, sizeof(wanted->how));
    at = strchr(at, ']');
    if (at == NULL) {
        return -1;
    }
    at = copy_until(at + 2, " \n", wanted->keyword, sizeof(wanted->keyword));
    at += *at == ' ';
    at = copy_until(at, ".:[ \n", wanted->type, sizeof(wanted->type));
    at += strspn(at, ".:");
    copy_until(at, " \n", wanted->member, sizeof(wanted->member));
    flavour = strstr(wanted->type, "___");
    if (flavour != NULL && flavour > wanted->type) {
        *flavour = '\0';
    }
    flavour = strstr(wanted->member, "___");
    if (strncmp(wanted->how, "enumval", 7) == 0 && flavour != NULL) {
        *flavour = '\0';
    }
    return 0;
}

static int
names_add(struct names *names, const char *name)
{
    const char **items;
    size_t cap;

    if (names->n == names->cap) {
        cap = names->cap ? names->cap * 2 : 64;
        items = realloc(names->items, cap * sizeof(*items));
        if (items == NULL) {
            return -1;
        }
        names->items = items;
        names->cap = cap;
    }
    names->items[names->n++] = name;
    return 0;
}

/* The BTF kind that a keyword of libbpf's line means; BTF_KIND_UNKN for others. */
static unsigned int
kind_of(const char *keyword)
{
    static const struct {
        const char *keyword;
        unsigned int kind;
    } kinds[] = {
        {"struct", BTF_KIND_STRUCT},   {"union", BTF_KIND_UNION},
        {"enum", BTF_KIND_ENUM},       {"enum64", BTF_KIND_ENUM64},
        {"typedef", BTF_KIND_TYPEDEF},
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(keyword, kinds[i].keyword) == 0) {
            return kinds[i].kind;
        }
    }
    return BTF_KIND_UNKN;
}

/* Names of all types of one kind. */
static void
collect_types(const struct btf *btf, unsigned int kind, struct names *names)
{
    unsigned int n = btf__type_cnt(btf);

    for (unsigned int id = 1; id < n; id++) {
        const struct btf_type *type = btf__type_by_id(btf, id);
        const char *name = btf__name_by_offset(btf, type->name_off);

        if (btf_kind(type) == kind && *name != '\0' && names_add(names, name) < 0) {
            return;
        }
    }
}

/* What a type is behind its typedefs, qualifiers and array dimensions; NULL if that is
 * void. */
static const struct btf_type *
resolve(const struct btf *btf, unsigned int id)
{
    const struct btf_type *type;

    do {
        int found = btf__resolve_type(btf, id);

        type = found > 0 ? btf__type_by_id(btf, (unsigned int)found) : NULL;
        id = type != NULL && btf_is_array(type) ? btf_array(type)->type : 0;
    } while (id != 0);
    return type;
}

/* The member of that name, those of anonymous members included; NULL if there is none.
 * All names that are passed are collected. */
static const struct btf_member *
find_member(const struct btf *btf, const struct btf_type *type, const char *name,
            struct names *names)
{
    const struct btf_member *member = btf_members(type);

    for (unsigned int i = 0; i < btf_vlen(type); i++, member++) {
        const char *here = btf__name_by_offset(btf, member->name_off);
        const struct btf_type *inner = resolve(btf, member->type);
        const struct btf_member *found = NULL;

        if (*here != '\0') {
            found = strcmp(here, name) == 0 ? member : NULL;
            names_add(names, here);
        }
        else if (inner != NULL && btf_is_composite(inner)) {
            found = find_member(btf, inner, name, names);
        }
        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}

/* Follow "a.b[2].c" until something is missing: that, and what lacks it, are written
 * down. 1 if all of it is there. */
static int
follow(const struct btf *btf, const struct btf_type *type, struct wanted *wanted,
       struct names *names)
{
    const char *at = wanted->member;

    snprintf(wanted->holder, sizeof(wanted->holder), "%s", wanted->type);
    while (*at != '\0') {
        const struct btf_member *member;

        at = copy_until(at, ".[", wanted->missing, sizeof(wanted->missing));
        at += strcspn(at, ".");
        at += strspn(at, ".");
        names->n = 0;
        if (type == NULL || !btf_is_composite(type)) {
            return 0;
        }
        member = find_member(btf, type, wanted->missing, names);
        if (member == NULL) {
            return 0;
        }
        type = resolve(btf, member->type);
        if (*at != '\0' && type != NULL && type->name_off != 0) {
            snprintf(wanted->holder, sizeof(wanted->holder), "%s",
                     btf__name_by_offset(btf, type->name_off));
        }
    }
    return 1;
}

/* Names of an enum's values; 1 if the one that is wanted is among them. */
static int
collect_values(const struct btf *btf, const struct btf_type *type,
               struct wanted *wanted, struct names *names)
{
    int found = 0;

    snprintf(wanted->holder, sizeof(wanted->holder), "%s", wanted->type);
    snprintf(wanted->missing, sizeof(wanted->missing), "%s", wanted->member);
    for (unsigned int i = 0; i < btf_vlen(type); i++) {
        unsigned int name_off = btf_is_enum64(type) ? btf_enum64(type)[i].name_off
                                                    : btf_enum(type)[i].name_off;
        const char *name = btf__name_by_offset(btf, name_off);

        found |= strcmp(name, wanted->member) == 0;
        names_add(names, name);
    }
    return found;
}

/* Take the name out of the list that differs in leading underscores only, or else the
 * nearest one; NULL if none is near. */
static const char *
take_nearest(struct names *names, const char *wanted)
{
    const char *nearest = NULL;
    size_t at = 0;

    for (size_t i = 0; i < names->n && nearest == NULL; i++) {
        const char *name = names->items[i];

        if (strcmp(name + strspn(name, "_"), wanted + strspn(wanted, "_")) == 0) {
            nearest = name;
        }
    }
    if (nearest == NULL) {
        nearest = tb_args_nearest(wanted, names->items, names->n);
    }
    while (at < names->n && names->items[at] != nearest) {
        at++;
    }
    if (at < names->n) {
        names->items[at] = names->items[--names->n];
    }
    return nearest;
}

/* "(since 5.14)" for a field that is known to be renamed; "" otherwise. */
static const char *
renamed_since(const struct wanted *wanted, const char *name)
{
    for (size_t i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++) {
        if (strcmp(renamed[i].type, wanted->holder) == 0 &&
            strcmp(renamed[i].before, wanted->missing) == 0 &&
            strcmp(renamed[i].after, name) == 0) {
            return renamed[i].since;
        }
    }
    return NULL;
}

/* "\n  nearest: '__state' (since 5.14), 'stats'" */
static void
describe_nearest(struct names *names, const struct wanted *wanted, char *text,
                 size_t size)
{
    int max = wanted->is_field ? FIELDS_MAX : 1;
    size_t n = 0;

    text[0] = '\0';
    for (int i = 0; i < max && n < size; i++) {
        const char *name = take_nearest(names, wanted->missing);
        const char *since = name ? renamed_since(wanted, name) : NULL;

        if (name == NULL) {
            return;
        }
        n += (size_t)snprintf(
            text + n, size - n, "%s'%s'%s%s%s", i == 0 ? "\n  nearest: " : ", ", name,
            since ? " (since " : "", since ? since : "", since ? ")" : "");
    }
}

/* Find out what the kernel lacks: a sentence's end, and the names that there are. The
 * function that asks for it; no names if it is there and does not fit. */
static const char *
compare(const struct btf *btf, struct wanted *wanted, struct names *names, char *lack,
        size_t size)
{
    unsigned int kind = kind_of(wanted->keyword);
    int id = btf__find_by_name_kind(btf, wanted->type, kind);
    const struct btf_type *type = id > 0 ? resolve(btf, (unsigned int)id) : NULL;
    int is_value = strncmp(wanted->how, "enumval", 7) == 0, there;

    if (type == NULL) {
        snprintf(wanted->missing, sizeof(wanted->missing), "%s", wanted->type);
        snprintf(lack, size, "this kernel has no type '%s %s'", wanted->keyword,
                 wanted->type);
        collect_types(btf, kind, names);
        return "bpf_core_type_exists()";
    }
    wanted->is_field = !is_value;
    there = is_value && btf_is_any_enum(type) ? collect_values(btf, type, wanted, names)
                                              : follow(btf, type, wanted, names);
    if (there) {
        snprintf(lack, size, "the '%s' of this kernel's %s is of another kind",
                 wanted->missing, wanted->holder);
        names->n = 0;
    }
    else {
        snprintf(lack, size, "this kernel's %s has no %s '%s'", wanted->holder,
                 is_value ? "value" : "field", wanted->missing);
    }
    return is_value ? "bpf_core_enum_value_exists()" : "bpf_core_field_exists()";
}

int
tb_relocation_explain(const char *log, char *text, size_t size)
{
    struct wanted wanted = {.program = ""};
    struct names names = {NULL, 0, 0};
    char lack[512], near[512];
    const char *guard;
    struct btf *btf;

    if (read_wanted(log, &wanted) < 0) {
        return -1;
    }
    btf = btf__load_vmlinux_btf();
    if (btf == NULL) {
        return -1;
    }
    guard = compare(btf, &wanted, &names, lack, sizeof(lack));
    describe_nearest(&names, &wanted, near, sizeof(near));
    snprintf(text, size,
             "%s (CO-RE relocation <%s> of program '%s')%s\n  ask %s first, to support "
             "kernels with and without it",
             lack, wanted.how, wanted.program, near, guard);
    free(names.items);
    btf__free(btf);
    return 0;
}
