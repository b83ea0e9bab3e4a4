/* SPDX-License-Identifier: MIT
 *
 * Where the arenas of an object are to lie in this process.
 */
#ifndef TB_OBJECT_ARENA_H
#define TB_OBJECT_ARENA_H

struct bpf_object;
struct tb_hint;

/* Whether there is room for each arena of an opened object at the address that its
 * map_extra asks for, and in it for its variables; 0, or -errno and the cause in hint.
 */
int tb_arena_check_nogil(const struct bpf_object *object, struct tb_hint *hint);

/* Load an object, and tell where the variables in its arena lie, NULL if it has none:
 * 0 or -errno. */
int tb_arena_load_nogil(struct bpf_object *object, void **out_variables);

#endif
