/* SPDX-License-Identifier: MIT
 *
 * Look-ups by name (btf/find.h). Whoever asks for a type of that name, by whichever
 * method, is meant to get the same one.
 */
#include "btf/find.h"

#include "base/args.h"
#include "base/libbpf.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* How well a kind answers to a bare name; the least is best. */
static int
rank(const struct btf_type *type)
{
    static const unsigned char order[] = {
        BTF_KIND_STRUCT, BTF_KIND_UNION,   BTF_KIND_TYPEDEF, BTF_KIND_ENUM,
        BTF_KIND_ENUM64, BTF_KIND_INT,     BTF_KIND_FLOAT,   BTF_KIND_FUNC,
        BTF_KIND_VAR,    BTF_KIND_DATASEC, BTF_KIND_FWD,
    };
    int n = (int)(sizeof(order) / sizeof(order[0]));

    for (int i = 0; i < n; i++) {
        if (order[i] == btf_kind(type)) {
            return i;
        }
    }
    return n;
}

int
tb_btf_is_kind(const struct btf_type *type, uint32_t kind)
{
    return kind == 0 || btf_kind(type) == kind ||
           (kind == BTF_KIND_ENUM && btf_is_enum64(type));
}

const struct btf_type *
tb_btf_resolve(const struct btf *btf, uint32_t *id)
{
    int found = btf__resolve_type(btf, *id);

    if (found <= 0) {
        return NULL;
    }
    *id = (uint32_t)found;
    return btf__type_by_id(btf, *id);
}

int
tb_btf_has_class(const struct btf *btf, uint32_t id)
{
    const struct btf_type *type = tb_btf_resolve(btf, &id);

    return type != NULL &&
           (btf_is_composite(type) || btf_is_any_enum(type) || btf_is_array(type));
}

static int
is_in_scope(const struct btf *btf, uint32_t id, enum tb_btf_scope scope)
{
    const struct btf_type *type = btf__type_by_id(btf, id);
    int is_named =
        btf_is_composite(type) || btf_is_typedef(type) || btf_is_any_enum(type);

    if (scope == TB_BTF_CLASSES) {
        return is_named && tb_btf_has_class(btf, id);
    }
    return scope == TB_BTF_ALL || is_named || btf_is_int(type) || btf_is_float(type);
}

const char *
tb_btf_find_name(const struct btf *btf, uint32_t id, struct tb_btf_filter filter)
{
    const struct btf_type *type = btf__type_by_id(btf, id);
    const char *name = btf__name_by_offset(btf, type->name_off);

    return name != NULL && name[0] != '\0' && tb_btf_is_kind(type, filter.kind) &&
                   is_in_scope(btf, id, filter.scope)
               ? name
               : NULL;
}

const char *
tb_btf_find_keyword(const char *name, uint32_t *kind)
{
    static const struct {
        const char *keyword;
        uint32_t kind;
    } keywords[] = {
        {"struct ", BTF_KIND_STRUCT},
        {"union ", BTF_KIND_UNION},
        {"enum ", BTF_KIND_ENUM},
        {"typedef ", BTF_KIND_TYPEDEF},
    };

    for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
        size_t n = strlen(keywords[i].keyword);

        if (strncmp(name, keywords[i].keyword, n) == 0) {
            *kind = keywords[i].kind;
            return name + n;
        }
    }
    return name;
}

/* Whether a name is the one that is asked for, as it is or as it is shown. */
static int
is_name(const char *own, const char *wanted, int is_escaped)
{
    return strcmp(own, wanted) == 0 || (is_escaped && tb_text_is_shown_as(own, wanted));
}

uint32_t
tb_btf_find(const struct btf *btf, const char *name, struct tb_btf_filter filter)
{
    uint32_t n = btf__type_cnt(btf), best = 0;
    int best_rank = 0, is_escaped = strchr(name, '\\') != NULL;

    for (uint32_t id = 1; id < n && (best == 0 || best_rank != 0); id++) {
        const struct btf_type *type = btf__type_by_id(btf, id);
        const char *its_name = btf__name_by_offset(btf, type->name_off);

        if (type->name_off == 0 || its_name == NULL ||
            !is_name(its_name, name, is_escaped) ||
            tb_btf_find_name(btf, id, filter) == NULL) {
            continue;
        }
        if (best == 0 || rank(type) < best_rank) {
            best = id;
            best_rank = rank(type);
        }
    }
    return best;
}

const char *
tb_btf_find_nearest(const struct btf *btf, const char *wanted,
                    struct tb_btf_filter filter)
{
    uint32_t n = btf__type_cnt(btf);
    const char **names = calloc(n, sizeof(*names));
    const char *found = NULL;
    size_t count = 0;

    for (uint32_t id = 1; names != NULL && id < n; id++) {
        const char *name = tb_btf_find_name(btf, id, filter);

        if (name != NULL) {
            names[count++] = name;
        }
    }
    if (names != NULL) {
        found = tb_args_nearest(wanted, names, count);
    }
    free(names);
    return found;
}
