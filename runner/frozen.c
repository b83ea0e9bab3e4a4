/* SPDX-License-Identifier: MIT
 *
 * Replace CPython's table of frozen modules.
 *
 * Python/frozen.c is a member of libpython3.14.a that only these pointers pull in:
 * defining them here leaves its data out and puts ours in, compiled with the names
 * under which tracebacks find the sources. zipimport is not among them: CPython
 * would run it at every start (it does without when there is none), and library.c
 * imports it when a path looks like a zip.
 */
#include "frozen.h"

struct _module_alias {
    const char *name;
    const char *orig;
};

static const struct _frozen none[] = {{0}};

/* The names that the two halves of importlib have at run time, and their sources'. */
static const struct _module_alias aliases[] = {
    {"_frozen_importlib", "importlib._bootstrap"},
    {"_frozen_importlib_external", "importlib._bootstrap_external"},
    {0},
};

const struct _frozen *_PyImport_FrozenBootstrap = tbr_frozen_bootstrap;
const struct _frozen *_PyImport_FrozenStdlib = none;
const struct _frozen *_PyImport_FrozenTest = none;
const struct _module_alias *_PyImport_FrozenAliases = aliases;

/* Searched whatever -X frozen_modules says, unlike _PyImport_FrozenStdlib: without
 * them there is nothing to start from. */
const struct _frozen *PyImport_FrozenModules = tbr_frozen_start;
