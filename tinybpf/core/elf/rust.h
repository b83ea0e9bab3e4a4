/* SPDX-License-Identifier: MIT
 *
 * Names of Rust's functions as their source writes them. Pure.
 */
#ifndef TB_ELF_RUST_H
#define TB_ELF_RUST_H

#include <stddef.h>

/* Write what a symbol of rustc means, ended by a NUL, without hashes of crates; 0, or
 * -1 if it is none, or does not fit. Bounded in depth and time. */
int tb_rust_demangle(const char *symbol, char *out, size_t size);

/* The same for those that begin with "_R" alone: rustc's v0 scheme. */
int tb_rust_v0_demangle(const char *symbol, char *out, size_t size);

#endif
