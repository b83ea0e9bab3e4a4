/* SPDX-License-Identifier: MIT
 *
 * SHA-1 and SHA-256 by the instructions that CPUs have for them.
 *
 * CPython's own code for both (HACL) is portable C, five to seven times slower than
 * that of a Python with OpenSSL. The linker routes its functions that take data here
 * (--wrap), those that hashlib calls and those that HMAC calls, and those that end a
 * SHA-256, which is more than half of hashing a few bytes. HACL's SHA-1 ends by the
 * functions that are here already; beginning and copying a hash stays HACL's, on the
 * same state.
 */
#include "cpu.h"

#include <stdint.h>
#include <string.h>

enum { BLOCK = 64 };

/* HACL's Hacl_Streaming_MD_state_32 (Modules/_hacl/Hacl_Streaming_Types.h, 3.14). The
 * buffer has what no block of was made yet, a whole block until the next byte comes. */
struct state {
    uint32_t *words;
    uint8_t *buffer;
    uint64_t total;
};

#define HACL(name) __real__Py_LibHacl_Hacl_Hash_##name
#define OURS(name) __wrap__Py_LibHacl_Hacl_Hash_##name

uint8_t HACL(SHA1_update)(struct state *state, uint8_t *data, uint32_t size);
uint8_t OURS(SHA1_update)(struct state *state, uint8_t *data, uint32_t size);
uint8_t HACL(SHA2_update_256)(struct state *state, uint8_t *data, uint32_t size);
uint8_t OURS(SHA2_update_256)(struct state *state, uint8_t *data, uint32_t size);
void HACL(SHA1_update_multi)(uint32_t *words, uint8_t *data, uint32_t count);
void OURS(SHA1_update_multi)(uint32_t *words, uint8_t *data, uint32_t count);
void HACL(SHA2_sha256_update_nblocks)(uint32_t size, uint8_t *data, uint32_t *words);
void OURS(SHA2_sha256_update_nblocks)(uint32_t size, uint8_t *data, uint32_t *words);
void HACL(SHA2_sha256_update_last)(uint64_t total, uint32_t size, uint8_t *data,
                                   uint32_t *words);
void OURS(SHA2_sha256_update_last)(uint64_t total, uint32_t size, uint8_t *data,
                                   uint32_t *words);
void HACL(SHA2_digest_256)(struct state *state, uint8_t *digest);
void OURS(SHA2_digest_256)(struct state *state, uint8_t *digest);

#ifdef __x86_64__

#include <immintrin.h>

#define TBR_SHA __attribute__((target("sha,ssse3,sse4.1")))

/* Bytes of words, as the standard has them, and words in the order that the
 * instructions want. */
static const uint8_t big_endian[16] __attribute__((aligned(16))) = {
    3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12,
};
static const uint8_t reversed[16] __attribute__((aligned(16))) = {
    15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
};

static const uint32_t constants[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
    0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
    0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
    0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
    0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
    0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
    0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
    0xc67178f2,
};

static inline __m128i
load(const void *from)
{
    return _mm_loadu_si128((const __m128i *)from);
}

static inline void
store(void *to, __m128i value)
{
    _mm_storeu_si128((__m128i *)to, value);
}

/* Four of the 80 rounds; the instruction has the kind of the round in itself. */
static inline TBR_SHA __m128i
sha1_rounds(__m128i abcd, __m128i e, int i)
{
    switch (i / 5) {
    case 0:
        return _mm_sha1rnds4_epu32(abcd, e, 0);
    case 1:
        return _mm_sha1rnds4_epu32(abcd, e, 1);
    case 2:
        return _mm_sha1rnds4_epu32(abcd, e, 2);
    default:
        return _mm_sha1rnds4_epu32(abcd, e, 3);
    }
}

/* Hash `count` blocks into the five words (FIPS 180-4, 6.1). w has the last 16 words of
 * the message schedule; each turn is four rounds. */
static TBR_SHA void
sha1_blocks(uint32_t *words, const uint8_t *data, size_t count)
{
    __m128i abcd = _mm_shuffle_epi32(load(words), 0x1b);
    __m128i e = _mm_set_epi32((int)words[4], 0, 0, 0);

    for (; count > 0; count--, data += BLOCK) {
        __m128i start = abcd, before = e, w[4];

#pragma clang loop unroll(full)
        for (int i = 0; i < 20; i++) {
            __m128i *now = &w[i % 4], next = abcd;

            if (i < 4) {
                *now = _mm_shuffle_epi8(load(data + 16 * i), load(reversed));
            }
            else {
                *now = _mm_xor_si128(_mm_sha1msg1_epu32(*now, w[(i + 1) % 4]),
                                     w[(i + 2) % 4]);
                *now = _mm_sha1msg2_epu32(*now, w[(i + 3) % 4]);
            }
            e = i == 0 ? _mm_add_epi32(before, *now) : _mm_sha1nexte_epu32(e, *now);
            abcd = sha1_rounds(abcd, e, i);
            e = next;
        }
        e = _mm_sha1nexte_epu32(e, before);
        abcd = _mm_add_epi32(abcd, start);
    }
    store(words, _mm_shuffle_epi32(abcd, 0x1b));
    words[4] = (uint32_t)_mm_extract_epi32(e, 3);
}

/* Hash `count` blocks into the eight words (FIPS 180-4, 6.2), as sha1_blocks(). */
static TBR_SHA void
sha256_blocks(uint32_t *words, const uint8_t *data, size_t count)
{
    __m128i badc = _mm_shuffle_epi32(load(words), 0xb1);
    __m128i hgfe = _mm_shuffle_epi32(load(words + 4), 0x1b);
    __m128i abef = _mm_alignr_epi8(badc, hgfe, 8);
    __m128i cdgh = _mm_blend_epi16(hgfe, badc, 0xf0);

    for (; count > 0; count--, data += BLOCK) {
        __m128i start_abef = abef, start_cdgh = cdgh, w[4];

#pragma clang loop unroll(full)
        for (int i = 0; i < 16; i++) {
            __m128i *now = &w[i % 4], sum;

            if (i < 4) {
                *now = _mm_shuffle_epi8(load(data + 16 * i), load(big_endian));
            }
            else {
                __m128i last = w[(i + 3) % 4];

                sum = _mm_alignr_epi8(last, w[(i + 2) % 4], 4);
                *now = _mm_add_epi32(_mm_sha256msg1_epu32(*now, w[(i + 1) % 4]), sum);
                *now = _mm_sha256msg2_epu32(*now, last);
            }
            sum = _mm_add_epi32(*now, load(constants + 4 * i));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
        }
        abef = _mm_add_epi32(abef, start_abef);
        cdgh = _mm_add_epi32(cdgh, start_cdgh);
    }
    abef = _mm_shuffle_epi32(abef, 0x1b);
    cdgh = _mm_shuffle_epi32(cdgh, 0xb1);
    store(words, _mm_blend_epi16(abef, cdgh, 0xf0));
    store(words + 4, _mm_alignr_epi8(cdgh, abef, 8));
}

#else

/* Never called: no other CPU has that feature. */
static void
sha1_blocks(uint32_t *words, const uint8_t *data, size_t count)
{
    (void)words;
    (void)data;
    (void)count;
}

#define sha256_blocks sha1_blocks

#endif

typedef void (*blocks_call)(uint32_t *words, const uint8_t *data, size_t count);

/* How much of the buffer is data. */
static size_t
buffered(const struct state *state)
{
    return state->total > 0 ? (state->total - 1) % BLOCK + 1 : 0;
}

/* Take data as HACL does: 1, or 0 if HACL itself should, for there is no whole block in
 * it, or more than the standard allows. */
static int
take(struct state *state, const uint8_t *data, uint32_t size, blocks_call blocks)
{
    uint64_t total = state->total + size;
    size_t used = buffered(state);
    size_t room = BLOCK - used, count;

    if (!tbr_cpu_choice.sha || size <= room || total >> 61 != 0) {
        return 0;
    }
    memcpy(state->buffer + used, data, room);
    blocks(state->words, state->buffer, 1);
    data += room;
    count = (size - room - 1) / BLOCK;
    blocks(state->words, data, count);
    memcpy(state->buffer, data + count * BLOCK, size - room - count * BLOCK);
    state->total = total;
    return 1;
}

uint8_t
OURS(SHA1_update)(struct state *state, uint8_t *data, uint32_t size)
{
    return take(state, data, size, sha1_blocks) ? 0
                                                : HACL(SHA1_update)(state, data, size);
}

/* SHA-224, too, whose state is the same. */
uint8_t
OURS(SHA2_update_256)(struct state *state, uint8_t *data, uint32_t size)
{
    return take(state, data, size, sha256_blocks)
               ? 0
               : HACL(SHA2_update_256)(state, data, size);
}

void
OURS(SHA1_update_multi)(uint32_t *words, uint8_t *data, uint32_t count)
{
    if (tbr_cpu_choice.sha) {
        sha1_blocks(words, data, count);
    }
    else {
        HACL(SHA1_update_multi)(words, data, count);
    }
}

/* SHA-224, too. */
void
OURS(SHA2_sha256_update_nblocks)(uint32_t size, uint8_t *data, uint32_t *words)
{
    if (tbr_cpu_choice.sha) {
        sha256_blocks(words, data, size / BLOCK);
    }
    else {
        HACL(SHA2_sha256_update_nblocks)(size, data, words);
    }
}

/* Store numbers with their highest byte first, as the standard has them. */
static void
store_numbers(uint8_t *to, const uint32_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t number = __builtin_bswap32(numbers[i]);

        memcpy(to + i * sizeof(number), &number, sizeof(number));
    }
}

/* Hash the last bytes of `total`, a block at most, and what follows them (FIPS 180-4,
 * 5.1.1): a bit, zeros, and how many bits there were. */
static void
end_sha256(uint32_t *words, const uint8_t *data, size_t size, uint64_t total)
{
    uint8_t last[2 * BLOCK] = {0};
    uint32_t bits[2] = {(uint32_t)(total >> 29), (uint32_t)(total << 3)};
    size_t count = size + 1 + sizeof(bits) <= BLOCK ? 1 : 2;

    memcpy(last, data, size);
    last[size] = 0x80;
    store_numbers(last + count * BLOCK - sizeof(bits), bits, 2);
    sha256_blocks(words, last, count);
}

/* SHA-224, too. */
void
OURS(SHA2_sha256_update_last)(uint64_t total, uint32_t size, uint8_t *data,
                              uint32_t *words)
{
    if (tbr_cpu_choice.sha) {
        end_sha256(words, data, size, total);
    }
    else {
        HACL(SHA2_sha256_update_last)(total, size, data, words);
    }
}

/* SHA-224, too, of which hashlib takes a part. The state can go on taking data. */
void
OURS(SHA2_digest_256)(struct state *state, uint8_t *digest)
{
    uint32_t words[8];

    if (!tbr_cpu_choice.sha) {
        HACL(SHA2_digest_256)(state, digest);
        return;
    }
    memcpy(words, state->words, sizeof(words));
    end_sha256(words, state->buffer, buffered(state), state->total);
    store_numbers(digest, words, 8);
}
