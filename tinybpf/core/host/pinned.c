/* SPDX-License-Identifier: MIT
 *
 * Reads what libbpf says of pins (host/pinned.h). The kernel was not asked to make the
 * map, or has made it: libbpf says "failed to create" of it all the same.
 */
#include "host/pinned.h"

#include "base/text.h"
#include "host/fd.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The map with that pin; NULL if there is none. */
static const struct bpf_map *
map_of_pin(const struct bpf_object *object, const char *path)
{
    struct bpf_map *map;

    bpf_object__for_each_map(map, object)
    {
        const char *its = bpf_map__pin_path(map);

        if (its != NULL && strcmp(its, path) == 0) {
            return map;
        }
    }
    return NULL;
}

static const char *
type_name(uint32_t type)
{
    const char *name = libbpf_bpf_map_type_str((enum bpf_map_type)type);

    return name ? name : "?";
}

/* "max_entries is 10 there and 11 here, ...": what map_is_reuse_compat of libbpf
 * compares, and as it does; how many bytes. */
static size_t
compare(const struct bpf_map *map, const struct bpf_map_info *there, char *text,
        size_t size)
{
    uint32_t type = bpf_map__type(map), ignored = 0;
    const char *comma = "";
    size_t n = 0;

    if (type == BPF_MAP_TYPE_DEVMAP || type == BPF_MAP_TYPE_DEVMAP_HASH) {
        ignored = BPF_F_RDONLY_PROG;
    }
    const struct {
        const char *format;
        uint64_t there, here;
    } rows[] = {
        {"%skey_size is %llu there and %llu here", there->key_size,
         bpf_map__key_size(map)},
        {"%svalue_size is %llu there and %llu here", there->value_size,
         bpf_map__value_size(map)},
        {"%smax_entries is %llu there and %llu here", there->max_entries,
         bpf_map__max_entries(map)},
        {"%smap_flags is %#llx there and %#llx here", there->map_flags & ~ignored,
         bpf_map__map_flags(map)},
        {"%smap_extra is %llu there and %llu here", there->map_extra,
         bpf_map__map_extra(map)},
    };

    text[0] = '\0';
    if (there->type != type) {
        n = (size_t)snprintf(text, size, "type is %s there and %s here",
                             type_name(there->type), type_name(type));
        comma = ", ";
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].there != rows[i].here && n < size) {
            n += (size_t)snprintf(text + n, size - n, rows[i].format, comma,
                                  (unsigned long long)rows[i].there,
                                  (unsigned long long)rows[i].here);
            comma = ", ";
        }
    }
    return n;
}

/* A pin that libbpf does not take over. */
static void
explain_mismatch(const struct bpf_map *map, const char *path, char *text, size_t size)
{
    int fd = bpf_obj_get(path);
    struct bpf_map_info info;
    char differs[512] = "";

    if (fd >= 0 && tb_fd_map_info_nogil(fd, &info) == 0) {
        compare(map, &info, differs, sizeof(differs));
    }
    if (fd >= 0) {
        close(fd);
    }
    snprintf(text, size,
             "map '%s' does not fit what is pinned at '%s': %s\n  remove the pin, or "
             "give the map the same settings (maps={'%s': {...}})",
             bpf_map__name(map), path, differs[0] ? differs : "that is no map",
             bpf_map__name(map));
}

/* A pin that libbpf cannot make: its path is to blame, or else the reason is told. */
static void
explain_path(const struct bpf_map *map, const char *log, const char *path, char *text,
             size_t size)
{
    const char *name = bpf_map__name(map);
    char folder[PATH_MAX];

    if (tb_text_between(log, "specified path ", " is not on BPF FS", folder,
                        sizeof(folder))) {
        snprintf(text, size,
                 "map '%s' cannot be pinned at '%s': the path is not on a BPF file "
                 "system (bpffs)\n  the usual one is /sys/fs/bpf: mount -t bpf bpf "
                 "/sys/fs/bpf",
                 name, path);
    }
    else if (tb_text_between(log, "failed to mkdir ", ": -ENOENT", folder,
                             sizeof(folder))) {
        snprintf(text, size,
                 "map '%s' cannot be pinned at '%s': its folder's folder is not there, "
                 "and only one is made\n  make it first: mkdir -p",
                 name, path);
    }
    else {
        const char *reason = strstr(log, "failed to auto-pin at '");

        reason = strstr(reason, "': ");
        snprintf(text, size, "map '%s' cannot be pinned at '%s': %.*s", name, path,
                 reason ? (int)strcspn(reason + 3, "\n") : 1,
                 reason ? reason + 3 : "?");
    }
}

int
tb_pinned_explain(const struct bpf_object *object, const char *log, char *text,
                  size_t size)
{
    const struct bpf_map *map = NULL;
    char path[PATH_MAX];

    if (tb_text_between(log, "couldn't reuse pinned map at '", "'", path,
                        sizeof(path))) {
        map = map_of_pin(object, path);
        if (map != NULL) {
            explain_mismatch(map, path, text, size);
        }
    }
    else if (tb_text_between(log, "failed to auto-pin at '", "'", path, sizeof(path))) {
        map = map_of_pin(object, path);
        if (map != NULL) {
            explain_path(map, log, path, text, size);
        }
    }
    return map != NULL ? 0 : -1;
}
