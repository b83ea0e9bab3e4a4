/* SPDX-License-Identifier: MIT
 *
 * Symbols of rustc's older scheme (elf/rust.h): "_ZN", parts with their lengths, the
 * last of which is a hash, "E". What C++ makes begins so, too, and ends otherwise.
 */
#include "elf/rust.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define HASH_SIZE 17 /* "h" and 16 digits */

struct output {
    char *text; /* borrowed */
    size_t n, size;
};

static const struct escape {
    const char *code, *text;
} escapes[] = {
    {"SP", "@"}, {"BP", "*"}, {"RF", "&"}, {"LT", "<"},
    {"GT", ">"}, {"LP", "("}, {"RP", ")"}, {"C", ","},
};

/* Add to the text; 0, or -1 if there is no room. */
static int
put(struct output *out, const char *text, size_t n)
{
    if (out->size - out->n <= n) {
        return -1;
    }
    memcpy(out->text + out->n, text, n);
    out->n += n;
    out->text[out->n] = '\0';
    return 0;
}

/* Add the character of a code such as "u7e"; 0 or -1: what is not printable ASCII. */
static int
put_number(struct output *out, const char *code, size_t n)
{
    char digits[8] = "", *end, letter;
    long number;

    if (n < 2 || n >= sizeof(digits) || code[0] != 'u') {
        return -1;
    }
    memcpy(digits, code + 1, n - 1);
    number = strtol(digits, &end, 16);
    if (*end != '\0' || number < ' ' || number > '~') {
        return -1;
    }
    letter = (char)number;
    return put(out, &letter, 1);
}

static int
put_escape(struct output *out, const char *code, size_t n)
{
    for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
        if (strlen(escapes[i].code) == n && memcmp(escapes[i].code, code, n) == 0) {
            return put(out, escapes[i].text, 1);
        }
    }
    return put_number(out, code, n);
}

/* Add a part of n bytes; 0 or -1. */
static int
put_part(struct output *out, const char *part, size_t n)
{
    size_t i = n >= 2 && part[0] == '_' && part[1] == '$' ? 1 : 0;
    int rc = 0;

    while (i < n && rc == 0) {
        const char *end = part[i] == '$' ? memchr(part + i + 1, '$', n - i - 1) : NULL;

        if (end != NULL) {
            rc = put_escape(out, part + i + 1, (size_t)(end - part) - i - 1);
            i = (size_t)(end - part) + 1;
        }
        else if (n - i >= 2 && part[i] == '.' && part[i + 1] == '.') {
            rc = put(out, "::", 2);
            i += 2;
        }
        else {
            rc = part[i] == '$' ? -1 : put(out, part + i, 1);
            i++;
        }
    }
    return rc;
}

static int
is_hash(const char *part, size_t n)
{
    return n == HASH_SIZE && part[0] == 'h' &&
           strspn(part + 1, "0123456789abcdef") >= HASH_SIZE - 1;
}

/* Go over a part's length; how many bytes it has, 0 if there is none. */
static size_t
part_size(const char **at)
{
    size_t n = 0;

    while (**at >= '0' && **at <= '9' && n < 4096) {
        n = n * 10 + (size_t)(*(*at)++ - '0');
    }
    return n <= strnlen(*at, n) ? n : 0;
}

int
tb_rust_demangle(const char *symbol, char *out, size_t size)
{
    struct output output = {out, 0, size};
    const char *at = symbol + 3;
    size_t n;

    if (strncmp(symbol, "_R", 2) == 0) {
        return tb_rust_v0_demangle(symbol, out, size);
    }
    if (strncmp(symbol, "_ZN", 3) != 0) {
        return -1;
    }
    while ((n = part_size(&at)) > 0) {
        if (at[n] == 'E') {
            return is_hash(at, n) && output.n > 0 &&
                           (at[n + 1] == '\0' || at[n + 1] == '.')
                       ? 0
                       : -1;
        }
        if ((output.n > 0 && put(&output, "::", 2) < 0) ||
            put_part(&output, at, n) < 0) {
            return -1;
        }
        at += n;
    }
    return -1;
}
