/* SPDX-License-Identifier: MIT
 *
 * Files of debug information: where distributions put the symbols of stripped files.
 */
#ifndef TB_SYSTEM_DEBUG_FILE_H
#define TB_SYSTEM_DEBUG_FILE_H

#include "elf/symbols.h"
#include "system/foreign.h"

/* Look below a root for the symbols of a file at that path, by its build id or by its
 * .gnu_debuglink, and take them in place of those that it has. Whether they were found,
 * or -errno where this process lacks what it takes to look (tb_foreign_is_want()). */
int tb_debug_file_take_nogil(const struct tb_foreign_root *root, const char *path,
                             struct tb_elf_symbols *symbols);

#endif
