/* SPDX-License-Identifier: MIT
 *
 * tinybpf-run: one static executable with CPython, its library and tinybpf inside.
 *
 * This file only orders the steps of a start (a check of privilege has come before).
 * What each does, and why, is in the file of its name. Python itself does the running
 * (Py_RunMain): the habits of the command line are CPython's own code, not a copy of
 * it.
 */
#include "bundle.h"
#include "bundle_run.h"
#include "collector.h"
#include "config.h"
#include "cpu.h"
#include "drop.h"
#include "importers.h"
#include "lifeline.h"
#include "options.h"
#include "prefault.h"
#include "python.h"
#include "script.h"
#include "stack.h"

/* A bundle runs its own program; all else is python's, or was answered before it. */
int
main(int argc, char **argv)
{
    tbr_cpu_choose(tbr_cpu_features());
    if (tbr_bundle_is_there()) {
        tbr_lifeline_hold(&argc, argv);
        return tbr_bundle_run(argc, argv);
    }
    if (tbr_options_answer(&argc, &argv)) {
        return 0;
    }
    tbr_drop_apply();
    tbr_prefault();
    tbr_importers_register();
    tbr_config_start(argc, argv, TBR_WORDS_OF_PYTHON);
    tbr_stack_protect_main();
    tbr_collector_freeze();
    tbr_script_check();
    return Py_RunMain();
}
