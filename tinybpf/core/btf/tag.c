/* SPDX-License-Identifier: MIT
 *
 * Tags of variables (btf/tag.h). Pure.
 */
#include "btf/tag.h"

#include "base/libbpf.h"

#include <string.h>

/* The text of a tag of a whole variable, and its name; NULL for any other type. */
static const char *
text_of(const struct btf *btf, uint32_t id, const char **out_variable)
{
    const struct btf_type *tag = btf__type_by_id(btf, id);
    const struct btf_type *var =
        btf_is_decl_tag(tag) ? btf__type_by_id(btf, tag->type) : NULL;

    if (var == NULL || !btf_is_var(var)) {
        return NULL;
    }
    *out_variable = btf__name_by_offset(btf, var->name_off);
    return btf__name_by_offset(btf, tag->name_off);
}

const char *
tb_tag_next(const struct btf *btf, const char *variable, const char *prefix,
            uint32_t *id)
{
    size_t len = strlen(prefix);
    uint32_t n = btf__type_cnt(btf);

    while (*id < n) {
        const char *name = NULL, *text = text_of(btf, (*id)++, &name);

        if (text != NULL && strncmp(text, prefix, len) == 0 &&
            strcmp(name, variable) == 0) {
            return text + len;
        }
    }
    return NULL;
}

const char *
tb_tag_of(const struct btf *btf, const char *variable, const char *prefix)
{
    uint32_t id = 1;

    return tb_tag_next(btf, variable, prefix, &id);
}

const char *
tb_tag_holder(const struct btf *btf, const char *wanted)
{
    uint32_t n = btf__type_cnt(btf);

    for (uint32_t id = 1; id < n; id++) {
        const char *name = NULL, *text = text_of(btf, id, &name);

        if (text != NULL && strcmp(text, wanted) == 0) {
            return name;
        }
    }
    return NULL;
}
