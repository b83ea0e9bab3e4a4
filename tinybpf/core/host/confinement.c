/* SPDX-License-Identifier: MIT
 *
 * What confines this process (host/confinement.h), by system calls where there are any:
 * /proc and /sys may be missing.
 */
#include "host/confinement.h"

#include "host/kernel.h"

#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define SECCOMP_FILTERED 2 /* SECCOMP_MODE_FILTER of linux/seccomp.h */

/* Text that grows. */
struct text {
    char *at;
    size_t size, n;
};

/* Append a line, made with a word of its own. */
static void
add(struct text *text, const char *line, const char *detail)
{
    if (text->n < text->size) {
        text->n +=
            (size_t)snprintf(text->at + text->n, text->size - text->n, line, detail);
    }
}

/* The first namespace maps all ids to themselves (user_namespaces(7)), one that was
 * just made maps none. */
int
tb_confinement_in_namespace(void)
{
    FILE *file = fopen("/proc/self/uid_map", "re");
    unsigned long inside = 1, outside = 1, count = 0;
    int n;

    if (file == NULL) {
        return -1;
    }
    n = fscanf(file, "%lu %lu %lu", &inside, &outside, &count);
    fclose(file);
    return n != 3 || inside != 0 || outside != 0 || count != 4294967295UL;
}

int
tb_confinement_is_filtered(void)
{
    int mode = prctl(PR_GET_SECCOMP, 0, 0, 0, 0);

    return mode < 0 ? -1 : mode == SECCOMP_FILTERED;
}

/* BPF maps count as locked memory before Linux 5.11. */
static void
add_memlock(struct text *text)
{
    char number[32];
    struct rlimit limit;

    if (!tb_kernel_is_before("5.11", NULL, 0) ||
        getrlimit(RLIMIT_MEMLOCK, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY) {
        return;
    }
    snprintf(number, sizeof(number), "%llu", (unsigned long long)limit.rlim_cur);
    add(text,
        "\n  this process may lock %s bytes of memory, which maps need before Linux "
        "5.11: ulimit -l unlimited, or LimitMEMLOCK=infinity in a systemd unit",
        number);
}

void
tb_confinement_list(char *out, size_t size)
{
    struct text text = {out, size, 0};
    char word[128];

    out[0] = '\0';
    if (tb_confinement_is_filtered() == 1) {
        add(&text,
            "\n  a seccomp filter is on this process: it must allow bpf(2) and "
            "perf_event_open(2)%s",
            ", as those of container runtimes may not");
    }
    if (tb_confinement_in_namespace() == 1) {
        add(&text,
            "\n  this process is in a user namespace: its capabilities do not count "
            "for BPF%s",
            ", start it outside of it");
    }
    tb_kernel_lockdown(word, sizeof(word));
    if (word[0] != '\0') {
        add(&text,
            "\n  the kernel is locked down (%s): in confidentiality mode it refuses "
            "kprobes, and programs that read its memory",
            word);
    }
    add_memlock(&text);
    tb_kernel_security_modules(word, sizeof(word));
    if (text.n == 0 && word[0] != '\0') {
        add(&text, "\n  so a security module refuses it, one of %s", word);
    }
    else if (text.n == 0) {
        add(&text, "\n  so a security module, or this kernel's own build, refuses it%s",
            "");
    }
}
