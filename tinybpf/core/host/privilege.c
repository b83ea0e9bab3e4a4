/* SPDX-License-Identifier: MIT
 *
 * Compares what the catalog says that a kind needs with what this process has
 * (host/privilege.h), and makes sentences of it. What chooses a program to replace
 * needs more than the load of what replaces it: tb_privilege_of_target.
 */
#include "host/privilege.h"

#include "catalog/hook.h"
#include "catalog/map.h"
#include "catalog/program.h"
#include "host/confinement.h"
#include "host/kernel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BPF TB_NEEDS_BPF
#define PERFMON TB_NEEDS_PERFMON
#define NET_ADMIN TB_NEEDS_NET_ADMIN
#define SYS_ADMIN TB_NEEDS_SYS_ADMIN
#define DAC_READ_SEARCH TB_NEEDS_DAC_READ_SEARCH

#define TRACEFS_CLOSED " and to read /sys/kernel/tracing, which is closed to this user"

/* The order of the words in a sentence. */
static const struct {
    uint64_t bit;
    const char *name;
    const char *lower; /* as setpriv wants it */
} capabilities[] = {
    {BPF, "CAP_BPF", "bpf"},
    {PERFMON, "CAP_PERFMON", "perfmon"},
    {NET_ADMIN, "CAP_NET_ADMIN", "net_admin"},
    {DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH", "dac_read_search"},
    {SYS_ADMIN, "CAP_SYS_ADMIN", "sys_admin"},
};

/* What a sentence needs to know. */
struct need {
    const char *verb;  /* "loading", "attaching" */
    const char *kinds; /* "maps", "xdp, tracepoint programs" */
    uint64_t caps;     /* needed */
    uint64_t missing;  /* of these, in this process */
    int known;         /* whether the process's capabilities could be read */
    int tracefs;       /* whether tracefs is needed and this process cannot enter it */
    int paranoid;      /* kernel.perf_event_paranoid if perf events are, else -1 */
};

/* What programs of a type for a hook (which may be NULL) are called; NULL: unknown. */
static const char *
name_of(const struct tb_program_kind *kind, const struct tb_hook_kind *hook)
{
    return hook != NULL && hook->programs != NULL ? hook->programs : kind->name;
}

/* The effective capabilities of this thread, by system call: /proc may not be there. */
static int
read_capabilities(uint64_t *out_caps)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2]; /* 64 capabilities since version 3 */

    if (syscall(SYS_capget, &header, data) < 0) {
        return 0;
    }
    *out_caps = data[0].effective | (uint64_t)data[1].effective << 32;
    return 1;
}

/* Not by access(2), which leaves out capabilities. */
static int
is_tracefs_closed(void)
{
    struct stat st;

    return stat("/sys/kernel/tracing/events", &st) < 0 && errno == EACCES;
}

/* CAP_SYS_ADMIN stands for what bpf() asks for; the network's own calls want
 * CAP_NET_ADMIN itself, but nothing is attached before it was loaded. Upstream knows
 * no kernel.perf_event_paranoid above 2; with 3 and more the kernels of Debian, Ubuntu
 * and Android keep perf events for CAP_SYS_ADMIN. */
static void
compare(struct need *need)
{
    uint64_t caps = 0;

    if (tb_kernel_is_before("5.8", NULL, 0)) {
        need->caps = (need->caps & ~(BPF | PERFMON)) | SYS_ADMIN;
    }
    need->known = read_capabilities(&caps);
    if (caps & SYS_ADMIN) {
        caps |= BPF | PERFMON;
    }
    if (need->paranoid > 2 && need->known && !(caps & SYS_ADMIN)) {
        need->caps |= SYS_ADMIN;
    }
    else {
        need->paranoid = -1;
    }
    need->missing = need->caps & ~caps;
}

uint64_t
tb_privilege_lacking(uint64_t caps)
{
    struct need need = {.caps = caps, .paranoid = -1};

    compare(&need);
    return need.missing;
}

void
tb_privilege_write(uint64_t caps, char *text, size_t size)
{
    size_t n = 0;

    text[0] = '\0';
    for (size_t i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]); i++) {
        uint64_t later = caps & ~capabilities[i].bit;

        if ((caps & capabilities[i].bit) && n < size) {
            n += (size_t)snprintf(text + n, size - n, "%s%s", capabilities[i].name,
                                  later == 0              ? ""
                                  : (later & (later - 1)) ? ", "
                                                          : " and ");
        }
        caps = later;
    }
}

/* How a list of capabilities is written. */
struct spelling {
    const char *before, *between;
    int is_lower;
};

static const struct spelling of_setpriv = {"+", ",", 1}; /* "+bpf,+perfmon" */
static const struct spelling of_runner = {"", ",", 1};   /* "bpf,perfmon" */
static const struct spelling of_systemd = {"", " ", 0};  /* "CAP_BPF CAP_PERFMON" */

static void
write_list(uint64_t caps, const struct spelling *as, char *text, size_t size)
{
    size_t n = 0;

    text[0] = '\0';
    for (size_t i = 0; i < sizeof(capabilities) / sizeof(capabilities[0]); i++) {
        if ((caps & capabilities[i].bit) && n < size) {
            n += (size_t)snprintf(
                text + n, size - n, "%s%s%s", n == 0 ? "" : as->between, as->before,
                as->is_lower ? capabilities[i].lower : capabilities[i].name);
        }
    }
}

/* Write the whole advice: what is needed, and what of it is missing and how to start
 * with it, or, where nothing is, what confines this process. */
static void
write_advice(const struct need *need, char *text, size_t size)
{
    char needed[160], missing[160], lack[288], more[160] = "";
    char setpriv[160], runner[160], systemd[160];
    uint64_t all = need->caps | (need->tracefs ? DAC_READ_SEARCH : 0);

    tb_privilege_write(need->caps, needed, sizeof(needed));
    tb_privilege_write(need->missing, missing, sizeof(missing));
    write_list(all, &of_setpriv, setpriv, sizeof(setpriv));
    write_list(all, &of_runner, runner, sizeof(runner));
    write_list(all, &of_systemd, systemd, sizeof(systemd));
    if (need->known && need->missing == 0 && !need->tracefs) {
        char confined[640];

        tb_confinement_list(confined, sizeof(confined));
        snprintf(text, size, "%s %s needs %s%s%s", need->verb, need->kinds,
                 need->caps ? needed : "no capability",
                 need->caps ? ", which this process has" : "", confined);
        return;
    }
    snprintf(lack, sizeof(lack), "%s%s%s", need->tracefs ? TRACEFS_CLOSED : "",
             need->missing && need->known ? "; this process lacks " : "",
             need->missing && need->known ? missing : "");
    if (need->paranoid > 2) {
        snprintf(more, sizeof(more),
                 "\n  kernel.perf_event_paranoid is %d: sysctl "
                 "kernel.perf_event_paranoid=2 does without CAP_SYS_ADMIN",
                 need->paranoid);
    }
    snprintf(text, size,
             "%s %s needs %s%s%s\n  run as root, or start it with just these: "
             "tinybpf-run --user UID:GID --caps %s SCRIPT, or "
             "setpriv --reuid=UID --clear-groups --inh-caps=%s --ambient-caps=%s "
             "COMMAND, or in a systemd unit AmbientCapabilities=%s",
             need->verb, need->kinds, needed, lack, more, runner, setpriv, setpriv,
             systemd);
}

/* Kinds of thing for a sentence: "xdp, tracepoint programs". */
struct kinds {
    char text[128];
    size_t n;
};

/* Append one that is not among them yet, behind what comes between two. */
static void
add_kind(struct kinds *kinds, const char *before, const char *name)
{
    if (kinds->n < sizeof(kinds->text) && strstr(kinds->text, name) == NULL) {
        kinds->n +=
            (size_t)snprintf(kinds->text + kinds->n, sizeof(kinds->text) - kinds->n,
                             "%s%s", kinds->n == 0 ? "" : before, name);
    }
}

/* What an object's programs need to be loaded, and what they are. */
static void
add_programs(const struct bpf_object *object, struct kinds *kinds, struct need *need)
{
    struct bpf_program *program;

    bpf_object__for_each_program(program, object)
    {
        const struct tb_program_kind *kind =
            tb_catalog_program(bpf_program__type(program));
        const char *rest,
            *name = name_of(kind, tb_catalog_hook_of_section(
                                      bpf_program__section_name(program), &rest));

        if (name != NULL && bpf_program__autoload(program)) {
            need->caps |= kind->needs.caps;
            add_kind(kinds, ", ", name);
        }
    }
    if (kinds->n > 0) {
        add_kind(kinds, "", " programs");
    }
}

/* What its maps need beyond CAP_BPF; what these are joins the programs. */
static void
add_maps(const struct bpf_object *object, struct kinds *kinds, struct need *need)
{
    struct bpf_map *map;

    bpf_object__for_each_map(map, object)
    {
        uint64_t caps = tb_catalog_map(bpf_map__type(map))->needs.caps;

        if (caps != 0 && bpf_map__autocreate(map)) {
            need->caps |= caps;
            add_kind(kinds, " and ", libbpf_bpf_map_type_str(bpf_map__type(map)));
            add_kind(kinds, "", " maps");
        }
    }
}

int
tb_privilege_of_load(const struct bpf_object *object, char *text, size_t size)
{
    struct kinds kinds = {"", 0};
    struct need need = {
        .verb = "loading", .kinds = kinds.text, .caps = BPF, .paranoid = -1};

    add_programs(object, &kinds, &need);
    add_maps(object, &kinds, &need);
    if (kinds.n == 0) {
        add_kind(&kinds, "", "maps");
    }
    compare(&need);
    write_advice(&need, text, size);
    return need.known && need.missing == 0;
}

void
tb_privilege_of_attach(const struct bpf_program *program,
                       const struct tb_hook_kind *hook, char *text, size_t size)
{
    const struct tb_program_kind *kind = tb_catalog_program(bpf_program__type(program));
    const char *name = name_of(kind, hook);
    unsigned by = hook ? hook->by : 0;
    char kinds[128];
    struct need need = {
        .verb = "attaching",
        .kinds = kinds,
        .caps = BPF | kind->needs.caps | kind->attach | (hook ? hook->needs.caps : 0),
        .tracefs = (by & TB_BY_TRACEFS) && is_tracefs_closed(),
        .paranoid = by & TB_BY_PERF ? tb_kernel_paranoid() : -1,
    };

    snprintf(kinds, sizeof(kinds), "%s programs", name ? name : "such");
    compare(&need);
    write_advice(&need, text, size);
}

void
tb_privilege_of_map(enum bpf_map_type type, char *text, size_t size)
{
    const char *name = libbpf_bpf_map_type_str(type);
    char kinds[64];
    struct need need = {.verb = "making",
                        .kinds = kinds,
                        .caps = BPF | tb_catalog_map(type)->needs.caps,
                        .paranoid = -1};

    snprintf(kinds, sizeof(kinds), "%s maps", name ? name : "such");
    compare(&need);
    write_advice(&need, text, size);
}

void
tb_privilege_of_admin(const char *verb, const char *kinds, char *text, size_t size)
{
    struct need need = {
        .verb = verb, .kinds = kinds, .caps = SYS_ADMIN, .paranoid = -1};

    compare(&need);
    write_advice(&need, text, size);
}

void
tb_privilege_of_network(const char *verb, const char *kinds, char *text, size_t size)
{
    struct need need = {
        .verb = verb, .kinds = kinds, .caps = NET_ADMIN, .paranoid = -1};

    compare(&need);
    write_advice(&need, text, size);
}

/* BTF of a loaded program is opened by its id (libbpf_find_prog_btf_id), which is
 * CAP_SYS_ADMIN's alone (BPF_BTF_GET_FD_BY_ID in kernel/bpf/syscall.c). */
void
tb_privilege_of_target(char *text, size_t size)
{
    tb_privilege_of_admin("reading", "the BTF of a loaded program", text, size);
}

/* Since Linux 5.19 who has the descriptor may make the call; before it
 * kernel.unprivileged_bpf_disabled kept all of bpf(2) for CAP_BPF (__sys_bpf in
 * kernel/bpf/syscall.c). Freezing asked for it itself until 6.4 (map_freeze). */
void
tb_privilege_of_call(const char *verb, const char *kinds, char *text, size_t size)
{
    struct need need = {.verb = verb, .kinds = kinds, .paranoid = -1};
    int is_freezing = strcmp(verb, "freezing") == 0;

    need.caps = tb_kernel_is_before(is_freezing ? "6.5" : "5.19", NULL, 0) ? BPF : 0;
    compare(&need);
    write_advice(&need, text, size);
}
