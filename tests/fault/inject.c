/* SPDX-License-Identifier: MIT
 *
 * Makes the n-th allocation of C, allocation of Python or system call of a thread fail,
 * from inside of the process: a library for LD_PRELOAD, called by ctypes (inject.py).
 * Nothing is counted but between fault_arm() and fault_disarm(), and one fails at most.
 *
 * System calls come by way of a seccomp filter that turns those of a list into SIGSYS,
 * whose handler makes them itself, at the one place that the filter lets through.
 */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

enum kind { KIND_NONE, KIND_MALLOC, KIND_PYTHON, KIND_SYSCALL };

/* What is counted in this thread. */
static _Thread_local struct {
    enum kind kind;
    long at, seen; /* the one that fails, 0: none; those that there were */
    long last;     /* the number of the system call that failed */
    int err;
} fault;

static int
fails(enum kind kind)
{
    return fault.kind == kind && ++fault.seen == fault.at;
}

void
fault_arm(int kind, long at, int err)
{
    fault.seen = 0;
    fault.at = at;
    fault.err = err;
    fault.last = -1;
    fault.kind = (enum kind)kind;
}

/* How many there were. */
long
fault_disarm(void)
{
    fault.kind = KIND_NONE;
    return fault.seen;
}

long
fault_last(void)
{
    return fault.last;
}

/* The allocator of the C library, which glibc gives by these names, too. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static void *
none(void)
{
    errno = ENOMEM;
    return NULL;
}

void *
malloc(size_t size)
{
    return fails(KIND_MALLOC) ? none() : __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
    return fails(KIND_MALLOC) ? none() : __libc_calloc(n, size);
}

void *
realloc(void *old, size_t size)
{
    return fails(KIND_MALLOC) ? none() : __libc_realloc(old, size);
}

void *
reallocarray(void *old, size_t n, size_t size)
{
    size_t all;

    return __builtin_mul_overflow(n, size, &all) ? none() : realloc(old, all);
}

void *
aligned_alloc(size_t alignment, size_t size)
{
    return fails(KIND_MALLOC) ? none() : __libc_memalign(alignment, size);
}

int
posix_memalign(void **out, size_t alignment, size_t size)
{
    void *got = fails(KIND_MALLOC) ? none() : __libc_memalign(alignment, size);

    if (got == NULL) {
        return ENOMEM;
    }
    *out = got;
    return 0;
}

/* PyMemAllocatorEx, and the functions of CPython that take it, whose headers are not
 * needed: they are the same in all versions (Include/cpython/pymem.h). */
struct allocator {
    void *ctx;
    void *(*malloc)(void *ctx, size_t size);
    void *(*calloc)(void *ctx, size_t n, size_t size);
    void *(*realloc)(void *ctx, void *old, size_t size);
    void (*free)(void *ctx, void *old);
};
typedef void (*exchange)(int domain, struct allocator *allocator);

#define N_DOMAINS 3

static struct allocator originals[N_DOMAINS];

static void *
python_malloc(void *ctx, size_t size)
{
    struct allocator *original = ctx;

    return fails(KIND_PYTHON) ? NULL : original->malloc(original->ctx, size);
}

static void *
python_calloc(void *ctx, size_t n, size_t size)
{
    struct allocator *original = ctx;

    return fails(KIND_PYTHON) ? NULL : original->calloc(original->ctx, n, size);
}

static void *
python_realloc(void *ctx, void *old, size_t size)
{
    struct allocator *original = ctx;

    return fails(KIND_PYTHON) ? NULL : original->realloc(original->ctx, old, size);
}

static void
python_free(void *ctx, void *old)
{
    struct allocator *original = ctx;

    original->free(original->ctx, old);
}

/* Come between Python and its allocators, for good. */
int
fault_python(void)
{
    exchange get = (exchange)dlsym(RTLD_DEFAULT, "PyMem_GetAllocator");
    exchange set = (exchange)dlsym(RTLD_DEFAULT, "PyMem_SetAllocator");

    if (get == NULL || set == NULL) {
        return -1;
    }
    for (int i = 0; i < N_DOMAINS; i++) {
        struct allocator ours = {&originals[i], python_malloc, python_calloc,
                                 python_realloc, python_free};

        get(i, &originals[i]);
        set(i, &ours);
    }
    return 0;
}

extern const char fault_syscall_end[];

/* The one place from which the filter lets everything through. */
__attribute__((noinline)) static long
system_call(long number, const long args[6])
{
#if defined(__x86_64__)
    long result;
    register long r10 __asm__("r10") = args[3];
    register long r8 __asm__("r8") = args[4];
    register long r9 __asm__("r9") = args[5];

    __asm__ volatile("syscall\n"
                     ".globl fault_syscall_end\n"
                     "fault_syscall_end:"
                     : "=a"(result)
                     : "0"(number), "D"(args[0]), "S"(args[1]), "d"(args[2]), "r"(r10),
                       "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
#elif defined(__aarch64__)
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = args[0];
    register long x1 __asm__("x1") = args[1];
    register long x2 __asm__("x2") = args[2];
    register long x3 __asm__("x3") = args[3];
    register long x4 __asm__("x4") = args[4];
    register long x5 __asm__("x5") = args[5];

    __asm__ volatile("svc #0\n"
                     ".globl fault_syscall_end\n"
                     "fault_syscall_end:"
                     : "+r"(x0)
                     : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
                     : "memory");
    return x0;
#endif
}

/* Makes the call that the filter stopped, or lets it fail. */
static void
stopped(int signal, siginfo_t *info, void *context)
{
    mcontext_t *at = &((ucontext_t *)context)->uc_mcontext;
    int saved = errno;
#if defined(__x86_64__)
    greg_t *r = at->gregs;
    long args[6] = {r[REG_RDI], r[REG_RSI], r[REG_RDX],
                    r[REG_R10], r[REG_R8],  r[REG_R9]};
#elif defined(__aarch64__)
    unsigned long long *r = at->regs;
    long args[6] = {(long)r[0], (long)r[1], (long)r[2],
                    (long)r[3], (long)r[4], (long)r[5]};
#endif
    long result;

    (void)signal;
    if (fails(KIND_SYSCALL)) {
        result = -fault.err;
        fault.last = info->si_syscall;
    }
    else {
        result = system_call(info->si_syscall, args);
    }
#if defined(__x86_64__)
    r[REG_RAX] = result;
#elif defined(__aarch64__)
    r[0] = (unsigned long long)result;
#endif
    errno = saved;
}

/* What can fail: all that a user's own code, libbpf or Python would ask the kernel for.
 * Not close() and munmap(), whose failure means nothing, nor what may come while
 * signals are blocked. */
static const int calls[] = {
    SYS_bpf,
    SYS_perf_event_open,
    SYS_openat,
    SYS_read,
    SYS_pread64,
    SYS_write,
    SYS_fstat,
    SYS_newfstatat,
    SYS_statx,
    SYS_getdents64,
    SYS_lseek,
    SYS_mmap,
    SYS_mremap,
    SYS_mprotect,
    SYS_ioctl,
    SYS_fcntl,
    SYS_dup,
    SYS_dup3,
    SYS_pipe2,
    SYS_epoll_create1,
    SYS_epoll_ctl,
    SYS_epoll_pwait,
    SYS_eventfd2,
    SYS_socket,
    SYS_bind,
    SYS_sendto,
    SYS_recvfrom,
    SYS_memfd_create,
    SYS_mkdirat,
    SYS_unlinkat,
    SYS_faccessat,
    SYS_statfs,
    SYS_fstatfs,
    SYS_readlinkat,
    SYS_uname,
    SYS_prlimit64,
    SYS_sched_getaffinity,
    SYS_capget,
    SYS_capset,
    SYS_prctl,
    SYS_unshare,
    SYS_getgroups,
    SYS_setgroups,
    SYS_getresuid,
    SYS_setresuid,
    SYS_getresgid,
    SYS_setresgid,
#ifdef __x86_64__
    SYS_epoll_wait,
    SYS_access,
    SYS_stat,
    SYS_lstat,
    SYS_mkdir,
    SYS_unlink,
    SYS_readlink,
    SYS_open,
#endif
};

#define N_CALLS (sizeof(calls) / sizeof(calls[0]))
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define LOAD(field, more) \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field) + (more))
#define UNLESS(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip)

/* Have the calls of this thread stopped from now on; 0 or -1. */
int
fault_syscalls(void)
{
    uint64_t here = (uint64_t)(uintptr_t)fault_syscall_end;
    struct sigaction action = {.sa_sigaction = stopped,
                               .sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESTART};
    struct sock_filter filter[7 + 2 * N_CALLS] = {
        LOAD(instruction_pointer, 0),
        UNLESS((uint32_t)here, 3),
        LOAD(instruction_pointer, 4),
        UNLESS((uint32_t)(here >> 32), 1),
        ALLOW,
        LOAD(nr, 0),
    };
    struct sock_fprog program = {.filter = filter};
    size_t n = 6;

    for (size_t i = 0; i < N_CALLS; i++) {
        filter[n++] = (struct sock_filter)UNLESS((uint32_t)calls[i], 1);
        filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP);
    }
    filter[n++] = (struct sock_filter)ALLOW;
    program.len = (unsigned short)n;
    if (sigaction(SIGSYS, &action, NULL) < 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
        return -1;
    }
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}
