/* SPDX-License-Identifier: MIT
 *
 * Mutations of inputs (input.h) that leave them readable: what is changed is a field of
 * a type, a section, a symbol, a relocation, an instruction, a name. Blind bytes are
 * refused by the first look at a file, and find nothing behind it.
 */
#ifndef FUZZ_MUTATE_H
#define FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

/* Where the next choices come from. */
struct dice {
    uint64_t state;
};

/* A number below n, which is not 0. */
uint32_t roll(struct dice *dice, uint32_t n);

/* A number to be where `old` was: beside it, a power of two, an edge, anything. */
uint32_t other_number(struct dice *dice, uint32_t old);

/* A name that means something to libbpf or the kernel, or is of odd bytes. */
const char *other_name(struct dice *dice);

/* Change a BTF that may grow up to max bytes; the new size. */
size_t mutate_btf(struct dice *dice, uint8_t *btf, size_t size, size_t max);

/* Change an object file, likewise. */
size_t mutate_object(struct dice *dice, uint8_t *object, size_t size, size_t max);

#endif
