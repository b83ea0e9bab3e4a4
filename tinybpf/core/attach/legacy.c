/* SPDX-License-Identifier: MIT
 *
 * Attachments by BPF_PROG_ATTACH (attach/legacy.h). They stay when the process ends.
 */
#include "attach/legacy.h"

#include "owner/attachment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct legacy_attachment {
    struct tb_attachment base;
    int target_fd; /* owned */
    int prog_fd;   /* owned */
    enum bpf_attach_type type;
};

static uint32_t
id_of(int prog_fd)
{
    struct bpf_prog_info info = {.id = 0};
    uint32_t size = sizeof(info);

    return bpf_prog_get_info_by_fd(prog_fd, &info, &size) < 0 ? 0 : info.id;
}

/* Whether the program may be there. A cgroup that has one program takes away whatever
 * it is (find_detach_entry, kernel/bpf/cgroup.c); where there can be several, and for
 * maps and devices, the kernel looks itself. */
static int
may_be_there(const struct legacy_attachment *self)
{
    uint32_t id = 0;
    LIBBPF_OPTS(bpf_prog_query_opts, opts, .prog_ids = &id, .prog_cnt = 1);

    return bpf_prog_query_opts(self->target_fd, self->type, &opts) < 0 ||
           opts.attach_flags & BPF_F_ALLOW_MULTI || opts.prog_cnt != 1 ||
           id == id_of(self->prog_fd);
}

/* ENOENT: another program is there, or none; the others: there is nothing any more. */
static int
end(struct tb_attachment *base, int is_kept)
{
    struct legacy_attachment *self = (struct legacy_attachment *)base;
    int err = 0;

    if (!is_kept && may_be_there(self)) {
        err = bpf_prog_detach2(self->prog_fd, self->target_fd, self->type);
    }
    close(self->target_fd);
    close(self->prog_fd);
    free(self);
    return err == -ENOENT || err == -ENODEV ? 0 : err;
}

struct tb_attachment *
tb_legacy_attach(const struct bpf_program *program, int target_fd,
                 enum bpf_attach_type type, const struct bpf_prog_attach_opts *opts)
{
    struct legacy_attachment *self = calloc(1, sizeof(*self));
    int err = 0;

    if (self == NULL) {
        return NULL;
    }
    self->base.end = end;
    self->base.fd = -1;
    self->base.why = "BPF_PROG_ATTACH attached it, which makes no link";
    self->type = type;
    self->target_fd = fcntl(target_fd, F_DUPFD_CLOEXEC, 3);
    self->prog_fd = fcntl(bpf_program__fd(program), F_DUPFD_CLOEXEC, 3);
    if (self->target_fd < 0 || self->prog_fd < 0) {
        err = -errno;
    }
    if (err == 0) {
        err = bpf_prog_attach_opts(self->prog_fd, self->target_fd, type, opts);
    }
    if (err < 0) {
        end(&self->base, 1);
        errno = -err;
        return NULL;
    }
    return &self->base;
}
