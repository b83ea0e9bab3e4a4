/* SPDX-License-Identifier: MIT
 *
 * How long a wait is, and what ends it from outside: a descriptor that the waiter waits
 * for, too. It works inside of one process. A fork shares the descriptor, so that a
 * child which wrote to it would wake its parent, for ever.
 */
#ifndef TB_STREAM_WAKE_H
#define TB_STREAM_WAKE_H

#include <stdint.h>
#include <sys/types.h>

struct tb_wake {
    int fd;      /* owned eventfd; -1 when closed */
    pid_t owner; /* process that opened it */
};

/* 0 or -errno. */
int tb_wake_open(struct tb_wake *wake);

/* Open it anew in a child that was forked since; 0 or -errno. */
int tb_wake_renew(struct tb_wake *wake);

/* Whether this process opened it. */
int tb_wake_is_ours(const struct tb_wake *wake);

/* End all waits of this process, those that come, too. */
void tb_wake_send(const struct tb_wake *wake);

/* Idempotent. */
void tb_wake_close(struct tb_wake *wake);

/* When a wait of so many milliseconds is over, in nanoseconds; -1: never. */
int64_t tb_wake_deadline(int timeout_ms);

/* Milliseconds until then as poll() takes them, never too few; -1: for ever. */
int tb_wake_left(int64_t deadline);

/* How long to wait at a time: until then, or, if that is sooner, until a signal is to
 * be looked for again. One that comes just before the wait, or to another thread, ends
 * no wait. */
int tb_wake_turn(int64_t deadline);

#endif
