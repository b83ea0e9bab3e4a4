/* SPDX-License-Identifier: MIT
 *
 * What pins share (owner/pin.h). The kernel says EPERM or EACCES for most mistakes, so
 * what is wrong with the path is looked at once a call has failed.
 */
#include "owner/pin.h"

#include "base/libbpf.h"
#include "error/raise.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#define BPFFS_MAGIC 0xcafe4a11 /* BPF_FS_MAGIC of linux/magic.h */

void
tb_place_free(struct tb_place *place)
{
    Py_XDECREF(place->text);
    Py_XDECREF(place->bytes);
    Py_XDECREF(place->what);
}

int
tb_place_init(struct tb_place *place, PyObject *path, const char *format,
              PyObject *name)
{
    place->text = place->bytes = place->what = NULL;
    if (!PyUnicode_FSConverter(path, &place->bytes) ||
        !PyUnicode_FSDecoder(path, &place->text)) {
        return -1;
    }
    place->path = PyBytes_AsString(place->bytes);
    place->what = name ? PyUnicode_FromFormat(format, name, place->text)
                       : PyUnicode_FromFormat(format, place->text);
    return place->what ? 0 : -1;
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

void *
tb_place_raise(struct tb_state *state, const struct tb_place *place, int err)
{
    char folder[PATH_MAX];
    struct stat st;

    if (is_elsewhere(place->path) ||
        (lstat(place->path, &st) < 0 && errno == ENOENT &&
         folder_of(place->path, folder, sizeof(folder)) == 0 && is_elsewhere(folder) &&
         err != -ENOENT)) {
        return tb_error_raise(state, TB_ERROR, EINVAL,
                              "%U failed: the path is not on a BPF file system\n"
                              "  the usual one is /sys/fs/bpf: mount -t bpf bpf "
                              "/sys/fs/bpf",
                              place->what);
    }
    if (err == -EACCES && stat(place->path, &st) == 0 && S_ISDIR(st.st_mode)) {
        err = -EISDIR;
    }
    switch (-err) {
    case ENOENT:
    case EEXIST:
    case EISDIR:
    case ENOTDIR:
    case ELOOP:
    case ENAMETOOLONG:
        errno = -err;
        return PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, place->text);
    default:
        return tb_error_libbpf(state, err, NULL, "%U", place->what);
    }
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
tb_pin_nogil(int fd, const char *path)
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

void *
tb_pin_refused(struct tb_state *state, const struct tb_place *place, int err)
{
    if (err == -EPERM && has_dot(place->path)) {
        return tb_error_raise(state, TB_ERROR, EPERM,
                              "%U failed: a name on a BPF file system has no dot",
                              place->what);
    }
    return tb_place_raise(state, place, err);
}
