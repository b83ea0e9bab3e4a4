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
    __u32 at = n_runs;

    /* Kernels before 5.12 give no old value back. Programs of one packet run one after
     * the other; those of two at once may take the same place, and both count. */
    __atomic_fetch_add(&n_runs, 1, __ATOMIC_RELAXED);
    if (at < N_RUNS) {
        ran[at] = who;
    }
    return verdicts[who];
}

#endif
