/* SPDX-License-Identifier: MIT
 *
 * Asks, after a refusal, those who may know why (host/hint.h). What they say is written
 * down whatever the error is; error/raise.c decides by its class what is told.
 */
#include "host/hint.h"

#include "base/args.h"
#include "host/confinement.h"
#include "host/privilege.h"
#include "host/support.h"
#include "host/target.h"
#include "host/target_btf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_BTF_TYPE "failed to find kernel BTF type ID of '"

/* Copy what stands between the mark and the next quote; 0, or -1 if there is none. */
static int
quoted(const char *text, const char *mark, char *out, size_t size)
{
    const char *begin = strstr(text, mark);
    const char *end = begin ? strchr(begin + strlen(mark), '\'') : NULL;

    if (end == NULL) {
        return -1;
    }
    begin += strlen(mark);
    snprintf(out, size, "%.*s", (int)(end - begin), begin);
    return 0;
}

/* What a program is bound to and the kernel does not have: libbpf's line names both. */
static void
explain_binding(const struct bpf_object *object, const char *log, struct tb_hint *hint)
{
    char name[256], wanted[256];
    struct bpf_program *program = NULL;
    const char *line = strstr(log, NO_BTF_TYPE);

    while (line != NULL && line > log && line[-1] != '\n') {
        line--;
    }
    if (line != NULL && quoted(line, "prog '", name, sizeof(name)) == 0 &&
        quoted(line, NO_BTF_TYPE, wanted, sizeof(wanted)) == 0) {
        program = bpf_object__find_program_by_name(object, name);
    }
    if (program != NULL && tb_target_btf(bpf_program__section_name(program), wanted,
                                         hint->cause, sizeof(hint->cause)) < 0) {
        hint->cause[0] = '\0';
    }
}

/* A program whose section is none of libbpf's: what it may be meant for. */
static void
explain_section(const char *log, struct tb_hint *hint)
{
    static const char *const kinds[] = {
        "tracepoint", "tp",           "raw_tracepoint",
        "raw_tp",     "tp_btf",       "kprobe",
        "kretprobe",  "kprobe.multi", "uprobe",
        "uretprobe",  "ksyscall",     "usdt",
        "fentry",     "fexit",        "fmod_ret",
        "lsm",        "iter",         "xdp",
        "tc",         "tcx",          "netkit",
        "netfilter",  "socket",       "sockops",
        "sk_msg",     "sk_skb",       "sk_lookup",
        "cgroup",     "cgroup_skb",   "perf_event",
        "struct_ops", "syscall",      "freplace",
    };
    char section[128], name[128];
    const char *nearest;

    if (quoted(log, "check ELF section name '", section, sizeof(section)) < 0 ||
        quoted(log, "prog '", name, sizeof(name)) < 0) {
        return;
    }
    snprintf(hint->cause, sizeof(hint->cause),
             "program '%s': no kind of program has the section '%s'", name, section);
    section[strcspn(section, "/")] = '\0';
    nearest = tb_args_nearest(section, kinds, sizeof(kinds) / sizeof(kinds[0]));
    if (nearest != NULL) {
        size_t n = strlen(hint->cause);

        snprintf(hint->cause + n, sizeof(hint->cause) - n, "\n  nearest: '%s'",
                 nearest);
    }
}

/* What a map's type asks of its sizes; "" where nothing special is known. */
static const char *
map_advice(const struct bpf_map *map, int err)
{
    enum bpf_map_type type = bpf_map__type(map);

    if (err == -E2BIG || err == -ENOMEM) {
        return "\n  it is too large";
    }
    if (err == -EINVAL &&
        (type == BPF_MAP_TYPE_RINGBUF || type == BPF_MAP_TYPE_USER_RINGBUF)) {
        return "\n  its max_entries are bytes: a power of two, and whole pages";
    }
    if (err == -EINVAL && type == BPF_MAP_TYPE_LPM_TRIE) {
        return "\n  its flags are BPF_F_NO_PREALLOC, its key a __u32 and 1 to 256 "
               "bytes";
    }
    return "";
}

/* A map that the kernel does not make: what it was to be. */
static void
explain_map(const struct bpf_object *object, int err, const char *log,
            struct tb_hint *hint)
{
    const struct bpf_map *map = NULL;
    const char *line = strstr(log, "': failed to create: ");
    char name[128], reason[128];

    while (line != NULL && line > log && line[-1] != '\n') {
        line--;
    }
    if (line != NULL && quoted(line, "map '", name, sizeof(name)) == 0) {
        map = bpf_object__find_map_by_name(object, name);
    }
    if (map == NULL) {
        return;
    }
    libbpf_strerror(err, reason, sizeof(reason));
    snprintf(hint->cause, sizeof(hint->cause),
             "the kernel makes no map '%s' of type %s with key_size=%u, value_size=%u, "
             "max_entries=%u, map_flags=%#x: %s%s",
             name, libbpf_bpf_map_type_str(bpf_map__type(map)), bpf_map__key_size(map),
             bpf_map__value_size(map), bpf_map__max_entries(map),
             bpf_map__map_flags(map), reason, map_advice(map, err));
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
    tb_confinement_lockdown(mode, sizeof(mode));
    if (mode[0] != '\0') {
        snprintf(hint->cause, sizeof(hint->cause),
                 "the kernel is locked down (%s): it refuses bpf_probe_write_user(), "
                 "and in confidentiality mode programs that read its memory",
                 mode);
    }
}

void
tb_hint_of_load(const struct bpf_object *object, int err, const struct tb_log *log,
                struct tb_hint *hint)
{
    char *text = tb_log_join(log);

    tb_privilege_of_load(object, hint->privilege, sizeof(hint->privilege));
    if (text != NULL) {
        explain_binding(object, text, hint);
        explain_lockdown(text, hint);
    }
    if (hint->cause[0] == '\0' && text != NULL) {
        hint->lacking =
            tb_support_of_load(object, err, text, hint->cause, sizeof(hint->cause));
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

void
tb_hint_of_attach(const struct bpf_program *program, const struct tb_target *target,
                  int err, struct tb_hint *hint)
{
    struct tb_target parsed;
    char kept[512];

    tb_privilege_of_attach(program, target->kind, hint->privilege,
                           sizeof(hint->privilege));
    if (target->name == NULL && target->path == NULL &&
        tb_target_parse(target->kind, &parsed, kept, sizeof(kept)) == 0) {
        target = &parsed;
    }
    hint->lacking = tb_target_explain(target, err, hint->cause, sizeof(hint->cause));
    if (hint->lacking < 0) {
        hint->cause[0] = '\0';
        hint->lacking =
            tb_support_of_attach(target->kind, err, hint->cause, sizeof(hint->cause));
    }
}

void
tb_hint_of_map(enum bpf_map_type type, int err, struct tb_hint *hint)
{
    tb_privilege_of_map(type, hint->privilege, sizeof(hint->privilege));
    hint->lacking = tb_support_of_map(type, err, hint->cause, sizeof(hint->cause));
}

/* func is NULL where a loaded program was to be it. */
void
tb_hint_of_target(const struct bpf_program *program, const char *func,
                  struct tb_hint *hint)
{
    tb_privilege_of_target(hint->privilege, sizeof(hint->privilege));
    if (func != NULL && tb_target_btf(bpf_program__section_name(program), func,
                                      hint->cause, sizeof(hint->cause)) < 0) {
        hint->cause[0] = '\0';
    }
}
