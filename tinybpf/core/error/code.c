/* SPDX-License-Identifier: MIT
 *
 * Numbers of errors (error/code.h).
 */
#include "error/code.h"

#include "base/libbpf.h"

#include <errno.h>

/* ENOTSUPP is the kernel's own, and comes where EOPNOTSUPP was meant. */
int
tb_error_is_unsupported(int err)
{
    return err == -EOPNOTSUPP || err == -ENOTSUPP;
}
