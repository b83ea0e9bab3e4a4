/* SPDX-License-Identifier: MIT
 *
 * How much libbpf would look at to relocate an object for a BTF that was given: pure.
 */
#ifndef TB_BTF_CANDIDATES_H
#define TB_BTF_CANDIDATES_H

#include <stddef.h>

/* What is wrong with how much there is; NULL if nothing is. Each relocation is tried
 * with all types of a name, part by part. Both the object and the types have passed
 * their checks. */
const char *tb_candidates_problem(const void *object, size_t object_size,
                                  const void *types, size_t types_size);

#endif
