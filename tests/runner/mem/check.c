/* SPDX-License-Identifier: MIT
 *
 * Hold the runner's memory functions against loops that anyone can read, once for each
 * choice of variants that this CPU can run: "ok FEATURES" is printed for each.
 *
 * Blocks lie in an area between two pages that cannot be touched, mostly at its ends,
 * so that a byte too far is a crash. Lengths gather where variants begin and end.
 */
#include "cpu.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <wchar.h>

enum { PAGE = 65536, AREA = 2 * PAGE, CASES = 20000, LONGEST = AREA / 3 };

static unsigned char *left, *right, *model; /* AREA bytes each, the first two guarded */

static uint64_t
draw(uint64_t below)
{
    static uint64_t state = 88172645463325252u;

    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % below;
}

static size_t
draw_length(void)
{
    static const size_t edges[] = {16, 32, 64, 96, 128, 256, 1024, 4096, 8192};
    size_t edge = edges[draw(sizeof(edges) / sizeof(edges[0]))];

    switch (draw(4)) {
    case 0:
        return draw(80);
    case 1:
        return draw(600);
    case 2:
        return edge - 3 + draw(7);
    default:
        return draw(50) == 0 ? draw(LONGEST) : draw(5000);
    }
}

/* Where a block of n bytes begins in its area: at either end, or anywhere. */
static size_t
draw_place(size_t n)
{
    switch (draw(4)) {
    case 0:
        return draw(40);
    case 1:
        return draw(AREA - n + 1);
    default:
        return AREA - n - (draw(2) != 0 ? 0 : draw(40));
    }
}

static void
fail(const char *what, size_t n, size_t at, size_t other)
{
    printf("%s: %zu bytes at %zu and %zu\n", what, n, at, other);
    exit(1);
}

static void
fill_randomly(unsigned char *block, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        block[i] = (unsigned char)draw(256);
    }
}

/* All bytes of two areas, without the functions under test. */
static int
is_same(const unsigned char *a, const unsigned char *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (a[i] != b[i]) {
            return 0;
        }
    }
    return 1;
}

/* `from` and `to` of the model's bytes, as if all were read before any is written. */
static void
copy_in_model(size_t to, size_t from, size_t n)
{
    if (to < from) {
        for (size_t i = 0; i < n; i++) {
            model[to + i] = model[from + i];
        }
    }
    else {
        for (size_t i = n; i > 0; i--) {
            model[to + i - 1] = model[from + i - 1];
        }
    }
}

/* The part of both areas that a case of n bytes at two places can touch, and 64 more.
 */
static int
is_around_same(size_t at, size_t other, size_t n)
{
    size_t low = at < other ? at : other, high = (at < other ? other : at) + n;

    low = low < 64 ? 0 : low - 64;
    high = high + 64 > AREA ? AREA : high + 64;
    return is_same(left + low, model + low, high - low);
}

static void
check_copies(void)
{
    size_t n = draw_length(), from = draw_place(n), to = draw_place(n);
    size_t distance;

    if (draw(2) != 0) { /* close to each other */
        to = from + draw(2 * n + 2) - n;
        to = to > AREA - n ? from : to;
    }
    distance = to > from ? to - from : from - to;
    copy_in_model(to, from, n);
    if (distance >= n && draw(2) != 0) {
        if (memcpy(left + to, left + from, n) != left + to) {
            fail("memcpy returns", n, to, from);
        }
    }
    else if (memmove(left + to, left + from, n) != left + to) {
        fail("memmove returns", n, to, from);
    }
    if (!is_around_same(to, from, n)) {
        fail("memcpy or memmove", n, to, from);
    }
}

static void
check_fill(void)
{
    size_t n = draw_length(), at = draw_place(n);
    int byte = (int)draw(4096);

    for (size_t i = 0; i < n; i++) {
        model[at + i] = (unsigned char)byte;
    }
    if (memset(left + at, byte, n) != left + at || !is_around_same(at, at, n)) {
        fail("memset", n, at, at);
    }
    fill_randomly(left + at, n < 64 ? n : 64);
    for (size_t i = 0; i < n && i < 64; i++) {
        model[at + i] = left[at + i];
    }
}

static void
check_compare(void)
{
    size_t n = draw_length(), at = draw_place(n), other = draw_place(n), differ = n;
    int wanted = 0, got;

    for (size_t i = 0; i < n; i++) {
        right[other + i] = left[at + i];
    }
    if (n > 0 && draw(4) != 0) {
        differ = draw(n);
        fill_randomly(right + other + differ, n - differ < 8 ? n - differ : 8);
    }
    for (size_t i = differ; i < n && wanted == 0; i++) {
        wanted = left[at + i] - right[other + i];
    }
    got = memcmp(left + at, right + other, n);
    if ((got > 0) != (wanted > 0) || (got < 0) != (wanted < 0)) {
        fail("memcmp", n, at, other);
    }
    if ((bcmp(left + at, right + other, n) != 0) != (wanted != 0)) {
        fail("bcmp", n, at, other);
    }
}

/* Put a needle into a block of other bytes, or two, or none; bytes around the block are
 * needles, too. */
static void
check_find(void)
{
    size_t n = draw_length(), at = draw_place(n), first = n, last = n;
    unsigned char *block = right + at, needle = (unsigned char)draw(256), *found;

    for (size_t i = at < 64 ? 0 : at - 64; i < at + n + 64 && i < AREA; i++) {
        right[i] =
            i >= at && i < at + n ? (unsigned char)(needle ^ (1 + draw(255))) : needle;
    }
    if (n > 0 && draw(4) != 0) {
        first = draw(n);
        last = first + draw(n - first);
        block[first] = block[last] = needle;
    }
    found = memchr(block, needle + 256, n);
    if (found != (first < n ? block + first : NULL)) {
        fail("memchr", n, at, first);
    }
    if (first < n && memchr(block, needle, SIZE_MAX - draw(99)) != block + first) {
        fail("memchr of an unknown length", n, at, first);
    }
    found = memrchr(block, needle + 256, n);
    if (found != (first < n ? block + last : NULL)) {
        fail("memrchr", n, at, last);
    }
    if (first < n && needle == 0 && strlen((char *)block) != first) {
        fail("strlen", n, at, first);
    }
}

static void
check_find_character(void)
{
    size_t n = draw_length() / 4, at = draw_place(4 * n) / 4 * 4, first = n;
    wchar_t *text = (wchar_t *)(right + at), needle = (wchar_t)(1 + draw(1 << 20));

    for (size_t i = 0; i < n; i++) {
        text[i] = needle ^ (wchar_t)(1u << draw(21));
    }
    if (n > 0 && draw(4) != 0) {
        first = draw(n);
        text[first] = text[first + draw(n - first)] = needle;
    }
    if (wmemchr(text, needle, n) != (first < n ? text + first : NULL)) {
        fail("wmemchr", 4 * n, at, first);
    }
}

/* AREA bytes between two pages that cannot be touched. */
static unsigned char *
guarded(void)
{
    unsigned char *all =
        mmap(NULL, AREA + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (all == MAP_FAILED || mprotect(all + PAGE, AREA, PROT_READ | PROT_WRITE) < 0) {
        perror("mmap");
        exit(1);
    }
    return all + PAGE;
}

int
main(void)
{
    unsigned features = tbr_cpu_features() & (TBR_CPU_AVX2 | TBR_CPU_STRINGS);

    left = guarded();
    right = guarded();
    model = guarded();
    fill_randomly(left, AREA);
    for (size_t i = 0; i < AREA; i++) {
        model[i] = left[i];
    }
    for (unsigned choice = 0; choice <= features; choice++) {
        if ((choice & features) != choice) {
            continue;
        }
        tbr_cpu_choose(choice);
        for (int i = 0; i < CASES; i++) {
            check_copies();
            check_fill();
            check_compare();
            check_find();
            check_find_character();
        }
        if (!is_same(left, model, AREA)) {
            fail("the area", AREA, 0, 0);
        }
        printf("ok %u\n", choice);
    }
    return 0;
}
