/* SPDX-License-Identifier: MIT
 *
 * Reader of the vDSO (system/vdso.h), which is a whole ELF image in memory.
 */
#include "system/vdso.h"

#include "system/mappings.h"

#include <errno.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

struct memory {
    const char *data; /* borrowed */
    size_t size;
};

static int
read_memory(void *ctx, uint64_t offset, void *out, size_t n)
{
    const struct memory *memory = ctx;

    if (offset > memory->size || n > memory->size - offset) {
        return -1;
    }
    memcpy(out, memory->data + offset, n);
    return 0;
}

int
tb_vdso_read_nogil(struct tb_elf_symbols *symbols)
{
    uint64_t address = getauxval(AT_SYSINFO_EHDR);
    struct tb_mappings mappings = {.n = 0};
    int err = address != 0 ? tb_mappings_read_nogil(&mappings, getpid()) : -ENOENT;
    const struct tb_mapping *mapping =
        err == 0 ? tb_mappings_find(&mappings, address) : NULL;
    struct memory memory = {(const char *)(uintptr_t)address, 0};
    struct tb_elf_file file = {read_memory, &memory};

    if (mapping != NULL) {
        memory.size = (size_t)(mapping->end - address);
        err = tb_elf_symbols_read(&file, symbols);
    }
    tb_mappings_free(&mappings);
    return mapping != NULL ? err : -ENOENT;
}
