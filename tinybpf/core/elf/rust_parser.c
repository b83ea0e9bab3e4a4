/* SPDX-License-Identifier: MIT
 *
 * Reader of letters (elf/rust_parser.h). Steps, depth and output are counted: a symbol
 * can refer back to the same part many times.
 */
#include "elf/rust_parser.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DEPTH_MAX 128
#define STEPS_MAX 65536

void
tb_rust_parser_put(struct tb_rust_parser *p, const char *text, size_t n)
{
    if (p->is_silent || p->has_failed) {
        return;
    }
    if (p->size - p->n_out <= n) {
        p->has_failed = 1;
        return;
    }
    memcpy(p->out + p->n_out, text, n);
    p->n_out += n;
    p->out[p->n_out] = '\0';
}

void
tb_rust_parser_print(struct tb_rust_parser *p, const char *text)
{
    tb_rust_parser_put(p, text, strlen(text));
}

void
tb_rust_parser_print_number(struct tb_rust_parser *p, uint64_t number)
{
    char text[24];

    snprintf(text, sizeof(text), "%" PRIu64, number);
    tb_rust_parser_print(p, text);
}

/* The next letter, which is used up; 0 at the end. */
char
tb_rust_parser_next(struct tb_rust_parser *p)
{
    if (p->has_failed || p->at >= p->n) {
        p->has_failed = 1;
        return '\0';
    }
    return p->symbol[p->at++];
}

/* Whether the next letter is this one, which is used up then. */
int
tb_rust_parser_eat(struct tb_rust_parser *p, char letter)
{
    if (p->has_failed || p->at >= p->n || p->symbol[p->at] != letter) {
        return 0;
    }
    p->at++;
    return 1;
}

/* One level down; whether there is one. left by tb_rust_parser_leave(). */
int
tb_rust_parser_enter(struct tb_rust_parser *p)
{
    p->has_failed |= ++p->depth > DEPTH_MAX || ++p->n_steps > STEPS_MAX;
    return !p->has_failed;
}

void
tb_rust_parser_leave(struct tb_rust_parser *p)
{
    p->depth--;
}

uint64_t
tb_rust_parser_base62(struct tb_rust_parser *p)
{
    uint64_t value = 0;

    if (tb_rust_parser_eat(p, '_')) {
        return 0;
    }
    while (!p->has_failed && !tb_rust_parser_eat(p, '_')) {
        char c = tb_rust_parser_next(p);
        uint64_t digit = c >= '0' && c <= '9'   ? (uint64_t)(c - '0')
                         : c >= 'a' && c <= 'z' ? (uint64_t)(c - 'a') + 10
                         : c >= 'A' && c <= 'Z' ? (uint64_t)(c - 'A') + 36
                                                : 62;

        p->has_failed |= digit == 62 || value > UINT64_MAX / 62 - 62;
        value = value * 62 + digit;
    }
    return value + 1;
}

/* A number behind a letter that may be there; 0 if it is not. */
uint64_t
tb_rust_parser_optional62(struct tb_rust_parser *p, char letter)
{
    return tb_rust_parser_eat(p, letter) ? tb_rust_parser_base62(p) + 1 : 0;
}

/* Read an identifier without its disambiguator. */
struct tb_rust_identifier
tb_rust_parser_bare_identifier(struct tb_rust_parser *p)
{
    struct tb_rust_identifier found = {.is_punycode = tb_rust_parser_eat(p, 'u'),
                                       .text = ""};
    size_t n = 0;
    char c = tb_rust_parser_next(p);

    p->has_failed |= c < '0' || c > '9';
    n = (size_t)(c - '0');
    while (c != '0' && !p->has_failed && p->at < p->n && p->symbol[p->at] >= '0' &&
           p->symbol[p->at] <= '9' && n < p->n) {
        n = n * 10 + (size_t)(p->symbol[p->at++] - '0');
    }
    tb_rust_parser_eat(p, '_');
    if (p->has_failed || n > p->n - p->at) {
        p->has_failed = 1;
        return found;
    }
    found.text = p->symbol + p->at;
    found.n = n;
    p->at += n;
    return found;
}

struct tb_rust_identifier
tb_rust_parser_identifier(struct tb_rust_parser *p)
{
    uint64_t disambiguator = tb_rust_parser_optional62(p, 's');
    struct tb_rust_identifier found = tb_rust_parser_bare_identifier(p);

    found.disambiguator = disambiguator;
    return found;
}

uint64_t
tb_rust_parser_hexadecimal(struct tb_rust_parser *p, size_t *out_n)
{
    uint64_t value = 0;

    for (*out_n = 0; !p->has_failed && !tb_rust_parser_eat(p, '_'); (*out_n)++) {
        char c = tb_rust_parser_next(p);

        p->has_failed |= !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
        value = value << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return value;
}
