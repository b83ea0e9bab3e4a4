/* SPDX-License-Identifier: MIT
 *
 * Lists the ids of all BPF objects in the kernel, for the leak check around tests.
 *
 * It is a program of its own, static and without libbpf, so that what it counts does
 * not depend on what is tested, and so that both forms of tinybpf can use it. It
 * serves many requests: for each byte on standard input it writes one line
 * "prog 1 2 3 map 4 link btf 1\n"; it ends at end of file. Needs CAP_SYS_ADMIN.
 */
#define _DEFAULT_SOURCE /* syscall() */

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>

/* One kind of object and the command that walks its ids. */
struct kind {
    const char *name;
    int next_id;
};

static const struct kind KINDS[] = {
    {"prog", BPF_PROG_GET_NEXT_ID},
    {"map", BPF_MAP_GET_NEXT_ID},
    {"link", BPF_LINK_GET_NEXT_ID},
    {"btf", BPF_BTF_GET_NEXT_ID},
};

/* Writes the kind's name and ids; 0, or -1 with errno set where the kernel refuses. */
static int
print_kind(const struct kind *kind)
{
    union bpf_attr attr;

    printf("%s", kind->name);
    memset(&attr, 0, sizeof(attr));
    while (syscall(SYS_bpf, kind->next_id, &attr, sizeof(attr)) == 0) {
        printf(" %u", attr.next_id);
        attr.start_id = attr.next_id;
    }
    return errno == ENOENT ? 0 : -1;
}

int
main(void)
{
    char request;

    while (read(STDIN_FILENO, &request, 1) == 1) {
        for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++) {
            if (print_kind(&KINDS[i])) {
                fprintf(stderr, "kernel_ids: %s: %s\n", KINDS[i].name, strerror(errno));
                return 1;
            }
            putchar(i + 1 < sizeof(KINDS) / sizeof(KINDS[0]) ? ' ' : '\n');
        }
        fflush(stdout);
    }
    return 0;
}
