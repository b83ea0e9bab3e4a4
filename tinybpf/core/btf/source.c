/* SPDX-License-Identifier: MIT
 *
 * Where a BTF lies in bytes (btf/source.h).
 */
#include "btf/source.h"

#include "btf/table.h"
#include "elf/image.h"
#include "error/raise.h"

#include <errno.h>

int
tb_btf_source_find(struct tb_state *state, struct tb_btf_source *source, PyObject *name)
{
    const void *image = source->data;
    size_t size = source->size;

    if (tb_elf_is_elf(image, size)) {
        source->base = tb_elf_section(image, size, ".BTF.base", &source->base_size);
        source->data = tb_elf_section(image, size, ".BTF", &source->size);
    }
    if (source->data == NULL && size != 0) {
        tb_error_raise(state, TB_ERROR, ENODATA,
                       "%R has no type information: it is an ELF file without a whole "
                       ".BTF section; compile with -g, or read a kernel's debug "
                       "symbols with pahole -J",
                       name);
        return -1;
    }
    if (source->size > INT32_MAX) {
        tb_error_raise(state, TB_ERROR, E2BIG, "%R is too large for a BTF", name);
        return -1;
    }
    return 0;
}

void *
tb_btf_source_raise(struct tb_state *state, PyObject *name, const char *problem)
{
    return tb_error_raise(state, TB_ERROR, tb_btf_table_errno(problem, EINVAL),
                          "reading of BTF from %R failed: %s", name, problem);
}
