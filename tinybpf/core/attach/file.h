/* SPDX-License-Identifier: MIT
 *
 * Which executable or library is meant by its name.
 */
#ifndef TB_ATTACH_FILE_H
#define TB_ATTACH_FILE_H

#include "attach/attach.h"

/* Put a path in place of a target's binary without a slash: a file that the target's
 * process has mapped, or else one of the system's. One that is not found stays, for
 * libbpf to refuse. 0, or -1 with ValueError if it may be several; an error if the
 * process is there and has none. */
int tb_attach_find_file(BpfProgram *program, struct tb_attach *attach);

#endif
