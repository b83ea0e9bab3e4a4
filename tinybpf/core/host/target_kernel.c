/* SPDX-License-Identifier: MIT
 *
 * What is wrong with a target that tracefs, /proc/kallsyms or the network knows
 * (host/target_kernel.h).
 */
#include "host/target_kernel.h"

#include "base/nearest.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TRACEFS "/sys/kernel/tracing"
#define OLD_TRACEFS "/sys/kernel/debug/tracing" /* where libbpf looks first */

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

/* Where the tracepoints are listed: where libbpf looks. */
static const char *
events_folder(void)
{
    return access(OLD_TRACEFS "/events", F_OK) == 0 ? OLD_TRACEFS "/events"
                                                    : TRACEFS "/events";
}

/* The nearest of what there is: the same name in another category, another name in the
 * same one, or another category. */
static void
add_nearest_tracepoint(const struct tb_target *target, char *text, size_t size)
{
    const char *events = events_folder(), *category = target->category;
    char folder[256], elsewhere[256], before[260];
    struct tb_nearest nearest;

    snprintf(folder, sizeof(folder), "%s/%s", events, category);
    tb_nearest_start(&nearest, target->name);
    if (find_category(events, target->name, elsewhere, sizeof(elsewhere)) == 0) {
        tb_nearest_offer(&nearest, target->name);
        category = elsewhere;
    }
    else if (offer_folders(folder, &nearest) < 0) {
        tb_nearest_start(&nearest, category);
        offer_folders(events, &nearest);
        category = "";
    }
    snprintf(before, sizeof(before), "%s%s", category, *category ? "/" : "");
    tb_nearest_append(&nearest, before, text, size);
}

/* A section with one name where a category and a name belong. */
static int
explain_no_category(const char *name, char *text, size_t size)
{
    char category[256] = "CATEGORY";
    int found = find_category(events_folder(), name, category, sizeof(category)) == 0;

    snprintf(text, size,
             "a tracepoint has a category and a name\n  %s SEC(\"tracepoint/%s/%s\")",
             found ? "write" : "as in", category, found ? name : "NAME");
    return 0;
}

int
tb_target_kernel_tracepoint(const struct tb_target *target, int err, char *text,
                            size_t size)
{
    const char *events = events_folder();
    char folder[256];

    (void)err;
    if (target->category == NULL) {
        return -1;
    }
    if (target->name == NULL) {
        return explain_no_category(target->category, text, size);
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
    snprintf(text, size, "there is no tracepoint '%s/%s'", target->category,
             target->name);
    add_nearest_tracepoint(target, text, size);
    return 0;
}

/* The name of the next function of the kernel or a module, of lines "address T name";
 * NULL: there is none any more. */
static const char *
next_function(FILE *symbols, char *line, int size)
{
    while (fgets(line, size, symbols) != NULL) {
        char *kind = strchr(line, ' ');

        if (kind != NULL && strlen(kind) > 3 && strchr("tTwW", kind[1]) != NULL) {
            kind[3 + strcspn(kind + 3, "\t\n ")] = '\0';
            return kind + 3;
        }
    }
    return NULL;
}

/* Offer all functions that begin with the prefix, less that. 1 if the wanted one is
 * among them, -1 if they cannot be read. */
static int
offer_functions(const char *prefix, struct tb_nearest *nearest)
{
    FILE *symbols = fopen("/proc/kallsyms", "re");
    size_t n = strlen(prefix);
    const char *name;
    char line[512];
    int found = symbols ? 0 : -1;

    while (symbols != NULL && found == 0 &&
           (name = next_function(symbols, line, sizeof(line))) != NULL) {
        if (strncmp(name, prefix, n) != 0) {
            continue;
        }
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

/* Whether a function fits a pattern; -1 if they cannot be read. */
static int
fits_one(const char *pattern)
{
    FILE *symbols = fopen("/proc/kallsyms", "re");
    const char *name;
    char line[512];
    int found = symbols ? 0 : -1;

    while (symbols != NULL && found == 0 &&
           (name = next_function(symbols, line, sizeof(line))) != NULL) {
        found = fnmatch(pattern, name, 0) == 0;
    }
    if (symbols != NULL) {
        fclose(symbols);
    }
    return found;
}

/* A pattern: 0 if no function fits it, with the nearest beginning. */
static int
explain_pattern(const struct tb_target *target, char *text, size_t size)
{
    size_t stem = strcspn(target->name, "*?");
    char wanted[TB_NEAREST_NAME];
    struct tb_nearest nearest;

    if (fits_one(target->name) != 0) {
        return -1;
    }
    snprintf(wanted, sizeof(wanted), "%.*s", (int)stem, target->name);
    tb_nearest_start(&nearest, wanted);
    nearest.cut = stem;
    if (offer_functions("", &nearest) != 0) {
        return -1;
    }
    snprintf(text, size, "this kernel has no function that fits '%s'", target->name);
    if (nearest.name[0] != '\0' && strcmp(nearest.name, wanted) != 0) {
        size_t n = strlen(text);

        snprintf(text + n, size - n, "\n  nearest: '%s*'", nearest.name);
    }
    return 0;
}

/* One of many functions: 0 if it is the one that is missing. */
static int
explain_one(const char *name, char *text, size_t size)
{
    struct tb_nearest nearest;

    tb_nearest_start(&nearest, name);
    if (offer_functions("", &nearest) != 0) {
        return -1;
    }
    snprintf(text, size, "this kernel has no function '%s', or the compiler inlined it",
             name);
    tb_nearest_append(&nearest, "", text, size);
    return 0;
}

int
tb_target_kernel_functions(const struct tb_target *target, int err, char *text,
                           size_t size)
{
    const char *const *names = target->names ? target->names : &target->name;
    size_t n = target->names ? target->n_names : target->name != NULL;
    int found = -1;

    if (err != 0 && err != -ENOENT && err != -ESRCH && err != -EADDRNOTAVAIL) {
        return -1;
    }
    for (size_t i = 0; i < n && found < 0; i++) {
        found = strpbrk(names[i], "*?") ? explain_pattern(target, text, size)
                                        : explain_one(names[i], text, size);
    }
    if (found < 0 && n > 0 && err != 0) {
        snprintf(
            text, size,
            "one of the functions allows no such probe: those that do are in " TRACEFS
            "/available_filter_functions");
        found = 0;
    }
    return found;
}

/* Functions of system calls have names with a prefix, which nobody writes. */
int
tb_target_kernel_function(const struct tb_target *target, int err, char *text,
                          size_t size)
{
    const struct tb_hook_kind *hook = target->hook;
    struct tb_nearest nearest;
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
    found = offer_functions(hook->prefix, &nearest);
    if (found < 0 || (found && err == 0)) {
        return -1;
    }
    if (found) {
        snprintf(text, size,
                 "the %s '%s' is there, and allows no probe at that place: see "
                 "/sys/kernel/debug/kprobes/blacklist",
                 hook->noun, target->name);
        return 0;
    }
    snprintf(text, size, "this kernel has no %s '%s'%s", hook->noun, target->name,
             hook->prefix[0] != '\0' ? "" : ", or the compiler inlined it");
    tb_nearest_append(&nearest, "", text, size);
    return 0;
}

void
tb_target_kernel_nearest_interface(const char *name, char *text, size_t size)
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
    tb_nearest_append(&nearest, "", text, size);
}
