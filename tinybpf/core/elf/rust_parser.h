/* SPDX-License-Identifier: MIT
 *
 * Letters of a symbol of rustc's v0 scheme, one after the other, and what is written of
 * them. Once something is wrong nothing more is read or written. Pure.
 */
#ifndef TB_ELF_RUST_PARSER_H
#define TB_ELF_RUST_PARSER_H

#include <stddef.h>
#include <stdint.h>

struct tb_rust_parser {
    const char *symbol; /* borrowed; behind "_R" */
    size_t n, at;
    char *out; /* borrowed */
    size_t n_out, size;
    unsigned int depth, n_steps;
    uint64_t n_lifetimes; /* that enclosing binders have named */
    int is_silent;        /* nothing is written */
    int has_failed;
};

struct tb_rust_identifier {
    uint64_t disambiguator;
    const char *text; /* borrowed; not ended */
    size_t n;
    int is_punycode;
};

/* Write. */
void tb_rust_parser_put(struct tb_rust_parser *p, const char *text, size_t n);
void tb_rust_parser_print(struct tb_rust_parser *p, const char *text);
void tb_rust_parser_print_number(struct tb_rust_parser *p, uint64_t number);

/* The next letter, which is used up; 0 at the end. */
char tb_rust_parser_next(struct tb_rust_parser *p);

/* Whether the next letter is this one, which is used up then. */
int tb_rust_parser_eat(struct tb_rust_parser *p, char letter);

/* One level down; whether there is one. Left by leave() in any case. */
int tb_rust_parser_enter(struct tb_rust_parser *p);
void tb_rust_parser_leave(struct tb_rust_parser *p);

/* A number of base 62 up to its '_'; the same behind a letter that may be there, else
 * 0.
 */
uint64_t tb_rust_parser_base62(struct tb_rust_parser *p);
uint64_t tb_rust_parser_optional62(struct tb_rust_parser *p, char letter);

/* A number in hexadecimal up to its '_', and how many digits it has. */
uint64_t tb_rust_parser_hexadecimal(struct tb_rust_parser *p, size_t *out_n);

/* An identifier; without its disambiguator. */
struct tb_rust_identifier tb_rust_parser_identifier(struct tb_rust_parser *p);
struct tb_rust_identifier tb_rust_parser_bare_identifier(struct tb_rust_parser *p);

#endif
