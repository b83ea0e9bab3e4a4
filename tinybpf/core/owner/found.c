/* SPDX-License-Identifier: MIT
 *
 * Opening of what was found (owner/found.h). An id says nothing by itself: the kernel
 * gives those of the dead away again, once it has given all.
 */
#include "owner/found.h"

#include "base/libbpf.h"
#include "error/raise.h"
#include "host/hint.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FNV_OFFSET 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

/* FNV-1a of some bytes behind others. */
static uint64_t
hash(uint64_t so_far, const void *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        so_far = (so_far ^ ((const unsigned char *)data)[i]) * FNV_PRIME;
    }
    return so_far;
}

static uint64_t
hash_words(const uint64_t *words, size_t n)
{
    return hash(FNV_OFFSET, words, n * sizeof(*words));
}

uint64_t
tb_found_map_identity(const struct bpf_map_info *info)
{
    const uint64_t words[] = {info->type,        info->key_size,  info->value_size,
                              info->max_entries, info->map_flags, info->btf_id};

    return hash(hash_words(words, sizeof(words) / sizeof(words[0])), info->name,
                strnlen(info->name, sizeof(info->name)));
}

uint64_t
tb_found_program_identity(const struct bpf_prog_info *info)
{
    const uint64_t words[] = {info->type, info->load_time, info->created_by_uid};

    return hash(hash_words(words, sizeof(words) / sizeof(words[0])), info->tag,
                sizeof(info->tag));
}

/* Its program may be replaced. */
uint64_t
tb_found_link_identity(const struct bpf_link_info *info)
{
    const uint64_t words[] = {info->type};

    return hash_words(words, 1);
}

static int
identify_map(int fd, uint64_t *out)
{
    struct bpf_map_info info = {0};
    uint32_t size = sizeof(info);
    int err = bpf_map_get_info_by_fd(fd, &info, &size);

    *out = tb_found_map_identity(&info);
    return err;
}

static int
identify_program(int fd, uint64_t *out)
{
    struct bpf_prog_info info = {0};
    uint32_t size = sizeof(info);
    int err = bpf_prog_get_info_by_fd(fd, &info, &size);

    *out = tb_found_program_identity(&info);
    return err;
}

static int
identify_link(int fd, uint64_t *out)
{
    struct bpf_link_info info = {0};
    uint32_t size = sizeof(info);
    int err = bpf_link_get_info_by_fd(fd, &info, &size);

    *out = tb_found_link_identity(&info);
    return err;
}

/* A kind of thing that has ids. */
static const struct {
    const char *name, *of_id;
    int (*open)(uint32_t id);
    int (*identify)(int fd, uint64_t *out); /* 0 or -errno */
} kinds[] = {
    [TB_FOUND_MAP] = {"map", "a map by its id", bpf_map_get_fd_by_id, identify_map},
    [TB_FOUND_PROGRAM] = {"program", "a program by its id", bpf_prog_get_fd_by_id,
                          identify_program},
    [TB_FOUND_LINK] = {"link", "a link by its id", bpf_link_get_fd_by_id,
                       identify_link},
};

/* The descriptor or -errno, -ESTALE if the id belongs to another. */
static int
open_same(const struct tb_found *found)
{
    int fd = kinds[found->kind].open(found->id), err = 0;
    uint64_t identity = 0;

    if (fd < 0) {
        return fd;
    }
    err = kinds[found->kind].identify(fd, &identity);
    if (err == 0 && identity != found->identity) {
        err = -ESTALE;
    }
    if (err < 0) {
        close(fd);
    }
    return err < 0 ? err : fd;
}

void *
tb_found_refused(struct tb_state *state, enum tb_found_kind kind, uint32_t id, int err)
{
    struct tb_hint hint = {.lacking = 0};
    struct tb_failure failure = {.err = err, .hint = &hint, .is_outside = 1};

    tb_hint_of_admin("opening", kinds[kind].of_id, &hint);
    return tb_error_refused(state, &failure, "open of %s %u", kinds[kind].name, id);
}

int
tb_found_open(struct tb_state *state, const struct tb_found *found, PyObject *name)
{
    const char *kind = kinds[found->kind].name;
    struct tb_hint hint = {.lacking = 0};
    struct tb_failure failure = {.hint = &hint, .is_outside = 1};
    int fd = open_same(found);

    if (fd >= 0) {
        return fd;
    }
    failure.err = fd == -ESTALE ? -ENOENT : fd;
    if (fd == -ENOENT) {
        snprintf(hint.cause, sizeof(hint.cause), "the %s is gone since it was listed",
                 kind);
    }
    else if (fd == -ESTALE) {
        snprintf(hint.cause, sizeof(hint.cause),
                 "the %s is gone since it was listed, and its id belongs to another",
                 kind);
    }
    tb_hint_of_admin("opening", kinds[found->kind].of_id, &hint);
    tb_error_refused(state, &failure, "open of %s %u %R", kind, found->id, name);
    return -1;
}
