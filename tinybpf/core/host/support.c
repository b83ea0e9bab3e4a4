/* SPDX-License-Identifier: MIT
 *
 * Asks the kernel whether it knows a kind (host/support.h); since when there is it says
 * the catalog.
 */
#include "host/support.h"

#include "catalog/hook.h"
#include "catalog/map.h"
#include "catalog/program.h"
#include "error/code.h"
#include "host/kernel.h"
#include "host/target.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/filter.h>

void
tb_support_write_since(const struct tb_needs *needs, char *text, size_t size)
{
    char running[128] = "?";

    if (needs->since == NULL) {
        snprintf(text, size, "is not in this kernel");
    }
    else if (tb_kernel_is_before(needs->since, running, sizeof(running))) {
        snprintf(text, size, "is in Linux since %s, and this is %s", needs->since,
                 running);
    }
    else if (needs->config != NULL) {
        snprintf(text, size,
                 "is in Linux since %s, but this kernel (%s) was built without it: "
                 "see %s",
                 needs->since, running, needs->config);
    }
    else {
        snprintf(text, size, "is in Linux since %s, but this kernel (%s) lacks it",
                 needs->since, running);
    }
}

int
tb_support_is_old(const struct tb_needs *needs)
{
    return needs->since != NULL && tb_kernel_is_before(needs->since, NULL, 0);
}

/* What the kernel may say to a type that it does not know. */
static int
may_be_unknown(int err)
{
    return err == -EINVAL || err == -E2BIG || tb_error_is_unsupported(err);
}

/* Whether libbpf's log says that the kernel refused the one of that name. */
static int
is_refused(const char *log, const char *kind, const char *name, const char *how)
{
    char line[192];

    snprintf(line, sizeof(line), "%s '%s': %s", kind, name, how);
    return strstr(log, line) != NULL;
}

/* libbpf asks for struct_ops by a field that older kernels do not take; a type that is
 * none is ENOTSUPP on all of them (bpf_struct_ops_map_alloc). */
int
tb_support_knows_map(enum bpf_map_type type)
{
    LIBBPF_OPTS(bpf_map_create_opts, opts, .btf_vmlinux_value_type_id = 1);
    int fd;

    if (type != BPF_MAP_TYPE_STRUCT_OPS) {
        return libbpf_probe_bpf_map_type(type, NULL);
    }
    fd = bpf_map_create(type, NULL, 4, 4, 1, &opts);
    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0 || fd == -ENOTSUPP;
}

/* The first flag of a map that is younger than this kernel; NULL: there is none. */
static const struct tb_map_flag *
young_flag(uint32_t flags)
{
    const struct tb_map_flag *flag = NULL;

    for (size_t i = 0; (flag = tb_catalog_map_flag(i)) != NULL; i++) {
        if ((flags & flag->bit) && tb_support_is_old(&flag->needs)) {
            break;
        }
    }
    return flag;
}

/* "type arena is in Linux since ...", or one of its flags; 0 if the kernel knows both.
 */
static int
explain_map_type(enum bpf_map_type type, uint32_t flags, char *text, size_t size)
{
    const struct tb_map_flag *flag;
    char since[256];

    if (tb_support_knows_map(type) == 0) {
        tb_support_write_since(&tb_catalog_map(type)->needs, since, sizeof(since));
        snprintf(text, size, "type %s %s", libbpf_bpf_map_type_str(type), since);
        return 1;
    }
    flag = young_flag(flags);
    if (flag != NULL) {
        tb_support_write_since(&flag->needs, since, sizeof(since));
        snprintf(text, size, "%s %s", flag->name, since);
    }
    return flag != NULL;
}

/* The same for a map of an object, by name, if the log says that it was refused. */
static int
explain_map(const struct bpf_map *map, const char *log, char *text, size_t size)
{
    char type[320];

    if (!is_refused(log, "map", bpf_map__name(map), "failed to create") ||
        !explain_map_type(bpf_map__type(map), bpf_map__map_flags(map), type,
                          sizeof(type))) {
        return 0;
    }
    snprintf(text, size, "map '%s': %s", bpf_map__name(map), type);
    return 1;
}

/* Where a program is bound to a BTF type libbpf's probe takes any other refusal for an
 * unknown type; a known one gets as far as a log. */
int
tb_support_knows_program(enum bpf_prog_type type)
{
    const struct tb_program_kind *kind = tb_catalog_program(type);
    const struct bpf_insn insns[] = {
        {.code = BPF_ALU64 | BPF_MOV | BPF_K},
        {.code = BPF_JMP | BPF_EXIT},
    };
    char log[1024] = "";
    LIBBPF_OPTS(bpf_prog_load_opts, opts, .attach_btf_id = 1, .log_level = 1,
                .expected_attach_type = (enum bpf_attach_type)kind->bound_as,
                .log_buf = log, .log_size = sizeof(log));
    int fd;

    if (!kind->is_bound) {
        return libbpf_probe_bpf_prog_type(type, NULL);
    }
    fd = bpf_prog_load(type, NULL, "GPL", insns, 2, &opts);
    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0 || log[0] != '\0' ? 1 : fd == -EINVAL ? 0 : -1;
}

/* Whether the verifier looked at a program's code. */
static int
has_verdict(const char *log)
{
    return strstr(log, "-- BEGIN PROG LOAD LOG --") != NULL &&
           strstr(log, "processed 0 insns") == NULL;
}

/* "fsession is in Linux since ..."; 0 if nothing is known of the hook. */
static int
explain_hook(const struct tb_hook_kind *hook, char *text, size_t size)
{
    char since[256];

    if (hook == NULL || hook->needs.since == NULL) {
        return 0;
    }
    tb_support_write_since(&hook->needs, since, sizeof(since));
    snprintf(text, size, "%s %s", hook->name, since);
    return 1;
}

/* Whether the kernel is older than the hook. */
static int
is_too_old(const struct tb_hook_kind *hook)
{
    return hook != NULL && tb_support_is_old(&hook->needs);
}

/* The same for a program that was refused: its type, or else, where the verifier did
 * not come to look at it, the hook that is an attach type of an old type. */
static int
explain_program(const struct bpf_program *program, const char *log, char *text,
                size_t size)
{
    enum bpf_prog_type type = bpf_program__type(program);
    const char *name = bpf_program__name(program), *rest;
    const struct tb_hook_kind *hook;
    char since[256];

    if (!is_refused(log, "prog", name, "BPF program load failed")) {
        return 0;
    }
    if (tb_support_knows_program(type) != 0) {
        hook = tb_catalog_hook_of_section(bpf_program__section_name(program), &rest);
        return !has_verdict(log) && is_too_old(hook) && explain_hook(hook, text, size);
    }
    tb_support_write_since(&tb_catalog_program(type)->needs, since, sizeof(since));
    snprintf(text, size, "program '%s': type %s %s", name,
             libbpf_bpf_prog_type_str(type), since);
    return 1;
}

int
tb_support_of_load(const struct bpf_object *object, int err, const char *log,
                   char *text, size_t size)
{
    struct bpf_program *program;
    struct bpf_map *map;
    int found = 0;

    if (!may_be_unknown(err)) {
        return 0;
    }
    bpf_object__for_each_map(map, object)
    {
        found = found || explain_map(map, log, text, size);
    }
    bpf_object__for_each_program(program, object)
    {
        found = found || explain_program(program, log, text, size);
    }
    return found;
}

/* Whether programs run by a trampoline, which is made when they are loaded
 * (bpf_check_attach_target and bpf_trampoline_get, kernel/bpf/verifier.c). */
static int
needs_trampoline(const struct bpf_program *program)
{
    enum bpf_attach_type attach = bpf_program__expected_attach_type(program);

    switch (bpf_program__type(program)) {
    case BPF_PROG_TYPE_TRACING:
        return attach != BPF_TRACE_RAW_TP && attach != BPF_TRACE_ITER;
    case BPF_PROG_TYPE_LSM:
    case BPF_PROG_TYPE_EXT:
        return 1;
    default:
        return 0;
    }
}

int
tb_support_of_trampoline(const struct bpf_object *object, const char *log, char *text,
                         size_t size)
{
    const struct tb_hook_kind *hook;
    struct bpf_program *program;
    const char *rest;

    bpf_object__for_each_program(program, object)
    {
        const char *name = bpf_program__name(program);

        if (!needs_trampoline(program) || has_verdict(log) ||
            !is_refused(log, "prog", name, "BPF program load failed") ||
            libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_RAW_TRACEPOINT, NULL) != 1) {
            continue;
        }
        hook = tb_catalog_hook_of_section(bpf_program__section_name(program), &rest);
        snprintf(text, size,
                 "program '%s': this kernel refuses the trampoline that %s programs "
                 "run by, by its build or by a security module\n  fentry, fexit, lsm "
                 "and freplace need one; kprobe, tracepoint, raw_tp and tp_btf do not",
                 name, hook ? hook->name : "such");
        return 1;
    }
    return 0;
}

int
tb_support_of_map(const struct bpf_map_info *info, int err, char *text, size_t size)
{
    enum bpf_map_type type = (enum bpf_map_type)info->type;

    return may_be_unknown(err) && libbpf_bpf_map_type_str(type) != NULL &&
           explain_map_type(type, info->map_flags, text, size);
}

/* EINVAL says so only where the kernel is too old: it has many other reasons. */
int
tb_support_of_attach(const struct tb_hook_kind *hook, int err, char *text, size_t size)
{
    return may_be_unknown(err) && (err != -EINVAL || is_too_old(hook)) &&
           explain_hook(hook, text, size);
}

int
tb_support_of_options(const struct tb_target *target, int err, char *text, size_t size)
{
    const char *since = NULL, *what = NULL;
    char running[128];

    if (!may_be_unknown(err) || target->hook == NULL) {
        return 0;
    }
    if (target->attach_mode == PROBE_ATTACH_MODE_LINK) {
        what = "a link of a probe (attach_mode='link')";
        since = "5.15";
    }
    if (target->cookie != 0) {
        what = "a cookie of it";
        since = target->hook->cookies;
    }
    if (since == NULL || !tb_kernel_is_before(since, running, sizeof(running))) {
        return 0;
    }
    snprintf(text, size, "%s: %s is in Linux since %s, and this is %s",
             target->hook->name, what, since, running);
    return 1;
}

int
tb_support_of_lsm(char *text, size_t size)
{
    char modules[256], names[260];

    tb_kernel_security_modules(modules, sizeof(modules));
    snprintf(names, sizeof(names), ",%s,", modules);
    if (modules[0] == '\0' || strstr(names, ",bpf,") != NULL) {
        return 0;
    }
    snprintf(text, size,
             "programs on LSM hooks never run here: bpf is not among this kernel's "
             "security modules (%s)\n  start it with lsm=%s,bpf",
             modules, modules);
    return 1;
}
