/* SPDX-License-Identifier: MIT
 *
 * Asks, after a refusal, those who may know why (host/hint.h). What they say is written
 * down whatever the error is; error/raise.c decides by its class what is told.
 */
#include "host/hint.h"

#include "base/nearest.h"
#include "base/text.h"
#include "catalog/hook.h"
#include "catalog/map.h"
#include "host/event.h"
#include "host/extern.h"
#include "host/kernel.h"
#include "host/pinned.h"
#include "host/privilege.h"
#include "host/support.h"
#include "host/target.h"
#include "host/target_btf.h"
#include "host/target_file.h"
#include "host/target_kernel.h"
#include "host/target_network.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_BTF_TYPE "failed to find kernel BTF type ID of '"

/* A name that the kernel has for no target of a program's hook. */
static void
explain_name(const struct bpf_program *program, const char *name, struct tb_hint *hint)
{
    const char *rest;
    const struct tb_hook_kind *hook =
        tb_catalog_hook_of_section(bpf_program__section_name(program), &rest);

    if (tb_target_btf_name(hook, name, hint->cause, sizeof(hint->cause)) < 0) {
        hint->cause[0] = '\0';
    }
}

/* What a program is bound to and the kernel does not have: libbpf's line names both. */
static void
explain_binding(const struct bpf_object *object, const char *log, struct tb_hint *hint)
{
    char name[256], wanted[256];
    struct bpf_program *program = NULL;
    const char *mark = tb_text_between(log, NO_BTF_TYPE, "'", wanted, sizeof(wanted));

    if (mark != NULL &&
        tb_text_between(tb_text_line(log, mark), "prog '", "'", name, sizeof(name))) {
        program = bpf_object__find_program_by_name(object, name);
    }
    if (program != NULL) {
        explain_name(program, wanted, hint);
    }
}

/* Offer what all sections of libbpf begin with: "tracepoint", "cgroup_skb". */
static void
offer_sections(struct tb_nearest *nearest)
{
    const struct tb_hook_kind *hook;
    char begin[64];

    for (size_t i = 0; (hook = tb_catalog_hook_at(i)) != NULL; i++) {
        for (size_t j = 0; hook->sections[j] != NULL; j++) {
            snprintf(begin, sizeof(begin), "%.*s",
                     (int)strcspn(hook->sections[j], "/+"), hook->sections[j]);
            tb_nearest_offer(nearest, begin);
        }
    }
}

/* A program whose section is none of libbpf's: what it may be meant for. */
static void
explain_section(const char *log, struct tb_hint *hint)
{
    char section[128], name[128];
    struct tb_nearest nearest;

    if (!tb_text_between(log, "check ELF section name '", "'", section,
                         sizeof(section)) ||
        !tb_text_between(log, "prog '", "'", name, sizeof(name))) {
        return;
    }
    snprintf(hint->cause, sizeof(hint->cause),
             "program '%s': no kind of program has the section '%s'", name, section);
    section[strcspn(section, "/")] = '\0';
    tb_nearest_start(&nearest, section);
    offer_sections(&nearest);
    tb_nearest_append(&nearest, "", hint->cause, sizeof(hint->cause));
}

/* What may be wrong with a map that the kernel refused; NULL: no idea. inner_fd is 0
 * where an inner map is missing. */
static const char *
map_advice(const struct bpf_map_info *info, int inner_fd, int err)
{
    const struct tb_map_kind *kind = tb_catalog_map(info->type);
    int has_keys = kind->form != TB_FORM_NONE;

    if (err == -E2BIG || err == -ENOMEM) {
        return "it is too large";
    }
    if (err != -EINVAL) {
        return NULL;
    }
    if (info->key_size == 0 && info->value_size == 0 && kind->sizes != NULL) {
        return kind->sizes;
    }
    if (kind->form == TB_FORM_MAP && inner_fd == 0) {
        return "inner_map is missing";
    }
    if (info->max_entries == 0 && !kind->is_unlisted) {
        return "max_entries must not be 0";
    }
    if (kind->is_indexed && info->key_size != sizeof(uint32_t)) {
        return "key_size must be 4: the keys are indices";
    }
    if (!has_keys && info->key_size != 0) {
        return "key_size must be 0: there are no keys";
    }
    if (has_keys && info->key_size == 0) {
        return "key_size must not be 0";
    }
    if (info->value_size == 0 && !kind->is_memory) {
        return "value_size must not be 0";
    }
    return kind->sizes;
}

/* The map of an object that the log says was not made; NULL: none. */
static const struct bpf_map *
refused_map(const struct bpf_object *object, const char *log)
{
    const char *mark = strstr(log, "': failed to create: ");
    char name[128];

    if (mark == NULL ||
        !tb_text_between(tb_text_line(log, mark), "map '", "'", name, sizeof(name))) {
        return NULL;
    }
    return bpf_object__find_map_by_name(object, name);
}

/* A map that the kernel was asked to make and did not: what it was to be. */
static void
explain_map(const struct bpf_object *object, int err, const char *log,
            struct tb_hint *hint)
{
    const struct bpf_map *map = refused_map(object, log);
    struct bpf_map_info info;
    const char *advice;
    char reason[128];

    if (map == NULL) {
        return;
    }
    info = (struct bpf_map_info){.type = bpf_map__type(map),
                                 .key_size = bpf_map__key_size(map),
                                 .value_size = bpf_map__value_size(map),
                                 .max_entries = bpf_map__max_entries(map),
                                 .map_flags = bpf_map__map_flags(map)};
    advice = map_advice(&info, -1, err); /* libbpf asks for an inner map itself */
    libbpf_strerror(err, reason, sizeof(reason));
    snprintf(hint->cause, sizeof(hint->cause),
             "the kernel makes no map '%s' of type %s with key_size=%u, value_size=%u, "
             "max_entries=%u, map_flags=%#x: %s%s%s",
             bpf_map__name(map), libbpf_bpf_map_type_str(bpf_map__type(map)),
             info.key_size, info.value_size, info.max_entries, info.map_flags, reason,
             advice ? "\n  " : "", advice ? advice : "");
}

/* A kernel that is locked down hides some helpers from all programs. */
static void
explain_lockdown(const char *log, struct tb_hint *hint)
{
    char mode[32];

    if (strstr(log, "helper bpf_probe_") == NULL &&
        strstr(log, "func bpf_probe_") == NULL) {
        return;
    }
    tb_kernel_lockdown(mode, sizeof(mode));
    if (mode[0] != '\0') {
        snprintf(hint->cause, sizeof(hint->cause),
                 "the kernel is locked down (%s): it refuses bpf_probe_write_user(), "
                 "and in confidentiality mode programs that read its memory",
                 mode);
    }
}

/* What libbpf itself refused, before the kernel was asked. */
static void
explain_line(const struct bpf_object *object, const char *log, struct tb_hint *hint)
{
    if (hint->cause[0] == '\0' &&
        tb_pinned_explain(object, log, hint->cause, sizeof(hint->cause)) < 0 &&
        tb_extern_explain(log, hint->cause, sizeof(hint->cause)) < 0) {
        hint->cause[0] = '\0';
    }
}

/* What libbpf's log tells decides what is looked at; the first that finds something has
 * it said, what is missing as a whole goes before. */
void
tb_hint_of_load(const struct bpf_object *object, int err, const struct tb_log *log,
                struct tb_hint *hint)
{
    char *text = tb_log_join(log);
    int is_privileged =
        tb_privilege_of_load(object, hint->privilege, sizeof(hint->privilege));

    if (text != NULL) {
        explain_binding(object, text, hint);
        explain_lockdown(text, hint);
        explain_line(object, text, hint);
    }
    if (hint->cause[0] == '\0' && text != NULL) {
        hint->lacking =
            tb_support_of_load(object, err, text, hint->cause, sizeof(hint->cause));
    }
    if (!hint->lacking && text != NULL && is_privileged && err == -EPERM) {
        hint->lacking =
            tb_support_of_trampoline(object, text, hint->cause, sizeof(hint->cause));
    }
    if (hint->cause[0] == '\0' && text != NULL) {
        explain_section(text, hint);
        explain_map(object, err, text, hint);
    }
    if (text != NULL && strstr(text, "kernel BTF is missing") != NULL) {
        snprintf(
            hint->cause, sizeof(hint->cause),
            "this kernel has no BTF, which describes its types, at "
            "/sys/kernel/btf/vmlinux: it was built without CONFIG_DEBUG_INFO_BTF, or "
            "sysfs is not mounted\n  give the BTF of its build: btf=PATH");
        hint->lacking = 1;
    }
    if (err == -ENOSYS) {
        snprintf(
            hint->cause, sizeof(hint->cause),
            "bpf(2) is not there: the kernel was built without CONFIG_BPF_SYSCALL, "
            "or a seccomp filter hides it");
        hint->lacking = 1;
    }
    free(text);
}

/* Look whether the target is there, and right; as the functions that look. */
static int
explain_target(const struct tb_target *target, int err, char *text, size_t size)
{
    static int (*const explainers[TB_TARGET_COUNT])(
        const struct tb_target *target, int err, char *text, size_t size) = {
        [TB_TARGET_FUNCTION] = tb_target_kernel_function,
        [TB_TARGET_FUNCTIONS] = tb_target_kernel_functions,
        [TB_TARGET_SYSCALL] = tb_target_kernel_function,
        [TB_TARGET_BINARY] = tb_target_file_binary,
        [TB_TARGET_USDT] = tb_target_file_binary,
        [TB_TARGET_TRACEPOINT] = tb_target_kernel_tracepoint,
        [TB_TARGET_RAW_TRACEPOINT] = tb_target_btf_raw_tracepoint,
        [TB_TARGET_INTERFACE] = tb_target_network_interface,
        [TB_TARGET_CGROUP] = tb_target_network_cgroup,
        [TB_TARGET_NETNS] = tb_target_network_netns,
        [TB_TARGET_MAP] = tb_target_network_map,
        [TB_TARGET_SOCKET] = tb_target_network_socket,
        [TB_TARGET_DEVICE] = tb_target_network_device,
        [TB_TARGET_EVENT] = tb_event_explain,
    };
    enum tb_hook_target kind = target->hook ? target->hook->target : TB_TARGET_NONE;

    return explainers[kind] ? explainers[kind](target, err, text, size) : -1;
}

int
tb_hint_of_section(const char *section, char *text, size_t size)
{
    struct tb_target target;
    char kept[512];

    tb_target_parse(section, &target, kept, sizeof(kept));
    if (target.name == NULL && target.category == NULL && target.path == NULL) {
        return -1;
    }
    return explain_target(&target, 0, text, size) < 0 ? -1 : 0;
}

/* A probe that was loaded for one place, at many, or the other way round. */
static int
explain_attach_type(const struct bpf_program *program, const struct tb_target *target,
                    int err, char *text, size_t size)
{
    enum bpf_attach_type type = bpf_program__expected_attach_type(program);
    const int *wanted = target->hook ? target->hook->attach_types : NULL;

    if (err != -EINVAL || target->hook == NULL ||
        bpf_program__type(program) != BPF_PROG_TYPE_KPROBE ||
        (wanted ? wanted[0] == (int)type : type == 0)) {
        return -1;
    }
    snprintf(text, size,
             "it was loaded for %s (section '%s')\n  give it SEC(\"%s\"), or set its "
             "expected_attach_type before it is loaded",
             type ? libbpf_bpf_attach_type_str(type) : "one place",
             bpf_program__section_name(program), target->hook->name);
    return 0;
}

/* Whether what is known to be wrong explains EPERM and EACCES, whatever the privileges.
 */
static int
is_refused_by_rule(const struct tb_target *target)
{
    enum tb_hook_target kind = target->hook ? target->hook->target : TB_TARGET_NONE;

    return kind == TB_TARGET_CGROUP || kind == TB_TARGET_SOCKET ||
           kind == TB_TARGET_INTERFACE;
}

void
tb_hint_of_attach(const struct bpf_program *program, const struct tb_target *target,
                  int err, struct tb_hint *hint)
{
    tb_privilege_of_attach(program, target->hook, hint->privilege,
                           sizeof(hint->privilege));
    hint->lacking =
        tb_support_of_options(target, err, hint->cause, sizeof(hint->cause));
    if (hint->lacking) {
        return;
    }
    hint->lacking = explain_target(target, err, hint->cause, sizeof(hint->cause));
    if (hint->lacking == 0 && (err == -EPERM || err == -EACCES) &&
        is_refused_by_rule(target)) {
        hint->privilege[0] = '\0';
    }
    if (hint->lacking < 0) {
        hint->cause[0] = '\0';
        hint->lacking =
            tb_support_of_attach(target->hook, err, hint->cause, sizeof(hint->cause));
    }
    if (hint->cause[0] == '\0' && explain_attach_type(program, target, err, hint->cause,
                                                      sizeof(hint->cause)) < 0) {
        hint->cause[0] = '\0';
    }
}

void
tb_hint_of_map(const struct bpf_map_info *info, int inner_fd, int err,
               struct tb_hint *hint)
{
    enum bpf_map_type type = (enum bpf_map_type)info->type;
    const char *advice = map_advice(info, inner_fd, err);
    char reason[128];

    tb_privilege_of_map(type, hint->privilege, sizeof(hint->privilege));
    hint->lacking = tb_support_of_map(info, err, hint->cause, sizeof(hint->cause));
    if (!hint->lacking && advice != NULL) {
        libbpf_strerror(err, reason, sizeof(reason));
        snprintf(hint->cause, sizeof(hint->cause), "%s\n  %s", reason, advice);
    }
}

void
tb_hint_of_target(const struct bpf_program *program, const char *func,
                  struct tb_hint *hint)
{
    tb_privilege_of_target(hint->privilege, sizeof(hint->privilege));
    if (func != NULL) {
        explain_name(program, func, hint);
    }
}

void
tb_hint_of_call(const char *verb, const char *kinds, struct tb_hint *hint)
{
    tb_privilege_of_call(verb, kinds, hint->privilege, sizeof(hint->privilege));
}

void
tb_hint_of_admin(const char *verb, const char *kinds, struct tb_hint *hint)
{
    tb_privilege_of_admin(verb, kinds, hint->privilege, sizeof(hint->privilege));
}

void
tb_hint_of_network(const char *verb, const char *kinds, struct tb_hint *hint)
{
    tb_privilege_of_network(verb, kinds, hint->privilege, sizeof(hint->privilege));
}
