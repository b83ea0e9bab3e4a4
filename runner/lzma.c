/* SPDX-License-Identifier: MIT
 *
 * Read LZMA: a fifth smaller than what inflate reads, and five times as slow.
 *
 * It is for what few starts read: sources, and modules that scripts seldom import. The
 * names are those of the LZMA specification. As the code that reads it, the data is
 * part of the executable: its numbers are not doubted.
 */
#include "lzma.h"

#include <stdint.h>
#include <string.h>

enum {
    EVEN = 1024, /* a probability of one half */
    LC = 3,
    STATES = 12,
    AFTER_LITERAL = 7, /* states below: the last turn was a literal */
    LEAST = 2,         /* bytes of a match */
    LENGTH_STATES = 4,
    SLOT_BITS = 6,
    ALIGN_BITS = 4,
    FIRST_SPECIAL = 4, /* slots of distances that have more bits */
    FIRST_DIRECT = 14, /* and of those that have some with no model */
    STEP = TBR_LZMA_SLACK,
};

typedef uint16_t prob;

struct lengths {
    prob choice, choice2;
    prob low[8], mid[8], high[256];
};

struct model {
    prob is_match[STATES], is_rep[STATES], is_rep_g0[STATES], is_rep_g1[STATES];
    prob is_rep_g2[STATES], is_rep0_long[STATES];
    struct lengths match, rep;
    prob slot[LENGTH_STATES][1 << SLOT_BITS], special[128], align[1 << ALIGN_BITS];
    prob literal[1 << LC][0x300];
};

struct coder {
    const unsigned char *in;
    uint32_t range, code;
};

static inline void
normalize(struct coder *coder)
{
    if (coder->range < 1u << 24) {
        coder->range <<= 8;
        coder->code = coder->code << 8 | *coder->in++;
    }
}

static inline unsigned
read_bit(struct coder *coder, prob *p)
{
    uint32_t bound;

    normalize(coder);
    bound = (coder->range >> 11) * *p;
    if (coder->code < bound) {
        coder->range = bound;
        *p = (prob)(*p + ((2048 - *p) >> 5));
        return 0;
    }
    coder->range -= bound;
    coder->code -= bound;
    *p = (prob)(*p - (*p >> 5));
    return 1;
}

static inline unsigned
read_tree(struct coder *coder, prob *tree, int bits)
{
    unsigned at = 1;

    for (int i = 0; i < bits; i++) {
        at = at << 1 | read_bit(coder, &tree[at]);
    }
    return at - (1u << bits);
}

/* As read_tree(), the lowest bit first. */
static inline unsigned
read_reverse(struct coder *coder, prob *tree, int bits)
{
    unsigned at = 1, value = 0;

    for (int i = 0; i < bits; i++) {
        unsigned bit = read_bit(coder, &tree[at]);

        at = at << 1 | bit;
        value |= bit << i;
    }
    return value;
}

static unsigned
read_direct(struct coder *coder, int bits)
{
    unsigned value = 0;

    for (int i = 0; i < bits; i++) {
        unsigned bit;

        normalize(coder);
        coder->range >>= 1;
        bit = coder->code >= coder->range;
        coder->code -= bit ? coder->range : 0;
        value = value << 1 | bit;
    }
    return value;
}

static inline unsigned
read_length(struct coder *coder, struct lengths *lengths)
{
    if (!read_bit(coder, &lengths->choice)) {
        return read_tree(coder, lengths->low, 3);
    }
    if (!read_bit(coder, &lengths->choice2)) {
        return 8 + read_tree(coder, lengths->mid, 3);
    }
    return 16 + read_tree(coder, lengths->high, 8);
}

/* Read the distance of a match, less one. */
static inline uint32_t
read_distance(struct coder *coder, struct model *model, unsigned length)
{
    unsigned known = length < LENGTH_STATES ? length : LENGTH_STATES - 1;
    unsigned slot = read_tree(coder, model->slot[known], SLOT_BITS);
    int bits = (int)(slot >> 1) - 1;
    uint32_t distance;

    if (slot < FIRST_SPECIAL) {
        return slot;
    }
    distance = (2 | (slot & 1)) << bits;
    if (slot < FIRST_DIRECT) {
        return distance + read_reverse(coder, model->special + distance - slot, bits);
    }
    distance += read_direct(coder, bits - ALIGN_BITS) << ALIGN_BITS;
    return distance + read_reverse(coder, model->align, ALIGN_BITS);
}

/* Read a byte; `match` is the one that a copy would have given, -1 behind a literal. */
static inline unsigned
read_literal(struct coder *coder, prob *probs, int match)
{
    unsigned at = 1, offset = 0x100;

    if (match < 0) {
        return read_tree(coder, probs, 8);
    }
    while (at < 0x100) {
        unsigned expected, bit;

        match <<= 1;
        expected = (unsigned)match & offset;
        bit = read_bit(coder, &probs[offset + expected + at]);
        at = at << 1 | bit;
        offset &= bit ? expected : ~expected;
    }
    return at & 0xff;
}

/* Read which of the last four distances comes again, and put it first. */
static inline void
read_again(struct coder *coder, struct model *model, unsigned state, uint32_t reps[4])
{
    uint32_t again = reps[1];

    if (read_bit(coder, &model->is_rep_g1[state])) {
        again = reps[2];
        if (read_bit(coder, &model->is_rep_g2[state])) {
            again = reps[3];
            reps[3] = reps[2];
        }
        reps[2] = reps[1];
    }
    reps[1] = reps[0];
    reps[0] = again;
}

/* Copy what stands `distance` bytes before out, in whole steps where that can be. */
static inline char *
copy_back(char *out, size_t distance, size_t length)
{
    char *end = out + length;

    if (distance < STEP) {
        for (; out < end; out++) {
            *out = out[-(ptrdiff_t)distance];
        }
    }
    for (; out < end; out += STEP) {
        memcpy(out, out - distance, STEP);
    }
    return end;
}

/* Read how long a copy is; its distance becomes the first of the last four. */
static inline unsigned
read_copy(struct coder *coder, struct model *model, unsigned *state, uint32_t reps[4])
{
    unsigned was = *state, length;

    if (!read_bit(coder, &model->is_rep[was])) {
        memmove(reps + 1, reps, 3 * sizeof(*reps));
        length = read_length(coder, &model->match);
        *state = was < AFTER_LITERAL ? 7 : 10;
        reps[0] = read_distance(coder, model, length);
        return LEAST + length;
    }
    if (read_bit(coder, &model->is_rep_g0[was])) {
        read_again(coder, model, was, reps);
    }
    else if (!read_bit(coder, &model->is_rep0_long[was])) {
        *state = was < AFTER_LITERAL ? 9 : 11;
        return 1;
    }
    *state = was < AFTER_LITERAL ? 8 : 11;
    return LEAST + read_length(coder, &model->rep);
}

/* Write out_end - out bytes: by turns, a byte or a copy. */
static void
read_all(struct coder *coder, struct model *model, char *out, const char *out_end)
{
    const char *start = out;
    uint32_t reps[4] = {0};
    unsigned state = 0;

    while (out < out_end) {
        if (!read_bit(coder, &model->is_match[state])) {
            unsigned char before = out > start ? (unsigned char)out[-1] : 0;
            prob *probs = model->literal[before >> (8 - LC)];
            int match = -1;

            if (state >= AFTER_LITERAL) {
                match = (unsigned char)out[-(ptrdiff_t)reps[0] - 1];
            }
            *out++ = (char)read_literal(coder, probs, match);
            state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
        }
        else {
            size_t length = read_copy(coder, model, &state, reps);

            out = copy_back(out, (size_t)reps[0] + 1, length);
        }
    }
}

void
tbr_lzma_read(const unsigned char *in, char *out, const char *out_end)
{
    struct model model; /* 14 KB */
    prob *probs = (prob *)&model;
    struct coder coder = {.in = in + 5, .range = UINT32_MAX};

    for (size_t i = 0; i < sizeof(model) / sizeof(*probs); i++) {
        probs[i] = EVEN;
    }
    for (int i = 1; i < 5; i++) {
        coder.code = coder.code << 8 | in[i];
    }
    read_all(&coder, &model, out, out_end);
}
