/* SPDX-License-Identifier: MIT
 *
 * The walk over /proc (system/holders.h). A descriptor of BPF is told by its link in
 * /proc/PID/fd, its id by /proc/PID/fdinfo. Processes end meanwhile; what cannot be
 * looked at is counted, for nobody and somebody who is not seen are not the same.
 */
#include "system/holders.h"

#include "system/mounts.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#define FIRST_PID_NAMESPACE "pid:[4026531836]" /* PROC_PID_INIT_INO of the kernel */
#define ANONYMOUS "anon_inode:"

/* What a descriptor's link is called, and the line of its fdinfo that has the id. Links
 * have two names: bpf_link_new_fd() and bpf_link_prime() differ. */
static const struct {
    const char *inode, *line;
    enum tb_thing_kind kind;
} forms[] = {
    {"bpf-prog", "prog_id:", TB_THING_PROGRAM}, {"bpf-map", "map_id:", TB_THING_MAP},
    {"bpf-link", "link_id:", TB_THING_LINK},    {"bpf_link", "link_id:", TB_THING_LINK},
    {"btf", "btf_id:", TB_THING_BTF},
};

enum { N_FORMS = sizeof(forms) / sizeof(forms[0]) };

/* The walk, while it goes on. */
struct walk {
    int proc; /* owned; /proc */
    struct tb_holders *out;
    unsigned int n_denied; /* processes that may not be looked into */
};

/* Read the begin of a file into a text; its length or -errno. */
static ssize_t
read_text(int dir, const char *path, char *text, size_t size)
{
    int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t n = fd < 0 ? -errno : read(fd, text, size - 1);

    n = fd >= 0 && n < 0 ? -errno : n;
    if (fd >= 0) {
        close(fd);
    }
    text[n > 0 ? n : 0] = '\0';
    return n;
}

/* Whether an error says that a process or its descriptor is no longer there. */
static int
is_gone(ssize_t err)
{
    return err == -ENOENT || err == -ESRCH;
}

/* The number behind the name of a line; -1 if there is none. */
static long long
number_in(const char *text, const char *name)
{
    const char *at = strstr(text, name);

    while (at != NULL && at != text && at[-1] != '\n') {
        at = strstr(at + 1, name);
    }
    return at ? strtoll(at + strlen(name), NULL, 10) : -1;
}

static int
is_known(const struct tb_holders *out, const struct tb_holder *holder)
{
    for (size_t i = out->n; i-- > 0 && out->items[i].pid == holder->pid;) {
        if (tb_thing_is_same(out->items[i].thing, holder->thing)) {
            return 1;
        }
    }
    return 0;
}

/* Keep what a process holds, once; 0 or -errno. */
static int
keep(struct walk *walk, const struct tb_holder *holder)
{
    struct tb_holders *out = walk->out;
    char path[64];
    ssize_t n;

    if (is_known(out, holder)) {
        return 0;
    }
    if (out->n == out->cap) {
        size_t cap = out->cap ? 2 * out->cap : 64;
        void *items = realloc(out->items, cap * sizeof(*out->items));

        if (items == NULL) {
            return -ENOMEM;
        }
        out->items = items;
        out->cap = cap;
    }
    out->items[out->n] = *holder;
    snprintf(path, sizeof(path), "%d/comm", holder->pid);
    n = read_text(walk->proc, path, out->items[out->n].name, sizeof(holder->name));
    out->items[out->n].name[strcspn(out->items[out->n].name, "\n")] = '\0';
    out->n++;
    return n < 0 && !is_gone(n) ? (int)n : 0;
}

/* Look at one descriptor of a process, whose folder of links is fds; 0 or -errno. */
static int
look_at_fd(struct walk *walk, int pid, int fds, const char *name)
{
    struct tb_holder holder = {.pid = pid};
    char link[64] = "", path[64], text[1024];
    const char *inode = link + strlen(ANONYMOUS);
    ssize_t n = readlinkat(fds, name, link, sizeof(link) - 1);
    long long id;

    if (n < 0) {
        return is_gone(-errno) ? 0 : -errno;
    }
    if (strncmp(link, ANONYMOUS, strlen(ANONYMOUS)) != 0) {
        return 0;
    }
    for (size_t i = 0; i < N_FORMS; i++) {
        if (strcmp(inode, forms[i].inode) != 0) {
            continue;
        }
        snprintf(path, sizeof(path), "%d/fdinfo/%.16s", pid, name);
        n = read_text(walk->proc, path, text, sizeof(text));
        if (n <= 0) {
            return n == 0 || is_gone(n) ? 0 : (int)n;
        }
        id = number_in(text, forms[i].line);
        holder.thing = (struct tb_thing){forms[i].kind, (uint32_t)id};
        return id > 0 ? keep(walk, &holder) : 0;
    }
    return 0;
}

/* Look at all descriptors of a process, which may have ended; 0 or -errno. */
static int
look_at_all(struct walk *walk, int pid)
{
    char path[32];
    struct dirent *entry;
    DIR *dir = NULL;
    int fd, err = 0;

    snprintf(path, sizeof(path), "%d/fd", pid);
    fd = openat(walk->proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        dir = fdopendir(fd);
    }
    if (dir == NULL) {
        err = -errno;
        if (fd >= 0) {
            close(fd);
        }
        return err;
    }
    while (err == 0 && (errno = 0, entry = readdir(dir)) != NULL) {
        if (isdigit((unsigned char)entry->d_name[0])) {
            err = look_at_fd(walk, pid, fd, entry->d_name);
        }
    }
    err = err == 0 && entry == NULL ? -errno : err;
    closedir(dir);
    return err;
}

/* Look at a process, and count it if that may not be; 0, or -errno where this process
 * lacks memory or descriptors, or something else is wrong with /proc. */
static int
look_at_process(struct walk *walk, int pid)
{
    int err = look_at_all(walk, pid);

    if (err == -EACCES || err == -EPERM) {
        walk->n_denied++;
        return 0;
    }
    return is_gone(err) ? 0 : err;
}

/* Add to what is not seen. */
static void
note(struct tb_holders *out, const char *format, ...)
{
    size_t n = strlen(out->unseen);
    va_list args;

    if (n > 0) {
        snprintf(out->unseen + n, sizeof(out->unseen) - n, "; ");
        n = strlen(out->unseen);
    }
    va_start(args, format);
    vsnprintf(out->unseen + n, sizeof(out->unseen) - n, format, args);
    va_end(args);
}

/* Whether this process may look into all others: CAP_SYS_PTRACE. */
static int
may_look_into_all(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{0}};

    return syscall(SYS_capget, &header, data) == 0 &&
           (data[0].effective & (1u << CAP_SYS_PTRACE)) != 0;
}

/* Whether a mount of /proc hides processes: "hidepid=2", "hidepid=invisible". */
static int
hides(const struct tb_mount *mount, void *unused)
{
    const char *option = strstr(mount->options, "hidepid=");

    (void)unused;
    return strcmp(mount->path, "/proc") == 0 && option != NULL &&
           strncmp(option, "hidepid=0", 9) != 0 &&
           strncmp(option, "hidepid=off", 11) != 0;
}

/* Say what nobody here can see. */
static void
note_horizon(struct tb_holders *out)
{
    char link[64] = "";

    if (readlink("/proc/self/ns/pid", link, sizeof(link) - 1) <= 0) {
        note(out, "/proc is that of another PID namespace");
    }
    else if (strcmp(link, FIRST_PID_NAMESPACE) != 0) {
        note(out, "processes outside of this PID namespace");
    }
    if (!may_look_into_all() && tb_mounts_each_nogil("proc", hides, NULL) > 0) {
        note(out, "processes of other users, which /proc hides (hidepid)");
    }
}

int
tb_holders_read_nogil(struct tb_holders *out)
{
    struct walk walk = {.out = out};
    struct dirent *entry;
    struct statfs fs;
    int err = 0;
    DIR *dir;

    *out = (struct tb_holders){.items = NULL};
    dir = opendir("/proc");
    if (dir == NULL && (errno == ENOMEM || errno == EMFILE || errno == ENFILE)) {
        return -errno;
    }
    if (dir == NULL || fstatfs(dirfd(dir), &fs) < 0 || fs.f_type != PROC_SUPER_MAGIC) {
        note(out, "all processes, for /proc is not mounted");
        if (dir != NULL) {
            closedir(dir);
        }
        return 0;
    }
    walk.proc = dirfd(dir);
    while (err == 0 && (errno = 0, entry = readdir(dir)) != NULL) {
        if (isdigit((unsigned char)entry->d_name[0])) {
            err = look_at_process(&walk, atoi(entry->d_name));
        }
    }
    err = err == 0 && entry == NULL ? -errno : err;
    closedir(dir);
    note_horizon(out);
    if (walk.n_denied > 0) {
        note(out, "%u processes that this one may not look into (CAP_SYS_PTRACE)",
             walk.n_denied);
    }
    return err;
}

void
tb_holders_free(struct tb_holders *holders)
{
    free(holders->items);
    holders->items = NULL;
    holders->n = 0;
}
