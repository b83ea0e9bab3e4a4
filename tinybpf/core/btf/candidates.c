/* SPDX-License-Identifier: MIT
 *
 * Candidates of relocations (btf/candidates.h). A kernel has a few types of a name, and
 * libbpf goes through all of them for each relocation; who writes both files can have
 * 10^5 of one name and 10^5 relocations. So their parts are added up beforehand, by
 * hashes of names: two names of one hash count as one, which is too much at worst.
 */
#include "btf/candidates.h"

#include "base/libbpf.h"
#include "btf/ext.h"
#include "btf/table.h"
#include "btf/unfold.h"
#include "elf/image.h"

#include <stdlib.h>
#include <string.h>

#define STEPS_MAX (1ull << 30) /* parts that are looked at, some nanoseconds each */

/* The parts of all types whose names have a hash. */
struct sum {
    uint64_t hash; /* 0: free */
    uint64_t parts;
};

struct sums {
    struct sum *slots; /* owned */
    uint64_t mask;     /* one less than there are, a power of two */
};

/* Types, and how many parts each has. */
struct side {
    struct tb_btf_table types;
    struct tb_btf_unfold unfold;
};

/* What is added up. */
struct count {
    const struct side *object;
    const struct sums *sums;
    uint64_t n_steps;
};

/* Of a name without its flavour; never 0. FNV-1a. */
static uint64_t
hash_name(const char *name)
{
    size_t n = tb_btf_ext_essential(name);
    uint64_t hash = 0xcbf29ce484222325u;

    for (size_t i = 0; i < n; i++) {
        hash = (hash ^ (unsigned char)name[i]) * 0x100000001b3u;
    }
    return hash != 0 ? hash : 1;
}

/* Where a hash is, or may be put. */
static struct sum *
find_slot(const struct sums *sums, uint64_t hash)
{
    uint64_t at = hash & sums->mask;

    while (sums->slots[at].hash != 0 && sums->slots[at].hash != hash) {
        at = (at + 1) & sums->mask;
    }
    return &sums->slots[at];
}

static void
side_close(struct side *side)
{
    tb_btf_unfold_stop(&side->unfold);
    tb_btf_table_close(&side->types);
}

/* Find the types and measure them; 0 or -1. Closed in both cases by side_close. */
static int
side_open(struct side *side, const void *data, size_t size)
{
    char text[160];

    *side = (struct side){.unfold = {.table = &side->types}};
    if (tb_btf_table_open(&side->types, data, size, text, sizeof(text)) != NULL ||
        tb_btf_unfold_start(&side->unfold) < 0) {
        return -1;
    }
    side->types.pointer_size = 8;
    for (uint32_t id = 1; id < side->types.n; id++) {
        if (tb_btf_unfold_type(&side->unfold, id) != NULL) {
            return -1;
        }
    }
    return 0;
}

/* The parts that are looked at in a type: enumerators are some, too. */
static uint64_t
parts_of(const struct side *side, uint32_t id)
{
    return tb_btf_unfold_parts(&side->unfold, id) +
           btf_vlen(tb_btf_table_type(&side->types, id));
}

/* Add up all types by their names; 0 or -1 without memory. */
static int
add_up(struct sums *sums, const struct side *kernel)
{
    uint64_t n = 64;

    while (n < 2 * (uint64_t)kernel->types.n) {
        n *= 2;
    }
    sums->mask = n - 1;
    sums->slots = calloc(n, sizeof(*sums->slots));
    for (uint32_t id = 1; sums->slots != NULL && id < kernel->types.n; id++) {
        const struct btf_type *type = tb_btf_table_type(&kernel->types, id);
        const char *name = tb_btf_table_name(&kernel->types, type->name_off);

        if (name != NULL && name[0] != '\0') {
            struct sum *sum = find_slot(sums, hash_name(name));

            sum->hash = hash_name(name);
            sum->parts += parts_of(kernel, id);
        }
    }
    return sums->slots != NULL ? 0 : -1;
}

/* Types that have to match are compared member by member with each member. */
static void
count_relocation(const struct bpf_core_relo *relocation, void *ctx)
{
    struct count *count = ctx;
    const struct tb_btf_table *types = &count->object->types;
    const struct btf_type *type = tb_btf_table_type(types, relocation->type_id);
    const char *name = tb_btf_table_name(types, type->name_off);
    uint64_t times = relocation->kind == BPF_CORE_TYPE_MATCHES
                         ? parts_of(count->object, relocation->type_id)
                         : 1;

    if (name != NULL && count->n_steps <= STEPS_MAX) {
        count->n_steps += times * find_slot(count->sums, hash_name(name))->parts;
    }
}

const char *
tb_candidates_problem(const void *object, size_t object_size, const void *types,
                      size_t types_size)
{
    size_t n = 0, n_ext = 0;
    const void *own = tb_elf_section(object, object_size, ".BTF", &n);
    const void *ext = tb_elf_section(object, object_size, ".BTF.ext", &n_ext);
    struct side mine = {.types = {.base = NULL}}, kernel = {.types = {.base = NULL}};
    struct sums sums = {.slots = NULL};
    struct count count = {.object = &mine, .sums = &sums};
    const char *problem = TB_BTF_NO_MEMORY;

    if (own == NULL || ext == NULL) {
        return NULL;
    }
    if (side_open(&mine, own, n) == 0 && side_open(&kernel, types, types_size) == 0 &&
        add_up(&sums, &kernel) == 0) {
        tb_btf_ext_each(ext, n_ext, count_relocation, &count);
        problem = count.n_steps > STEPS_MAX
                      ? "its relocations could mean too many of the types that are "
                        "given by btf="
                      : NULL;
    }
    free(sums.slots);
    side_close(&kernel);
    side_close(&mine);
    return problem;
}
