/* SPDX-License-Identifier: MIT
 *
 * What an input of the target `object` is made of: this head, a kernel's BTF, an object
 * file. tests/fuzz/corpus.py writes such files, mutate.c knows where their parts begin.
 */
#ifndef FUZZ_INPUT_H
#define FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>

#define INPUT_ANSWERS 22

struct input_head {
    uint32_t btf_size;
    uint32_t missing; /* a bit for each feature that the kernel has not */
    uint16_t flags;   /* enum input_flag */
    uint8_t answers[INPUT_ANSWERS];
};

enum input_flag {
    INPUT_IS_CUSTOM = 1,  /* the BTF is given by btf=, not the kernel's own */
    INPUT_PREPARES = 2,   /* prepare() before load() */
    INPUT_AUTOLOADS = 4,  /* all programs */
    INPUT_HAS_CONFIG = 8, /* kconfig= */
    INPUT_RESIZES = 16,   /* maps get other numbers of entries */
    INPUT_ONE_TYPE = 32,  /* programs without a type are of one */
};

struct input {
    struct input_head head;
    const uint8_t *btf, *object; /* borrowed, or owned copies */
    size_t n_btf, n_object;
};

/* Take an input apart; 0, or -1 if it is too short. */
int input_read(struct input *input, const uint8_t *data, size_t size);

/* The same with parts that are copies of their own, beyond whose ends nothing lies; to
 * be freed by input_free(). */
int input_copy(struct input *input, const uint8_t *data, size_t size);
void input_free(struct input *input);

struct btf;

/* The types in such bytes, if the gate lets them pass; NULL: it does not. */
struct btf *input_btf(const void *data, size_t n);

/* Use an input's BTF, if the gate lets it pass; what LLVMFuzzerTestOneInput() returns.
 */
int input_use_btf(const uint8_t *data, size_t size,
                  void (*use)(struct btf *btf, const struct input *input));

#endif
