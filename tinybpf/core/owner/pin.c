/* SPDX-License-Identifier: MIT
 *
 * What pins share. The kernel says EPERM or EACCES for most mistakes, so
 * what is wrong with the path is looked at once a call has failed.
 */
#include "owner/pin.h"

#include "base/libbpf.h"
#include "error/raise.h"
#include "host/hint.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#define BPFFS_MAGIC 0xcafe4a11 /* BPF_FS_MAGIC of linux/magic.h */

void
tb_pin_file_free(struct tb_pin_file *pin)
{
    Py_XDECREF(pin->text);
    Py_XDECREF(pin->bytes);
    Py_XDECREF(pin->what);
}

int
tb_pin_file_init(struct tb_pin_file *pin, PyObject *path, const char *format,
                 PyObject *name)
{
    pin->text = pin->bytes = pin->what = NULL;
    if (!PyUnicode_FSConverter(path, &pin->bytes) ||
        !PyUnicode_FSDecoder(path, &pin->text)) {
        return -1;
    }
    pin->path = PyBytes_AsString(pin->bytes);
    pin->what = name ? PyUnicode_FromFormat(format, name, pin->text)
                     : PyUnicode_FromFormat(format, pin->text);
    return pin->what ? 0 : -1;
}

/* The folder of a path into size bytes; 0, or -1 if there is none, or no room. */
static int
folder_of(const char *path, char *folder, size_t size)
{
    const char *slash = strrchr(path, '/');
    int n;

    if (slash == NULL) {
        n = snprintf(folder, size, ".");
    }
    else {
        n = snprintf(folder, size, "%.*s", slash == path ? 1 : (int)(slash - path),
                     path);
    }
    return n < 0 || (size_t)n >= size || strcmp(folder, path) == 0 ? -1 : 0;
}

/* Whether a path that exists lies elsewhere than on a bpffs. */
static int
is_elsewhere(const char *path)
{
    struct statfs fs;

    return statfs(path, &fs) == 0 && (uint32_t)fs.f_type != BPFFS_MAGIC;
}

/* Whether the pin can be used: then what was refused is its removal. */
static int
can_be_opened(const char *path)
{
    int fd = bpf_obj_get(path);

    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0;
}

/* For EACCES: what is closed to this user, the pin, or the first of the folders above
 * it that can be looked at. */
static void
explain_access(const char *path, char *text, size_t size)
{
    char at[PATH_MAX], above[PATH_MAX];
    int is_above = can_be_opened(path);
    struct stat st;

    snprintf(at, sizeof(at), "%s", path);
    while (is_above || stat(at, &st) < 0) {
        if (folder_of(at, above, sizeof(above)) < 0) {
            return;
        }
        memcpy(at, above, sizeof(at));
        is_above = 0;
    }
    snprintf(text, size,
             "'%s' is closed to this user: its mode is %04o, its owner has the uid %u\n"
             "  run as that user or as root, or use a folder that is open to this one",
             at, (unsigned int)st.st_mode & 07777, (unsigned int)st.st_uid);
}

/* For EPERM: a sticky folder, out of which only an owner removes; or no privilege. */
static void
explain_privilege(const char *path, struct tb_hint *hint)
{
    char folder[PATH_MAX];
    struct stat above, st;

    if (can_be_opened(path) && stat(path, &st) == 0 &&
        folder_of(path, folder, sizeof(folder)) == 0 && stat(folder, &above) == 0 &&
        (above.st_mode & S_ISVTX) != 0) {
        snprintf(hint->privilege, sizeof(hint->privilege),
                 "'%s' is a sticky folder: only the owner of the pin, who has the uid "
                 "%u, may remove it",
                 folder, (unsigned int)st.st_uid);
    }
    else {
        tb_hint_of_call("using", "a pin", hint);
    }
}

void *
tb_pin_raise(struct tb_state *state, const struct tb_pin_file *pin, int err)
{
    struct tb_hint hint = {.lacking = 0};
    struct tb_failure failure = {.hint = &hint, .is_outside = 1};
    char folder[PATH_MAX];
    struct stat st;

    if (is_elsewhere(pin->path) || (lstat(pin->path, &st) < 0 && errno == ENOENT &&
                                    folder_of(pin->path, folder, sizeof(folder)) == 0 &&
                                    is_elsewhere(folder) && err != -ENOENT)) {
        return tb_error_raise(state, TB_ERROR, EINVAL,
                              "%U failed: the path is not on a BPF file system\n"
                              "  the usual one is /sys/fs/bpf: mount -t bpf bpf "
                              "/sys/fs/bpf",
                              pin->what);
    }
    if (err == -EACCES && stat(pin->path, &st) == 0 && S_ISDIR(st.st_mode)) {
        err = -EISDIR;
    }
    if (err == -EACCES) {
        explain_access(pin->path, hint.privilege, sizeof(hint.privilege));
    }
    else if (err == -EPERM) {
        explain_privilege(pin->path, &hint);
    }
    failure.err = err;
    return tb_error_refused(state, &failure, "%U", pin->what);
}

/* Make the folder of a pin if it is all that is missing on the bpffs, as
 * bpf_map__pin does; 0 or -errno. */
static int
make_folder_nogil(const char *path)
{
    char folder[PATH_MAX], above[PATH_MAX];

    if (folder_of(path, folder, sizeof(folder)) < 0 ||
        folder_of(folder, above, sizeof(above)) < 0 || is_elsewhere(above)) {
        return -ENOENT;
    }
    return mkdir(folder, 0700) < 0 ? -errno : 0;
}

int
tb_pin_make_nogil(int fd, const char *path)
{
    int err = bpf_obj_pin(fd, path);

    if (err == -ENOENT && make_folder_nogil(path) == 0) {
        err = bpf_obj_pin(fd, path);
    }
    return err;
}

/* bpf_lookup in kernel/bpf/inode.c keeps names with a dot for itself. */
static int
has_dot(const char *path)
{
    const char *slash = strrchr(path, '/');

    return strchr(slash ? slash : path, '.') != NULL;
}

PyObject *
tb_pin_made(struct tb_state *state, const struct tb_pin_file *pin, int err)
{
    if (err == 0) {
        return tb_new_ref(Py_None);
    }
    if (err == -EPERM && has_dot(pin->path)) {
        return tb_error_raise(state, TB_ERROR_PERMISSION, EPERM,
                              "%U failed: a name on a BPF file system has no dot",
                              pin->what);
    }
    return tb_pin_raise(state, pin, err);
}

int
tb_pin_remove_nogil(const char *path, uint32_t id, uint32_t (*id_of)(int fd))
{
    int fd = bpf_obj_get(path);
    int is_same;

    if (fd < 0) {
        return fd;
    }
    is_same = id != 0 && id_of(fd) == id;
    close(fd);
    if (!is_same) {
        return -ESTALE;
    }
    return unlink(path) < 0 ? -errno : 0;
}

PyObject *
tb_pin_removed(struct tb_state *state, const struct tb_pin_file *pin, int err,
               const char *stale)
{
    if (err == 0) {
        return tb_new_ref(Py_None);
    }
    if (err == -ESTALE) {
        return tb_error_raise(state, TB_ERROR, EINVAL, "%U failed: %s", pin->what,
                              stale);
    }
    return tb_pin_raise(state, pin, err);
}
