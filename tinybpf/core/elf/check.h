/* SPDX-License-Identifier: MIT
 *
 * What is wrong with a file that should be a BPF object: pure, bytes in, words out.
 */
#ifndef TB_ELF_CHECK_H
#define TB_ELF_CHECK_H

#include <stddef.h>

/* Look at the headers of a file image. NULL if it is a whole BPF relocatable for
 * this machine's byte order; else what is wrong and what to do, written into text. */
const char *tb_elf_problem(const void *image, size_t size, char *text,
                           size_t text_size);

#endif
