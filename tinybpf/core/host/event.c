/* SPDX-License-Identifier: MIT
 *
 * Names and places of perf events (host/event.h), as perf_event_open(2) and
 * Documentation/admin-guide have them.
 */
#include "host/event.h"

#include "base/nearest.h"
#include "host/target.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>

#define BREAKPOINT "breakpoint:"

static const struct {
    const char *name;
    uint32_t type;
    uint64_t config;
} events[] = {
    {"cpu-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK},
    {"task-clock", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK},
    {"page-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS},
    {"minor-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MIN},
    {"major-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MAJ},
    {"context-switches", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES},
    {"cgroup-switches", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CGROUP_SWITCHES},
    {"cpu-migrations", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS},
    {"alignment-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_ALIGNMENT_FAULTS},
    {"emulation-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_EMULATION_FAULTS},
    {"cpu-cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
    {"cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
    {"instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS},
    {"cache-references", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_REFERENCES},
    {"cache-misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES},
    {"branch-instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_INSTRUCTIONS},
    {"branches", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_INSTRUCTIONS},
    {"branch-misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES},
    {"bus-cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BUS_CYCLES},
    {"stalled-cycles-frontend", PERF_TYPE_HARDWARE,
     PERF_COUNT_HW_STALLED_CYCLES_FRONTEND},
    {"stalled-cycles-backend", PERF_TYPE_HARDWARE,
     PERF_COUNT_HW_STALLED_CYCLES_BACKEND},
    {"ref-cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_REF_CPU_CYCLES},
};

#define COUNT (sizeof(events) / sizeof(events[0]))

/* ADDRESS[:rwx[:LENGTH]], as perf takes them behind "mem:". */
static int
parse_breakpoint(const char *text, struct perf_event_attr *attr)
{
    char access[4] = "rw", *end;
    int n = 0;

    attr->type = PERF_TYPE_BREAKPOINT;
    attr->bp_addr = strtoull(text, &end, 0);
    attr->bp_len = HW_BREAKPOINT_LEN_4;
    if (end == text || *text == '-') {
        return -1;
    }
    if (*end == ':' && sscanf(end, ":%3[rwx]%n", access, &n) == 1) {
        end += n;
    }
    for (const char *one = access; *one != '\0'; one++) {
        attr->bp_type |= *one == 'r'   ? HW_BREAKPOINT_R
                         : *one == 'w' ? HW_BREAKPOINT_W
                                       : HW_BREAKPOINT_X;
    }
    if (attr->bp_type == HW_BREAKPOINT_X) {
        attr->bp_len = sizeof(long); /* the kernel takes no other */
    }
    if (n > 0 && *end == ':') {
        char *length = end + 1;

        attr->bp_len = strtoull(length, &end, 0);
        if (end == length || *length == '-') {
            return -1;
        }
    }
    return *end == '\0' ? 0 : -1;
}

int
tb_event_parse(const char *name, struct perf_event_attr *attr, char *text, size_t size)
{
    struct tb_nearest nearest;

    if (strncmp(name, BREAKPOINT, strlen(BREAKPOINT)) == 0) {
        snprintf(text, size, "a breakpoint is 'breakpoint:ADDRESS:rwx:LENGTH'");
        return parse_breakpoint(name + strlen(BREAKPOINT), attr);
    }
    tb_nearest_start(&nearest, name);
    for (size_t i = 0; i < COUNT; i++) {
        if (strcmp(events[i].name, name) == 0) {
            attr->type = events[i].type;
            attr->config = events[i].config;
            return 0;
        }
        tb_nearest_offer(&nearest, events[i].name);
    }
    snprintf(text, size,
             "there is no event of that name; others are a pair (type, config)");
    tb_nearest_append(&nearest, "", text, size);
    return -1;
}

/* Append a place; 0 or -ENOMEM. */
static int
append(struct tb_event_places *places, int one)
{
    int *longer = realloc(places->list, (places->n + 1) * sizeof(*longer));

    if (longer == NULL) {
        return -ENOMEM;
    }
    longer[places->n++] = one;
    places->list = longer;
    return 0;
}

/* A list of the kernel's: "0-3,8". */
static int
append_cpus(struct tb_event_places *places, const char *text)
{
    int first, last, n, err = 0;

    while (err == 0 && sscanf(text, "%d%n", &first, &n) == 1) {
        text += n;
        last = first;
        if (sscanf(text, "-%d%n", &last, &n) == 1) {
            text += n;
        }
        for (int cpu = first; cpu <= last && err == 0; cpu++) {
            err = append(places, cpu);
        }
        text += *text == ',';
    }
    return err;
}

/* A line of a file, less its end; "" if it cannot be read. */
static void
read_line(const char *path, char *line, size_t size)
{
    FILE *file = fopen(path, "re");

    if (file == NULL || fgets(line, (int)size, file) == NULL) {
        line[0] = '\0';
    }
    if (file != NULL) {
        fclose(file);
    }
    line[strcspn(line, "\n")] = '\0';
}

/* The threads that a process has. */
static int
append_threads(struct tb_event_places *places, int pid)
{
    struct dirent *entry;
    char path[64];
    int err = 0;
    DIR *dir;

    snprintf(path, sizeof(path), "/proc/%d/task", pid);
    dir = opendir(path);
    if (dir == NULL) {
        return errno == ENOENT ? -ESRCH : -errno;
    }
    while (err == 0 && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != '.') {
            err = append(places, atoi(entry->d_name));
        }
    }
    closedir(dir);
    return err;
}

int
tb_event_places(int pid, struct tb_event_places *out)
{
    char online[1024];

    memset(out, 0, sizeof(*out));
    if (pid > 0) {
        return append_threads(out, pid);
    }
    read_line("/sys/devices/system/cpu/online", online, sizeof(online));
    read_line("/sys/devices/system/cpu/offline", out->offline, sizeof(out->offline));
    if (online[0] == '\0') {
        return -ENOENT;
    }
    return append_cpus(out, online);
}

/* Why there is no such event here, by what perf_event_open(2) said. */
int
tb_event_explain(const struct tb_target *target, int err, char *text, size_t size)
{
    char limit[32];

    switch (err) {
    case -ENOENT:
    case -ENODEV:
    case -EOPNOTSUPP:
        snprintf(text, size,
                 "this machine does not count '%s': a virtual machine may have no "
                 "counters of its CPU; cpu-clock is there always",
                 target->name);
        return 1;
    case -ESRCH:
        snprintf(text, size, "there is no process %d", target->pid);
        return 0;
    case -ENOSPC:
        snprintf(text, size,
                 "the CPU has no more breakpoints: four on x86_64, those of debuggers "
                 "among them");
        return 0;
    case -EINVAL:
        read_line("/proc/sys/kernel/perf_event_max_sample_rate", limit, sizeof(limit));
        snprintf(text, size,
                 "the kernel takes no such event, CPU, rate or place: freq may be up "
                 "to %s here (kernel.perf_event_max_sample_rate)",
                 limit);
        return 0;
    default:
        return -1;
    }
}
