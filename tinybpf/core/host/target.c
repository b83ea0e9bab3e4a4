/* SPDX-License-Identifier: MIT
 *
 * What is wrong with a target (host/target.h): those that the
 * kernel lists are here, files in host/target_file.c, what BTF knows in
 * host/target_btf.c. One table says who looks at which kind.
 */
#include "host/target.h"

#include "base/nearest.h"
#include "host/target_btf.h"
#include "host/target_file.h"

#include <dirent.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TRACEFS "/sys/kernel/tracing"
#define OLD_TRACEFS "/sys/kernel/debug/tracing" /* where libbpf looks first */

/* "\n  nearest: 'sched/sched_switch'" behind n bytes of text, if a name is near. */
static void
add_nearest(const struct tb_nearest *nearest, const char *category, char *text,
            size_t size, size_t n)
{
    if (nearest->name[0] != '\0' && n < size) {
        snprintf(text + n, size - n, "\n  nearest: '%s%s%s'", category,
                 *category ? "/" : "", nearest->name);
    }
}

/* Offer all folders in a folder; -1 if it cannot be read. */
static int
offer_folders(const char *path, struct tb_nearest *nearest)
{
    DIR *dir = opendir(path);
    struct dirent *entry;

    if (dir == NULL) {
        return -1;
    }
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.') {
            tb_nearest_offer(nearest, entry->d_name);
        }
    }
    closedir(dir);
    return 0;
}

/* The category that has a tracepoint of exactly that name; 0 or -1. */
static int
find_category(const char *events, const char *name, char *found, size_t size)
{
    DIR *dir = opendir(events);
    struct dirent *entry;
    char path[512];
    int rc = -1;

    while (rc < 0 && dir != NULL && (entry = readdir(dir)) != NULL) {
        snprintf(path, sizeof(path), "%s/%s/%s", events, entry->d_name, name);
        if (entry->d_name[0] != '.' && access(path, F_OK) == 0) {
            snprintf(found, size, "%s", entry->d_name);
            rc = 0;
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
    return rc;
}

static int
explain_tracepoint(const struct tb_target *target, int err, char *text, size_t size)
{
    const char *events = access(OLD_TRACEFS "/events", F_OK) == 0 ? OLD_TRACEFS
                             "/events"
                                                                  : TRACEFS "/events";
    char folder[256], elsewhere[256];
    struct tb_nearest nearest;
    const char *category;
    size_t n;

    (void)err;
    if (target->category == NULL || target->name == NULL) {
        return -1;
    }
    if (access(events, F_OK) < 0) {
        snprintf(text, size,
                 "tracefs, which lists the tracepoints, is not mounted\n  mount -t "
                 "tracefs tracefs " TRACEFS);
        return errno == ENOENT ? 0 : -1;
    }
    snprintf(folder, sizeof(folder), "%s/%s/%s", events, target->category,
             target->name);
    if (access(folder, F_OK) == 0) {
        return -1;
    }
    n = (size_t)snprintf(text, size, "there is no tracepoint '%s/%s'", target->category,
                         target->name);
    snprintf(folder, sizeof(folder), "%s/%s", events, target->category);
    tb_nearest_start(&nearest, target->name);
    category = target->category;
    if (find_category(events, target->name, elsewhere, sizeof(elsewhere)) == 0) {
        tb_nearest_offer(&nearest, target->name);
        category = elsewhere;
    }
    else if (offer_folders(folder, &nearest) < 0) {
        tb_nearest_start(&nearest, target->category);
        offer_folders(events, &nearest);
        category = "";
    }
    add_nearest(&nearest, category, text, size, n);
    return 0;
}

/* Offer all functions of the kernel and its modules, lines "address T name", that begin
 * with the prefix, less that. 1 if the wanted one is among them, -1 if they cannot be
 * read. */
static int
offer_functions(const char *prefix, struct tb_nearest *nearest)
{
    FILE *symbols = fopen("/proc/kallsyms", "re");
    size_t n = strlen(prefix);
    char line[512];
    int found = symbols ? 0 : -1;

    while (symbols != NULL && found == 0 &&
           fgets(line, sizeof(line), symbols) != NULL) {
        char *kind = strchr(line, ' '), *name = kind ? kind + 3 : NULL;

        if (name == NULL || strchr("tTwW", kind[1]) == NULL ||
            strncmp(name, prefix, n) != 0) {
            continue;
        }
        name[strcspn(name, "\t\n ")] = '\0';
        found = strcmp(name + n, nearest->wanted) == 0;
        tb_nearest_offer(nearest, name + n);
    }
    if (symbols != NULL) {
        fclose(symbols);
    }
    return found;
}

static int
has_kprobes(void)
{
    return access("/sys/bus/event_source/devices/kprobe", F_OK) == 0 ||
           access(TRACEFS "/kprobe_events", F_OK) == 0 ||
           access(OLD_TRACEFS "/kprobe_events", F_OK) == 0;
}

static int
explain_kprobe(const struct tb_target *target, const char *prefix, const char *what,
               char *text, size_t size)
{
    struct tb_nearest nearest;
    size_t n;
    int found;

    if (!has_kprobes()) {
        snprintf(text, size,
                 "this kernel has no kprobes: it was built without CONFIG_KPROBES");
        return 1;
    }
    if (target->name == NULL) {
        return -1;
    }
    tb_nearest_start(&nearest, target->name);
    found = offer_functions(prefix, &nearest);
    if (found < 0) {
        return -1;
    }
    if (found) {
        snprintf(text, size,
                 "the %s '%s' is there, and allows no probe at that place: see "
                 "/sys/kernel/debug/kprobes/blacklist",
                 what, target->name);
        return 0;
    }
    n = (size_t)snprintf(text, size, "this kernel has no %s '%s'%s", what, target->name,
                         *prefix ? "" : ", or the compiler inlined it");
    add_nearest(&nearest, "", text, size, n);
    return 0;
}

static int
explain_function(const struct tb_target *target, int err, char *text, size_t size)
{
    (void)err;
    return explain_kprobe(target, "", "function", text, size);
}

/* Since Linux 4.17 system calls have functions of this name. */
static int
explain_system_call(const struct tb_target *target, int err, char *text, size_t size)
{
#if defined(__x86_64__)
    static const char prefix[] = "__x64_sys_";
#else
    static const char prefix[] = "__arm64_sys_";
#endif

    (void)err;
    return explain_kprobe(target, prefix, "system call", text, size);
}

static int
explain_interface(const struct tb_target *target, int err, char *text, size_t size)
{
    (void)target;
    if (err != -EBUSY) {
        return -1;
    }
    snprintf(text, size,
             "another program is attached there\n  `bpftool net` shows which; an "
             "interface has one XDP program");
    return 0;
}

/* Who looks at which kind: a target or a section begins with it. */
static const struct {
    const char *kind;
    int (*explain)(const struct tb_target *target, int err, char *text, size_t size);
} kinds[] = {
    {"tracepoint", explain_tracepoint},
    {"tp", explain_tracepoint},
    {"raw_tracepoint", tb_target_raw_tracepoint},
    {"raw_tp", tb_target_raw_tracepoint},
    {"raw_tracepoint.w", tb_target_raw_tracepoint},
    {"raw_tp.w", tb_target_raw_tracepoint},
    {"kprobe", explain_function},
    {"kretprobe", explain_function},
    {"ksyscall", explain_system_call},
    {"kretsyscall", explain_system_call},
    {"uprobe", tb_target_binary},
    {"uretprobe", tb_target_binary},
    {"uprobe.s", tb_target_binary},
    {"uretprobe.s", tb_target_binary},
    {"uprobe.multi", tb_target_binary},
    {"uretprobe.multi", tb_target_binary},
    {"uprobe.session", tb_target_binary},
    {"xdp", explain_interface},
    {"cgroup", tb_target_cgroup},
};

/* The row of a kind that ends at ':', '/' or the text's end; NULL if nobody looks. */
static int
find_kind(const char *text)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t n = strlen(kinds[i].kind);

        if (strncmp(text, kinds[i].kind, n) == 0 && strchr(":/", text[n]) != NULL) {
            return (int)i;
        }
    }
    return -1;
}

int
tb_target_explain(const struct tb_target *target, int err, char *text, size_t size)
{
    int i = find_kind(target->kind);

    return i < 0 ? -1 : kinds[i].explain(target, err, text, size);
}

/* Cut a copy of the section into parts: tp/<category>/<name>, kprobe/<name>+<offset>,
 * uprobe/<path>:<name>+<offset>. */
int
tb_target_parse(const char *section, struct tb_target *target, char *kept, size_t size)
{
    int i = find_kind(section);
    char *cut;

    *target = (struct tb_target){.kind = section, .pid = -1, .fd = -1};
    if (i < 0 || section[strlen(kinds[i].kind)] != '/') {
        return -1;
    }
    snprintf(kept, size, "%s", section + strlen(kinds[i].kind) + 1);
    if (kinds[i].explain == tb_target_binary) {
        target->path = kept;
        cut = strrchr(kept, ':');
        if (cut != NULL && strchr(cut, '/') == NULL) {
            *cut = '\0';
            target->name = cut + 1;
        }
    }
    else {
        target->name = kept;
    }
    if (kinds[i].explain == explain_tracepoint) {
        cut = strchr(kept, '/');
        target->category = kept;
        target->name = cut ? cut + 1 : NULL;
        kept[strcspn(kept, "/")] = '\0';
    }
    cut = target->name ? strchr(target->name, '+') : NULL;
    if (cut != NULL) {
        *cut = '\0';
    }
    return 0;
}

void
tb_target_interface(const char *name, char *text, size_t size)
{
    struct if_nameindex *all = if_nameindex();
    struct tb_nearest nearest;

    text[0] = '\0';
    tb_nearest_start(&nearest, name);
    for (size_t i = 0; all != NULL && all[i].if_index != 0; i++) {
        tb_nearest_offer(&nearest, all[i].if_name);
    }
    if (all != NULL) {
        if_freenameindex(all);
    }
    add_nearest(&nearest, "", text, size, 0);
}
