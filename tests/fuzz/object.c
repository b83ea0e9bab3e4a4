/* SPDX-License-Identifier: MIT
 *
 * Target of libFuzzer: an object file enters as it does by open_bytes(), through the
 * gate, and is opened, looked at, prepared and loaded by libbpf over a kernel that the
 * input describes (kernel.c). What the gate lets through must not do any harm.
 */
#include "base/libbpf.h"
#include "btf/candidates.h"
#include "btf/check.h"
#include "btf/ext.h"
#include "btf/gate.h"
#include "btf/mapdef.h"
#include "elf/image.h"
#include "kernel.h"
#include "error/raise.h"
#include "object/arena.h"
#include "watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static volatile uint64_t sum;
static int custom_fd = -1;

/* Let libbpf find a BTF as btf= does: checked, in a file. */
static int
custom_btf(const struct input *input, char path[32])
{
    char problem[160];

    if (tb_btf_check(input->btf, input->n_btf, NULL, problem, sizeof(problem)) !=
            NULL ||
        tb_candidates_problem(input->object, input->n_object, input->btf,
                              input->n_btf) != NULL) {
        return -1;
    }
    custom_fd = memfd_create("btf", MFD_CLOEXEC);
    if (write(custom_fd, input->btf, input->n_btf) != (ssize_t)input->n_btf) {
        abort();
    }
    snprintf(path, 32, "/proc/self/fd/%d", custom_fd);
    return 0;
}

/* The kernel's own; NULL if it is none that a kernel would have. */
static struct btf *
kernel_btf(const struct input *input)
{
    char problem[160];

    return tb_btf_check(input->btf, input->n_btf, NULL, problem, sizeof(problem)) ==
                   NULL
               ? btf__new(input->btf, (uint32_t)input->n_btf)
               : NULL;
}

static int
visit(const struct tb_btf_relocation *relocation, void *ctx)
{
    (void)ctx;
    sum += strlen(relocation->section) + strlen(relocation->function) +
           strlen(relocation->access);
    return 0;
}

/* All that is asked of an object before it is loaded. */
static void
look(struct bpf_object *object, const struct input *input)
{
    const struct btf *btf = bpf_object__btf(object);
    struct bpf_program *program = NULL;
    struct bpf_map *map = NULL;
    size_t n;
    const void *ext = tb_elf_section(input->object, input->n_object, ".BTF.ext", &n);

    while ((map = bpf_object__next_map(object, map)) != NULL) {
        const unsigned char *value = bpf_map__initial_value(map, &n);
        struct tb_mapdef def;

        sum += strlen(bpf_map__name(map));
        sum += value != NULL && n > 0 ? value[0] + value[n - 1] : 0;
        if (btf != NULL && tb_mapdef_find(btf, bpf_map__name(map), &def) == 0 &&
            def.inner != 0) {
            tb_mapdef_read(btf, def.inner, &def);
        }
        if ((input->head.flags & INPUT_RESIZES) && value == NULL) {
            bpf_map__set_max_entries(map, bpf_map__max_entries(map) + 1);
        }
    }
    while ((program = bpf_object__next_program(object, program)) != NULL) {
        sum += strlen(bpf_program__name(program));
        sum += strlen(bpf_program__section_name(program));
        if (input->head.flags & INPUT_AUTOLOADS) {
            bpf_program__set_autoload(program, true);
        }
        if ((input->head.flags & INPUT_ONE_TYPE) &&
            bpf_program__type(program) == BPF_PROG_TYPE_UNSPEC) {
            bpf_program__set_type(program, BPF_PROG_TYPE_SOCKET_FILTER);
        }
    }
    if (btf != NULL && ext != NULL) {
        tb_elf_section(input->object, input->n_object, ".BTF.ext", &n);
        tb_btf_ext_visit(btf, ext, n, visit, NULL);
    }
}

/* As object/load.c does. */
static void
load(struct bpf_object *object, const struct input *input)
{
    struct tb_hint hint = {.lacking = 0};
    int err = tb_arena_check_nogil(object, &hint);

    if (err == 0 && (input->head.flags & INPUT_PREPARES)) {
        err = bpf_object__prepare(object);
    }
    if (err == 0) {
        err = tb_arena_check_nogil(object, &hint);
    }
    if (err == 0) {
        bpf_object__load(object);
    }
}

static void
open_object(const struct input *input)
{
    LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "bytes");
    struct bpf_object *object;
    struct btf *btf = NULL;
    char path[32];

    kernel_start(input);
    if (input->head.flags & INPUT_HAS_CONFIG) {
        opts.kconfig =
            "CONFIG_HZ=100\nCONFIG_BPF=y\nCONFIG_TEXT=\"text\"\nCONFIG_M=m\n";
    }
    if (!(input->head.flags & INPUT_IS_CUSTOM)) {
        btf = kernel_btf(input);
    }
    else if (custom_btf(input, path) == 0) {
        opts.btf_custom_path = path;
    }
    kernel_has(btf);
    errno = 0;
    object = bpf_object__open_mem(input->object, input->n_object, &opts);
    if (object != NULL) {
        look(object, input);
        load(object, input);
        bpf_object__close(object);
    }
    btf__free(btf);
    if (custom_fd >= 0) {
        close(custom_fd);
        custom_fd = -1;
    }
    kernel_stop();
}

static int
say_nothing(enum libbpf_print_level level, const char *format, va_list args)
{
    char line[4096];

    (void)level;
    return vsnprintf(line, sizeof(line), format, args); /* reads what it would print */
}

/* Whether the gate lets it through. */
static int
passes(const struct input *input)
{
    char problem[320];

    return tb_gate_object(input->object, input->n_object, problem, sizeof(problem)) ==
           NULL;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input;
    int is_kept = 0;

    if (input_copy(&input, data, size) < 0) {
        return -1;
    }
    watch_begin();
    libbpf_set_print(say_nothing);
    if (passes(&input)) {
        open_object(&input);
        is_kept = 1;
    }
    watch_end();
    input_free(&input);
    return is_kept ? 0 : -1;
}
