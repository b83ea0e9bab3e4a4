/* SPDX-License-Identifier: MIT
 *
 * tinybpf-run: one static executable with CPython, its library and tinybpf inside.
 *
 * This file only orders the steps of a start (a check of privilege has come before).
 * What each does, and why, is in the file of its name. Python itself does the running
 * (Py_RunMain): the habits of the command line are CPython's own code, not a copy of
 * it.
 */
#include "collector.h"
#include "config.h"
#include "cpu.h"
#include "importers.h"
#include "options.h"
#include "prefault.h"
#include "python.h"
#include "script.h"
#include "stack.h"

int
main(int argc, char **argv)
{
    tbr_cpu_choose(tbr_cpu_features());
    if (tbr_options_answer(argc, argv)) {
        return 0;
    }
    tbr_prefault();
    tbr_importers_register();
    tbr_config_start(argc, argv);
    tbr_stack_protect_main();
    tbr_script_check();
    tbr_collector_freeze();
    return Py_RunMain();
}
