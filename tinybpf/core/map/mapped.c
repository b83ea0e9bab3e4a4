/* SPDX-License-Identifier: MIT
 *
 * Maps that are memory (map/mapped.h). The handles that typed() made of one another
 * share a window, for the one that can write stands in the way of a freeze by any of
 * them.
 */
#include "map/mapped.h"

#include "base/libbpf.h"

#include <string.h>

/* Whose the window is: as long as that is open, the handle that all others come from.
 */
static BpfMap *
holder_of(BpfMap *self)
{
    BpfMap *origin = (BpfMap *)tb_map_origin(self);

    return tb_map_is_open(origin) ? origin : self;
}

static int
is_memory(const BpfMap *self)
{
    return self->traits.type == BPF_MAP_TYPE_ARRAY &&
           (self->traits.flags & BPF_F_MMAPABLE) != 0;
}

struct tb_window *
tb_mapped_window(BpfMap *self)
{
    BpfMap *holder;

    if (!is_memory(self) || self->fd < 0) {
        return NULL;
    }
    holder = holder_of(self);
    if (!holder->is_mapped) {
        holder->is_mapped = 1;
        tb_map_set_window_steal(holder,
                                tb_window_open(holder->fd, holder->traits.value.size,
                                               holder->traits.max_entries));
    }
    return holder->window;
}

/* Where in a window an index is; SIZE_MAX: beyond its end. */
static size_t
place_of(const struct tb_window *window, const void *key)
{
    uint32_t index;

    memcpy(&index, key, sizeof(index));
    return index < window->n ? (size_t)index * window->span : SIZE_MAX;
}

int
tb_mapped_read(BpfMap *self, const void *key, void *out)
{
    struct tb_window *window = tb_mapped_window(self);
    size_t place = window ? place_of(window, key) : SIZE_MAX;

    if (place == SIZE_MAX) {
        return 0;
    }
    tb_window_copy(out, window->memory + place, self->traits.value.size);
    return 1;
}

int
tb_mapped_write(BpfMap *self, const void *key, const void *value)
{
    struct tb_window *window = tb_mapped_window(self);
    size_t place = window ? place_of(window, key) : SIZE_MAX;
    unsigned char *memory = NULL;

    if (place != SIZE_MAX) {
        memory = tb_window_writable(window, self->fd);
    }
    if (memory == NULL) {
        return 0;
    }
    tb_window_copy(memory + place, value, self->traits.value.size);
    return 1;
}
