/* SPDX-License-Identifier: MIT
 *
 * Ends of waits (stream/wake.h).
 */
#include "stream/wake.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { MOST_MS = 250 }; /* that Ctrl-C may take, at worst */

int
tb_wake_open(struct tb_wake *wake)
{
    wake->owner = getpid();
    wake->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return wake->fd < 0 ? -errno : 0;
}

int
tb_wake_is_ours(const struct tb_wake *wake)
{
    return wake->owner == getpid();
}

int
tb_wake_renew(struct tb_wake *wake)
{
    if (tb_wake_is_ours(wake)) {
        return 0;
    }
    tb_wake_close(wake);
    return tb_wake_open(wake);
}

void
tb_wake_send(const struct tb_wake *wake)
{
    const uint64_t one = 1;

    if (tb_wake_is_ours(wake) && write(wake->fd, &one, sizeof(one)) < 0) {
        return; /* the counter is full, so the waiter is awake already */
    }
}

void
tb_wake_close(struct tb_wake *wake)
{
    if (wake->fd >= 0) {
        close(wake->fd);
    }
    wake->fd = -1;
}

static int64_t
now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t
tb_wake_deadline(int timeout_ms)
{
    return timeout_ms < 0 ? -1 : now_ns() + (int64_t)timeout_ms * 1000000;
}

int
tb_wake_left(int64_t deadline)
{
    int64_t left_ns = deadline < 0 ? 0 : deadline - now_ns();

    if (deadline < 0) {
        return -1;
    }
    return left_ns <= 0 ? 0 : (int)((left_ns + 999999) / 1000000);
}

int
tb_wake_turn(int64_t deadline)
{
    int left = tb_wake_left(deadline);

    return left < 0 || left > MOST_MS ? MOST_MS : left;
}
