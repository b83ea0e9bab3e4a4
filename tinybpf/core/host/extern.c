/* SPDX-License-Identifier: MIT
 *
 * Reads what libbpf says of externs (host/extern.h). It resolves them itself, from
 * /proc/config.gz, /proc/kallsyms and BTF, so the kernel has no part in the refusal.
 */
#include "host/extern.h"

#include "base/libbpf.h"
#include "base/nearest.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* Offer every name that BTF has of a kind. */
static void
offer_btf(unsigned kind, struct tb_nearest *nearest)
{
    struct btf *btf = btf__load_vmlinux_btf();
    unsigned int n = btf ? btf__type_cnt(btf) : 0;

    for (unsigned int id = 1; id < n; id++) {
        const struct btf_type *type = btf__type_by_id(btf, id);

        if (btf_kind(type) == kind) {
            tb_nearest_offer(nearest, btf__name_by_offset(btf, type->name_off));
        }
    }
    btf__free(btf);
}

/* Offer every symbol of the kernel: lines "address kind name". */
static void
offer_symbols(unsigned unused, struct tb_nearest *nearest)
{
    FILE *symbols = fopen("/proc/kallsyms", "re");
    char line[512];

    (void)unused;
    while (symbols != NULL && fgets(line, sizeof(line), symbols) != NULL) {
        char *kind = strchr(line, ' '), *name = kind ? kind + 3 : NULL;

        if (name != NULL) {
            name[strcspn(name, "\t\n ")] = '\0';
            tb_nearest_offer(nearest, name);
        }
    }
    if (symbols != NULL) {
        fclose(symbols);
    }
}

/* An option of the configuration, or a number that libbpf makes of the kernel. */
static void
explain_option(const char *name, char *text, size_t size)
{
    snprintf(text, size,
             "%s is not set in this kernel's configuration, or that is not shown here "
             "(/proc/config.gz, /boot/config-...)\n  give it by kconfig='%s=...', or "
             "declare it __kconfig __weak: then it is 0 where it is not set",
             name, name);
}

/* A line of kconfig=, or of the kernel's own configuration, that libbpf does not
 * understand, or that its extern has no room for: the line before says why. */
static int
explain_config_line(const char *log, char *text, size_t size)
{
    static const char mark[] = "error parsing ";
    char line[192], why[256] = "";
    const char *at = tb_text_between(log, mark, "'", line, sizeof(line));
    const char *before = at ? tb_text_line_before(log, at) : NULL;
    int is_given = at != NULL && strncmp(line, "in-memory", 9) == 0;

    if (at == NULL || strstr(line, "Kconfig line") == NULL) {
        return -1;
    }
    if (before != NULL) {
        snprintf(why, sizeof(why), "%.*s", (int)strcspn(before, "\n"), before);
    }
    snprintf(text, size, "%s: %s\n  %s",
             is_given ? "kconfig= cannot be used"
                      : "this kernel's configuration does not fit the object",
             why,
             is_given ? "its lines are NAME=VALUE, as in CONFIG_HZ=250 or CONFIG_BPF=y"
                      : "declare the extern with a type that holds the value, or give "
                        "another by kconfig=");
    return 0;
}

/* A declaration that is not the kernel's. */
static int
explain_incompatible(const char *log, char *text, size_t size)
{
    char name[256], line[512];
    const char *at = tb_text_between(log, "extern (func ksym) '", "'", name, 256);
    int is_function = at != NULL;

    at = at ? at : tb_text_between(log, "extern (var ksym) '", "'", name, sizeof(name));
    if (at == NULL || !tb_text_between(at, "'", "\n", line, sizeof(line)) ||
        strstr(line, "incompatible") == NULL) {
        return -1;
    }
    snprintf(text, size,
             "this kernel's %s '%s' is not as the object declares it\n  take the "
             "declaration of this kernel's vmlinux.h: python -m tinybpf btf",
             is_function ? "kfunc" : "variable", name);
    return 0;
}

int
tb_extern_explain(const char *log, char *text, size_t size)
{
    static const struct {
        const char *mark, *end, *noun;
        void (*offer)(unsigned kind, struct tb_nearest *nearest);
        unsigned kind;
    } rows[] = {
        {"extern (func ksym) '", "': not found", "kfunc", offer_btf, BTF_KIND_FUNC},
        {"extern (var ksym) '", "': not found", "variable", offer_btf, BTF_KIND_VAR},
        {"extern '", "' (strong): not resolved", "symbol", offer_symbols, 0},
    };
    struct tb_nearest nearest;
    char name[256];

    if (explain_config_line(log, text, size) == 0 ||
        explain_incompatible(log, text, size) == 0) {
        return 0;
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t n;

        if (!tb_text_between(log, rows[i].mark, rows[i].end, name, sizeof(name))) {
            continue;
        }
        if (strncmp(name, "CONFIG_", 7) == 0 || strncmp(name, "LINUX_", 6) == 0) {
            explain_option(name, text, size);
            return 0;
        }
        snprintf(text, size, "this kernel has no %s '%s'", rows[i].noun, name);
        tb_nearest_start(&nearest, name);
        rows[i].offer(rows[i].kind, &nearest);
        tb_nearest_append(&nearest, "", text, size);
        n = strlen(text);
        snprintf(text + n, size - n,
                 "\n  for kernels without it declare it __ksym __weak, and ask "
                 "bpf_ksym_exists()");
        return 0;
    }
    return -1;
}
