/* SPDX-License-Identifier: MIT
 *
 * Target of libFuzzer: types, values and commands in an interpreter (interpreter.c).
 */
#include "interpreter.h"

const char *const fuzz_function = "run";
