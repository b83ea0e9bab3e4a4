/* SPDX-License-Identifier: MIT
 *
 * Symbols of rustc's v0 scheme (elf/rust.h; RFC 2603): paths and types that are written
 * by their first letter, and refer back to what stood before.
 */
#include "elf/rust.h"

#include "elf/rust_parser.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define LIFETIMES_MAX 26

static void print_path(struct tb_rust_parser *p, int is_value);
static void print_type(struct tb_rust_parser *p);
static void print_const(struct tb_rust_parser *p);

/* Letters that are no ASCII stay as the symbol has them, and are marked. */
static void
print_identifier(struct tb_rust_parser *p, const struct tb_rust_identifier *name)
{
    if (name->is_punycode) {
        tb_rust_parser_print(p, "punycode{");
    }
    tb_rust_parser_put(p, name->text, name->n);
    if (name->is_punycode) {
        tb_rust_parser_print(p, "}");
    }
}

/* Read what stands at an earlier place. */
static void
print_backref(struct tb_rust_parser *p, void (*read)(struct tb_rust_parser *))
{
    size_t at = p->at - 1, target = (size_t)tb_rust_parser_base62(p), back = p->at;

    if (p->has_failed || target >= at) {
        p->has_failed = 1;
        return;
    }
    if (!p->is_silent) {
        p->at = target;
        read(p);
        p->at = back;
    }
}

static void
print_type_path(struct tb_rust_parser *p)
{
    print_path(p, 0);
}

static void
print_value_path(struct tb_rust_parser *p)
{
    print_path(p, 1);
}

static void
print_lifetime(struct tb_rust_parser *p, uint64_t index)
{
    char name[3] = "'_";

    if (index > 0) {
        p->has_failed |= index > p->n_lifetimes || p->n_lifetimes > LIFETIMES_MAX;
        name[1] = (char)('a' + (p->n_lifetimes - index) % LIFETIMES_MAX);
    }
    tb_rust_parser_print(p, name);
}

static void
print_generic(struct tb_rust_parser *p)
{
    if (tb_rust_parser_eat(p, 'L')) {
        print_lifetime(p, tb_rust_parser_base62(p));
    }
    else if (tb_rust_parser_eat(p, 'K')) {
        print_const(p);
    }
    else {
        print_type(p);
    }
}

/* What up to 'E' is separated by commas; how many there are. */
static size_t
print_list(struct tb_rust_parser *p, void (*read)(struct tb_rust_parser *))
{
    size_t n = 0;

    while (!p->has_failed && !tb_rust_parser_eat(p, 'E')) {
        if (n++ > 0) {
            tb_rust_parser_print(p, ", ");
        }
        read(p);
    }
    return n;
}

/* Pass over the path of an impl, which says only where it stands. */
static void
skip_impl_path(struct tb_rust_parser *p)
{
    int was_silent = p->is_silent;

    p->is_silent = 1;
    tb_rust_parser_optional62(p, 's');
    print_path(p, 0);
    p->is_silent = was_silent;
}

/* "N": a name in a namespace below a path; closures and shims have numbers. */
static void
print_nested(struct tb_rust_parser *p, int is_value)
{
    char space = tb_rust_parser_next(p);
    struct tb_rust_identifier name;

    print_path(p, is_value);
    name = tb_rust_parser_identifier(p);
    if (space >= 'A' && space <= 'Z') {
        tb_rust_parser_print(p, space == 'C'   ? "::{closure"
                                : space == 'S' ? "::{shim"
                                               : "::{");
        if (space != 'C' && space != 'S') {
            tb_rust_parser_put(p, &space, 1);
        }
        if (name.n > 0) {
            tb_rust_parser_print(p, ":");
            print_identifier(p, &name);
        }
        tb_rust_parser_print(p, "#");
        tb_rust_parser_print_number(p, name.disambiguator);
        tb_rust_parser_print(p, "}");
    }
    else if (space >= 'a' && space <= 'z') {
        if (name.n > 0) {
            tb_rust_parser_print(p, "::");
            print_identifier(p, &name);
        }
    }
    else {
        p->has_failed = 1;
    }
}

/* "<T>", "<T as Trait>" */
static void
print_qualified(struct tb_rust_parser *p, char kind)
{
    if (kind != 'Y') {
        skip_impl_path(p);
    }
    tb_rust_parser_print(p, "<");
    print_type(p);
    if (kind != 'M') {
        tb_rust_parser_print(p, " as ");
        print_path(p, 0);
    }
    tb_rust_parser_print(p, ">");
}

/* A path of any kind; of a value its generics begin with "::<". */
static void
print_path(struct tb_rust_parser *p, int is_value)
{
    struct tb_rust_identifier name;
    char kind = tb_rust_parser_enter(p) ? tb_rust_parser_next(p) : '\0';

    switch (kind) {
    case 'C':
        name = tb_rust_parser_identifier(p);
        print_identifier(p, &name);
        break;
    case 'M':
    case 'X':
    case 'Y':
        print_qualified(p, kind);
        break;
    case 'N':
        print_nested(p, is_value);
        break;
    case 'I':
        print_path(p, is_value);
        tb_rust_parser_print(p, is_value ? "::<" : "<");
        print_list(p, print_generic);
        tb_rust_parser_print(p, ">");
        break;
    case 'B':
        print_backref(p, is_value ? print_value_path : print_type_path);
        break;
    default:
        p->has_failed = 1;
    }
    tb_rust_parser_leave(p);
}

/* The name of a type that is one letter; NULL: there is none. */
static const char *
basic_type(char letter)
{
    static const char *const names[26] = {
        "i8",    "bool", "char", "f64", "str",  "f32",  NULL,  "u8", "isize",
        "usize", NULL,   "i32",  "u32", "i128", "u128", "_",   NULL, NULL,
        "i16",   "u16",  "()",   "...", NULL,   "i64",  "u64", "!"};

    return letter >= 'a' && letter <= 'z' ? names[letter - 'a'] : NULL;
}

/* "for<'a, 'b> " of a binder that may be there; how many it names. */
static uint64_t
print_binder(struct tb_rust_parser *p)
{
    uint64_t n = tb_rust_parser_optional62(p, 'G');

    if (n > LIFETIMES_MAX) {
        p->has_failed = 1;
        return 0;
    }
    for (uint64_t i = 0; i < n; i++) {
        tb_rust_parser_print(p, i == 0 ? "for<" : ", ");
        p->n_lifetimes++;
        print_lifetime(p, 1);
    }
    tb_rust_parser_print(p, n > 0 ? "> " : "");
    return n;
}

/* The ABI of a function: letters, with '_' for '-'. */
static void
print_abi(struct tb_rust_parser *p)
{
    struct tb_rust_identifier abi = {.text = "C", .n = 1};

    if (!tb_rust_parser_eat(p, 'C')) {
        abi = tb_rust_parser_bare_identifier(p);
    }
    tb_rust_parser_print(p, "extern \"");
    for (size_t i = 0; i < abi.n; i++) {
        tb_rust_parser_put(p, abi.text[i] == '_' ? "-" : &abi.text[i], 1);
    }
    tb_rust_parser_print(p, "\" ");
}

/* "for<'a> unsafe extern \"C\" fn(u8) -> u8" */
static void
print_function(struct tb_rust_parser *p)
{
    uint64_t n = print_binder(p);

    if (tb_rust_parser_eat(p, 'U')) {
        tb_rust_parser_print(p, "unsafe ");
    }
    if (tb_rust_parser_eat(p, 'K')) {
        print_abi(p);
    }
    tb_rust_parser_print(p, "fn(");
    print_list(p, print_type);
    tb_rust_parser_print(p, ")");
    if (!tb_rust_parser_eat(p, 'u')) {
        tb_rust_parser_print(p, " -> ");
        print_type(p);
    }
    p->n_lifetimes -= n;
}

/* A path whose list of generics stays open; whether there is one. */
static int
print_open_path(struct tb_rust_parser *p)
{
    int is_open = 0;

    if (!tb_rust_parser_enter(p)) {
        tb_rust_parser_leave(p);
        return 0;
    }
    if (tb_rust_parser_eat(p, 'B')) {
        size_t at = p->at - 1, target = (size_t)tb_rust_parser_base62(p), back = p->at;

        p->has_failed |= target >= at;
        if (!p->has_failed && !p->is_silent) {
            p->at = target;
            is_open = print_open_path(p);
            p->at = back;
        }
    }
    else if (tb_rust_parser_eat(p, 'I')) {
        print_path(p, 0);
        tb_rust_parser_print(p, "<");
        print_list(p, print_generic);
        is_open = 1;
    }
    else {
        print_path(p, 0);
    }
    tb_rust_parser_leave(p);
    return is_open;
}

/* A trait of a "dyn", with what it binds: "Iterator<Item = u8>". */
static void
print_trait(struct tb_rust_parser *p)
{
    int is_open = print_open_path(p);

    while (tb_rust_parser_eat(p, 'p')) {
        struct tb_rust_identifier name = tb_rust_parser_bare_identifier(p);

        tb_rust_parser_print(p, is_open ? ", " : "<");
        is_open = 1;
        print_identifier(p, &name);
        tb_rust_parser_print(p, " = ");
        print_type(p);
    }
    tb_rust_parser_print(p, is_open ? ">" : "");
}

/* "dyn Trait<T> + Send + 'a" */
static void
print_dyn(struct tb_rust_parser *p)
{
    uint64_t n, lifetime;
    size_t n_traits = 0;

    tb_rust_parser_print(p, "dyn ");
    n = print_binder(p);
    while (!p->has_failed && !tb_rust_parser_eat(p, 'E')) {
        tb_rust_parser_print(p, n_traits++ > 0 ? " + " : "");
        print_trait(p);
    }
    p->n_lifetimes -= n;
    p->has_failed |= !tb_rust_parser_eat(p, 'L');
    lifetime = tb_rust_parser_base62(p);
    if (lifetime > 0) {
        tb_rust_parser_print(p, " + ");
        print_lifetime(p, lifetime);
    }
}

static void
print_reference(struct tb_rust_parser *p, const char *what)
{
    tb_rust_parser_print(p, "&");
    if (tb_rust_parser_eat(p, 'L')) {
        uint64_t lifetime = tb_rust_parser_base62(p);

        if (lifetime > 0) {
            print_lifetime(p, lifetime);
            tb_rust_parser_print(p, " ");
        }
    }
    tb_rust_parser_print(p, what);
    print_type(p);
}

static void
print_sequence(struct tb_rust_parser *p, char kind)
{
    tb_rust_parser_print(p, kind == 'T' ? "(" : "[");
    if (kind == 'T') {
        tb_rust_parser_print(p, print_list(p, print_type) == 1 ? ",)" : ")");
        return;
    }
    print_type(p);
    if (kind == 'A') {
        tb_rust_parser_print(p, "; ");
        print_const(p);
    }
    tb_rust_parser_print(p, "]");
}

/* A type of any kind: one letter, or what that begins; another letter begins a path. */
static void
print_type(struct tb_rust_parser *p)
{
    char kind = tb_rust_parser_enter(p) ? tb_rust_parser_next(p) : '\0';
    const char *basic = basic_type(kind);

    if (basic != NULL) {
        tb_rust_parser_print(p, basic);
    }
    else if (kind == 'A' || kind == 'S' || kind == 'T') {
        print_sequence(p, kind);
    }
    else if (kind == 'R' || kind == 'Q') {
        print_reference(p, kind == 'Q' ? "mut " : "");
    }
    else if (kind == 'P' || kind == 'O') {
        tb_rust_parser_print(p, kind == 'P' ? "*const " : "*mut ");
        print_type(p);
    }
    else if (kind == 'F') {
        print_function(p);
    }
    else if (kind == 'D') {
        print_dyn(p);
    }
    else if (kind == 'B') {
        print_backref(p, print_type);
    }
    else if (!p->has_failed) {
        p->at--;
        print_path(p, 0);
    }
    tb_rust_parser_leave(p);
}

/* A character as Rust writes it, in ASCII. */
static void
print_character(struct tb_rust_parser *p, uint64_t letter)
{
    char text[24];

    if (letter >= ' ' && letter <= '~' && letter != '\'' && letter != '\\') {
        snprintf(text, sizeof(text), "'%c'", (char)letter);
    }
    else {
        snprintf(text, sizeof(text), "'\\u{%" PRIx64 "}'", letter);
    }
    tb_rust_parser_print(p, text);
}

/* A value of a type of one letter. */
static void
print_const_of(struct tb_rust_parser *p, char type)
{
    int is_negative = strchr("aslxni", type) != NULL && tb_rust_parser_eat(p, 'n');
    size_t at = p->at, n;
    uint64_t value = tb_rust_parser_hexadecimal(p, &n);

    if (p->has_failed) {
        return;
    }
    if (type == 'b' || type == 'c') {
        p->has_failed |= n > 8 || (type == 'b' && value > 1);
        if (type == 'b') {
            tb_rust_parser_print(p, value ? "true" : "false");
        }
        else {
            print_character(p, value);
        }
        return;
    }
    tb_rust_parser_print(p, is_negative ? "-" : "");
    if (n > 16) {
        tb_rust_parser_print(p, "0x");
        tb_rust_parser_put(p, p->symbol + at, n);
        return;
    }
    tb_rust_parser_print_number(p, value);
}

static void
print_const(struct tb_rust_parser *p)
{
    char type = tb_rust_parser_enter(p) ? tb_rust_parser_next(p) : '\0';

    if (type == 'p') {
        tb_rust_parser_print(p, "_");
    }
    else if (type == 'B') {
        print_backref(p, print_const);
    }
    else if (type != '\0' && strchr("abchijlmnostxy", type) != NULL) {
        print_const_of(p, type);
    }
    else {
        p->has_failed = 1;
    }
    tb_rust_parser_leave(p);
}

int
tb_rust_v0_demangle(const char *symbol, char *out, size_t size)
{
    struct tb_rust_parser p = {.symbol = symbol + 2, .out = out, .size = size};

    if (strncmp(symbol, "_R", 2) != 0 || size == 0) {
        return -1;
    }
    p.n = strcspn(p.symbol, ".");
    out[0] = '\0';
    print_path(&p, 1);
    if (!p.has_failed && p.at < p.n) {
        p.is_silent = 1; /* the crate that made this copy */
        print_path(&p, 0);
    }
    return p.has_failed || p.at != p.n || p.n_out == 0 ? -1 : 0;
}
