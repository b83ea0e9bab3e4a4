/* SPDX-License-Identifier: MIT
 *
 * Tell cheaply whether a path can be a zip that Python imports from.
 *
 * Python asks this of every script and of every entry of sys.path. zipimport's own
 * answer costs its import, half a millisecond; this one costs four system calls.
 */
#include "zippath.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A zip ends with this record and a comment of at most 64 KB. */
static const char end_record[] = {'P', 'K', 5, 6};
enum { END_RECORD_SIZE = 22, TAIL_SIZE = END_RECORD_SIZE + 0xffff };

/* Is the record of a zip's end in the last bytes of this file? */
static int
has_end_record(const char *path, off_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int found = 0;
    char *tail;

    if (fd < 0) {
        return 0;
    }
    tail = PyMem_RawMalloc(TAIL_SIZE);
    if (tail != NULL) {
        off_t start = size > TAIL_SIZE ? size - TAIL_SIZE : 0;
        ssize_t n = pread(fd, tail, TAIL_SIZE, start);

        found =
            n > 0 && memmem(tail, (size_t)n, end_record, sizeof(end_record)) != NULL;
    }
    PyMem_RawFree(tail);
    close(fd);
    return found;
}

int
tbr_zippath_is_candidate(PyObject *path)
{
    PyObject *bytes = NULL;
    const char *name;
    struct stat st;
    int answer;

    if (!PyUnicode_FSConverter(path, &bytes)) {
        PyErr_Clear();
        return 0;
    }
    name = PyBytes_AS_STRING(bytes);
    if (stat(name, &st) < 0) {
        answer = errno == ENOTDIR; /* "tool.zip/lib": inside a file */
    }
    else {
        answer = S_ISREG(st.st_mode) && has_end_record(name, st.st_size);
    }
    Py_DECREF(bytes);
    return answer;
}
