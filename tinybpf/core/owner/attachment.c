/* SPDX-License-Identifier: MIT
 *
 * Attachments by a descriptor of a link: libbpf makes no handle of one, and some of its
 * calls do not take what the kernel does.
 */
#include "owner/attachment.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* The last descriptor of a link detaches; bpf_link__destroy() leaves that of a
 * disconnected one open, too. */
static int
close_link(struct tb_attachment *self, int is_kept)
{
    if (!is_kept) {
        close(self->fd);
    }
    free(self);
    return 0;
}

struct tb_attachment *
tb_attachment_of_link_steal(int fd)
{
    struct tb_attachment *self = fd < 0 ? NULL : malloc(sizeof(*self));

    if (self == NULL) {
        if (fd >= 0) {
            close(fd);
            errno = ENOMEM;
        }
        return NULL;
    }
    *self = (struct tb_attachment){.end = close_link, .fd = fd};
    return self;
}
