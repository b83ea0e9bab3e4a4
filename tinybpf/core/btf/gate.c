/* SPDX-License-Identifier: MIT
 *
 * The gate (btf/gate.h).
 */
#include "btf/gate.h"

#include "btf/check.h"
#include "elf/check.h"
#include "elf/image.h"

#include <stdio.h>

const char *
tb_gate_object(const void *image, size_t size, char *text, size_t max)
{
    const void *types;
    char problem[160];
    size_t n;

    if (tb_elf_problem(image, size, text, max) != NULL) {
        return text;
    }
    types = tb_elf_section(image, size, ".BTF", &n);
    if (types == NULL ||
        tb_btf_check(types, n, NULL, problem, sizeof(problem)) == NULL) {
        return NULL;
    }
    snprintf(text, max, "its type information (.BTF): %s", problem);
    return text;
}
