/* SPDX-License-Identifier: MIT
 *
 * What each target in an interpreter (interpreter.c) says: what it does with an input.
 */
#ifndef FUZZ_INTERPRETER_H
#define FUZZ_INTERPRETER_H

/* The name of a function of inside.py that takes an input as bytes, and tells whether
 * it is one to go on from. */
extern const char *const fuzz_function;

#endif
