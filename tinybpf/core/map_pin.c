/* SPDX-License-Identifier: MIT
 *
 * Pins of maps (map_pin.h). A pin is a file of the BPF file system (bpffs) that keeps
 * its map in the kernel; whoever opens it gets a descriptor of his own. The kernel
 * says EPERM or EACCES for most mistakes, so what is wrong with the path is looked at
 * once a call has failed.
 */
#include "map_pin.h"

#include "error.h"
#include "libbpf.h"
#include "map.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#define BPFFS_MAGIC 0xcafe4a11 /* BPF_FS_MAGIC of linux/magic.h */

/* The path of a call, in all forms that are needed. */
struct place {
    PyObject *text;   /* owned; str */
    PyObject *bytes;  /* owned */
    const char *path; /* borrowed from bytes */
    PyObject *what;   /* owned; str: the call and the path, for its error */
};

static void
place_free(struct place *place)
{
    Py_XDECREF(place->text);
    Py_XDECREF(place->bytes);
    Py_XDECREF(place->what);
}

/* Take a path; format makes the call of name (which may be NULL) and path. 0, or -1
 * with an exception; freed by place_free in both cases. */
static int
place_init(struct place *place, PyObject *path, const char *format, PyObject *name)
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

/* Raise for a failed call. */
static void *
raise_path(struct tb_state *state, const struct place *place, int err)
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

static int
pin_nogil(int fd, const char *path)
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
tb_map_pin(PyObject *op, PyObject *path)
{
    BpfMap *self = (BpfMap *)op;
    struct tb_state *state = tb_state_of(self);
    PyObject *result = NULL;
    struct place place;
    int fd, err;

    if (place_init(&place, path, "pin of map %R at %R", self->name) < 0) {
        goto done;
    }
    fd = tb_map_acquire(self);
    if (fd < 0) {
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS
    err = pin_nogil(fd, place.path);
    Py_END_ALLOW_THREADS
    tb_map_release(self);
    if (err == 0) {
        result = tb_new_ref(Py_None);
    }
    else if (err == -EPERM && has_dot(place.path)) {
        tb_error_raise(state, TB_ERROR, EPERM,
                       "%U failed: a name on a BPF file system has no dot", place.what);
    }
    else {
        raise_path(state, &place, err);
    }
done:
    place_free(&place);
    return result;
}

/* Whether a descriptor, of which the kernel said info, is a map's. A program's info
 * could pass for a map's; but a lookup without a key fails by another error than
 * EINVAL for each kind of map but an arena (map_lookup_elem in kernel/bpf/syscall.c).
 */
static int
is_map_nogil(int fd, const struct bpf_map_info *info)
{
    return bpf_map_lookup_elem(fd, NULL, NULL) != -EINVAL ||
           info->type == BPF_MAP_TYPE_ARENA;
}

/* Open what is pinned: a descriptor, -errno, or -EBADF if it is no map. */
static int
open_nogil(const char *path, struct bpf_map_info *info)
{
    uint32_t size = sizeof(*info);
    int fd = bpf_obj_get(path);
    int err;

    if (fd < 0) {
        return fd;
    }
    memset(info, 0, sizeof(*info));
    err = bpf_map_get_info_by_fd(fd, info, &size);
    if (!is_map_nogil(fd, info)) {
        err = -EBADF;
    }
    if (err == 0) {
        return fd;
    }
    close(fd);
    return err;
}

/* Remove the pin if it is one of the map of that id: 0 or -errno, -ESTALE if not. */
static int
unpin_nogil(const char *path, uint32_t id)
{
    struct bpf_map_info info;
    int fd = open_nogil(path, &info);

    if (fd < 0) {
        return fd == -EBADF ? -ESTALE : fd;
    }
    close(fd);
    if (info.id != id) {
        return -ESTALE;
    }
    return unlink(path) < 0 ? -errno : 0;
}

PyObject *
tb_map_unpin(PyObject *op, PyObject *path)
{
    BpfMap *self = (BpfMap *)op;
    struct tb_state *state = tb_state_of(self);
    struct bpf_map_info info = {0};
    uint32_t size = sizeof(info);
    PyObject *result = NULL;
    struct place place;
    int fd, err;

    if (place_init(&place, path, "unpin of map %R at %R", self->name) < 0) {
        goto done;
    }
    fd = tb_map_acquire(self);
    if (fd < 0) {
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS
    err = bpf_map_get_info_by_fd(fd, &info, &size);
    if (err == 0) {
        err = unpin_nogil(place.path, info.id);
    }
    Py_END_ALLOW_THREADS
    tb_map_release(self);
    if (err == 0) {
        result = tb_new_ref(Py_None);
    }
    else if (err == -ESTALE) {
        tb_error_raise(state, TB_ERROR, EINVAL,
                       "%U failed: that is not a pin of this map", place.what);
    }
    else {
        raise_path(state, &place, err);
    }
done:
    place_free(&place);
    return result;
}

PyObject *
tb_map_open_pinned(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static const char *const names[] = {"path", NULL};
    struct tb_state *state = tb_state_of_module(module);
    struct bpf_map_info info;
    struct btf *btf = NULL;
    PyObject *path, *map = NULL;
    struct place place;
    int fd;

    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:open_pinned_map", (char **)names,
                                     &path)) {
        return NULL;
    }
    if (place_init(&place, path, "open of pinned map %R", NULL) < 0) {
        goto done;
    }
    Py_BEGIN_ALLOW_THREADS
    fd = open_nogil(place.path, &info);
    if (fd >= 0 && info.btf_id != 0) {
        btf = btf__load_from_kernel_by_id(info.btf_id);
    }
    Py_END_ALLOW_THREADS
    if (fd >= 0) {
        map = tb_map_new_steal(state, fd, &info, btf);
    }
    else if (fd == -EBADF) {
        tb_error_raise(state, TB_ERROR, EINVAL,
                       "%U failed: what is pinned there is not a map", place.what);
    }
    else {
        raise_path(state, &place, fd);
    }
    btf__free(btf);
done:
    place_free(&place);
    return map;
}
