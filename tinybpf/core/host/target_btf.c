/* SPDX-License-Identifier: MIT
 *
 * Names that the kernel's BTF has for targets (host/target_btf.h): a prefix tells which
 * kind of hook a function or a typedef stands for.
 */
#include "host/target_btf.h"

#include "base/libbpf.h"
#include "base/nearest.h"

#include <stdio.h>
#include <string.h>

/* Offer all targets of one kind, less their prefix; -1 without BTF. */
static int
offer_names(const struct tb_hook_kind *hook, struct tb_nearest *nearest)
{
    struct btf *btf = btf__load_vmlinux_btf();
    unsigned int count = btf ? btf__type_cnt(btf) : 0;
    size_t n = strlen(hook->prefix);

    for (unsigned int id = 1; id < count; id++) {
        const struct btf_type *type = btf__type_by_id(btf, id);
        const char *name = btf__name_by_offset(btf, type->name_off);

        if (btf_kind(type) == hook->btf_kind && strncmp(name, hook->prefix, n) == 0) {
            tb_nearest_offer(nearest, name + n);
        }
    }
    btf__free(btf);
    return count ? 0 : -1;
}

/* The name, and what of it shall be near; -1 if there is exactly the name. */
static int
explain(const struct tb_hook_kind *hook, const char *name, const char *wanted,
        char *text, size_t size)
{
    struct tb_nearest nearest;

    tb_nearest_start(&nearest, wanted);
    if (offer_names(hook, &nearest) < 0 || strcmp(nearest.name, name) == 0) {
        return -1;
    }
    snprintf(text, size, "this kernel has no %s '%s'", hook->noun, name);
    tb_nearest_append(&nearest, "", text, size);
    return 0;
}

int
tb_target_btf_name(const struct tb_hook_kind *hook, const char *name, char *text,
                   size_t size)
{
    return hook != NULL && hook->btf_kind != 0 ? explain(hook, name, name, text, size)
                                               : -1;
}

/* All system calls share two raw tracepoints; and one has no category. */
int
tb_target_btf_raw_tracepoint(const struct tb_target *target, int err, char *text,
                             size_t size)
{
    const char *wanted = target->name;

    (void)err;
    if (wanted == NULL) {
        return -1;
    }
    if (strchr(wanted, '/') != NULL) {
        wanted = strrchr(wanted, '/') + 1;
    }
    if (strncmp(wanted, "sys_enter", 9) == 0) {
        wanted = "sys_enter";
    }
    else if (strncmp(wanted, "sys_exit", 8) == 0) {
        wanted = "sys_exit";
    }
    return explain(target->hook, target->name, wanted, text, size);
}
