/* SPDX-License-Identifier: GPL-2.0-only OR MIT
 *
 * Programs that note in which order they ran, and return what the test has set.
 */
#ifndef RAN_H
#define RAN_H

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define N_RUNS 64
#define N_PROGRAMS 8

__u32 ran[N_RUNS];        /* numbers of programs, the first that ran first */
__u32 n_runs;             /* how many of them */
int verdicts[N_PROGRAMS]; /* what each returns, by its number */

static __always_inline int
ran_one(__u32 who)
{
    __u32 at = n_runs; /* one packet at a time: an atomic one is in Linux since 5.12 */

    if (at < N_RUNS) {
        ran[at] = who;
    }
    n_runs = at + 1;
    return verdicts[who];
}

#endif
