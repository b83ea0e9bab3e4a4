/* SPDX-License-Identifier: MIT
 *
 * Target of libFuzzer: objects that are linked, with themselves and with others, in an
 * interpreter (interpreter.c), which knows what belongs to which section. What the gate
 * of the linker lets through must not do any harm in libbpf.
 */
#include "interpreter.h"

const char *const fuzz_function = "link";
