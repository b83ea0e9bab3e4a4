/* SPDX-License-Identifier: MIT
 *
 * What numbers of errors mean, before anybody raises. No Python objects; the GIL is not
 * needed.
 */
#ifndef TB_ERROR_CODE_H
#define TB_ERROR_CODE_H

/* Whether -errno says that the kernel cannot do that at all. */
int tb_error_is_unsupported(int err);

#endif
