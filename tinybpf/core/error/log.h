/* SPDX-License-Identifier: MIT
 *
 * What libbpf says while one call runs. libbpf has one print callback without a
 * context for the whole process; a log captures the lines of its own thread.
 */
#ifndef TB_ERROR_LOG_H
#define TB_ERROR_LOG_H

#include "base/abi3.h"
#include "base/text.h"

struct tb_log {
    struct tb_text text;  /* owned: records of a level byte, a line, a NUL */
    int level;            /* lines above this libbpf level are not kept */
    struct tb_log *outer; /* the log that was captured before this one */
    int is_starved;       /* an allocation of libbpf's failed meanwhile */
};

/* Install the callback. */
void tb_log_init(void);

/* Capture from here on; between the two the GIL may be released. tb_log_stop()
 * passes the lines on to logging.getLogger("tinybpf.libbpf") if somebody listens,
 * and leaves a raised exception alone. The text stays until tb_log_free(). */
void tb_log_start(struct tb_log *log);
void tb_log_stop(struct tb_log *log);
void tb_log_free(struct tb_log *log);

/* What a call that was captured came to: err, but -ENOMEM if it says that it succeeded
 * and lacked memory. libbpf 1.7 goes on in many places where an allocation failed. */
int tb_log_outcome(const struct tb_log *log, int err);

/* Called by libbpf where an allocation fails (cmake/shims/libbpf/memory.h). */
void tb_log_no_memory(void);

/* Whether a warning or notice has been captured that contains the words. */
int tb_log_contains(const struct tb_log *log, const char *words);
int tb_log_is_empty(const struct tb_log *log);

/* All warnings and notices, one behind the other, malloc'ed; NULL without memory. */
char *tb_log_join(const struct tb_log *log);

/* The same, or the last few lines of it, as one str; without the lines that have these
 * words (NULL: with all). */
PyObject *tb_log_text(const struct tb_log *log);
PyObject *tb_log_tail(const struct tb_log *log, int n, const char *without);

#endif
