/* SPDX-License-Identifier: MIT
 *
 * Replace CPython's path configuration by none.
 *
 * CPython works out its prefix, library and sys.path by running getpath.py, which
 * looks for landmarks and for pyvenv.cfg next to and above the executable: a stray
 * file on the host would change what runs. config.c has set all the paths, so there
 * is nothing to work out. Modules/getpath.c is a member of libpython3.14.a that only
 * this symbol pulls in: defining it here leaves getpath.py out of the executable.
 * (Modules/getpath_noop.c, CPython's own example of such a file, does the same.)
 */
#include "python.h"

PyStatus _PyConfig_InitPathConfig(PyConfig *config, int compute_path_config);

PyStatus
_PyConfig_InitPathConfig(PyConfig *config, int compute_path_config)
{
    (void)config;
    (void)compute_path_config;
    return PyStatus_Ok();
}
