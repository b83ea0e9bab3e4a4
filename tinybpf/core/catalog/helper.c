/* SPDX-License-Identifier: MIT
 *
 * The table of helpers (catalog/helper.h), made of the kernel's own list, so that it
 * never drifts from the header inside.
 */
#include "catalog/helper.h"

#include "base/libbpf.h"

#define ROW(name, number) [number] = #name,

static const char *const names[] = {___BPF_FUNC_MAPPER(ROW)};

const char *
tb_catalog_helper(uint32_t number)
{
    return number > 0 && number < __BPF_FUNC_MAX_ID ? names[number] : NULL;
}

size_t
tb_catalog_helper_end(void)
{
    return __BPF_FUNC_MAX_ID;
}
