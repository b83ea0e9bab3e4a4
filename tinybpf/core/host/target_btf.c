/* SPDX-License-Identifier: MIT
 *
 * Names that the kernel's BTF has for hooks (host/target_btf.h): a prefix tells which
 * kind of hook a function or a typedef stands for.
 */
#include "host/target_btf.h"

#include "base/libbpf.h"
#include "base/nearest.h"

#include <stdio.h>
#include <string.h>

/* What the name of a section begins with, and how BTF calls such hooks. */
static const struct hooks {
    const char *section;
    const char *what;
    const char *prefix;
    unsigned int kind;
} hooks[] = {
    {"tp_btf", "tracepoint", "btf_trace_", BTF_KIND_TYPEDEF},
    {"lsm", "LSM hook", "bpf_lsm_", BTF_KIND_FUNC},
    {"iter", "iterator", "bpf_iter_", BTF_KIND_FUNC},
    {"f", "function", "", BTF_KIND_FUNC}, /* fentry, fexit, fmod_ret, fsession */
    {"raw_tp", "raw tracepoint", "btf_trace_", BTF_KIND_TYPEDEF},
};

static const struct hooks *
find_hooks(const char *section)
{
    for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++) {
        if (strncmp(section, hooks[i].section, strlen(hooks[i].section)) == 0) {
            return &hooks[i];
        }
    }
    return NULL;
}

/* Offer all hooks of one kind, less their prefix; -1 without BTF. */
static int
offer_hooks(const struct hooks *of, struct tb_nearest *nearest)
{
    struct btf *btf = btf__load_vmlinux_btf();
    unsigned int count = btf ? btf__type_cnt(btf) : 0;
    size_t n = strlen(of->prefix);

    for (unsigned int id = 1; id < count; id++) {
        const struct btf_type *type = btf__type_by_id(btf, id);
        const char *name = btf__name_by_offset(btf, type->name_off);

        if (btf_kind(type) == of->kind && strncmp(name, of->prefix, n) == 0) {
            tb_nearest_offer(nearest, name + n);
        }
    }
    btf__free(btf);
    return count ? 0 : -1;
}

/* "this kernel has no tracepoint 'x'\n  nearest: 'y'"; -1 if it has. */
static int
explain(const struct hooks *of, const char *name, const char *wanted, char *text,
        size_t size)
{
    struct tb_nearest nearest;
    size_t n;

    tb_nearest_start(&nearest, wanted);
    if (offer_hooks(of, &nearest) < 0 || strcmp(nearest.name, name) == 0) {
        return -1;
    }
    n = (size_t)snprintf(text, size, "this kernel has no %s '%s'", of->what, name);
    if (nearest.name[0] != '\0' && n < size) {
        snprintf(text + n, size - n, "\n  nearest: '%s'", nearest.name);
    }
    return 0;
}

int
tb_target_btf(const char *section, const char *name, char *text, size_t size)
{
    const struct hooks *of = find_hooks(section);

    return of ? explain(of, name, name, text, size) : -1;
}

/* All system calls share two raw tracepoints; and one has no category. */
int
tb_target_raw_tracepoint(const struct tb_target *target, int err, char *text,
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
    return explain(find_hooks("raw_tp"), target->name, wanted, text, size);
}
