/* SPDX-License-Identifier: MIT
 *
 * What clang's profile runtime wants of glibc and musl does not have.
 *
 * The distribution compiles that library against glibc's checking headers. Only the
 * instrumented Python links it (cmake/python/profile.cmake); it is never shipped.
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

/* In glibc the room in `out` and the format are parameters, too: a caller passes them
 * the same way. */
int __snprintf_chk(char *out, size_t n, int flag, ...);
int __fprintf_chk(FILE *file, int flag, const char *format, ...);

int
__snprintf_chk(char *out, size_t n, int flag, ...)
{
    va_list args;
    (void)flag;
    va_start(args, flag);
    (void)va_arg(args, size_t);
    const char *format = va_arg(args, const char *);
    int rc = vsnprintf(out, n, format, args);
    va_end(args);
    return rc;
}

int
__fprintf_chk(FILE *file, int flag, const char *format, ...)
{
    va_list args;
    (void)flag;
    va_start(args, format);
    int rc = vfprintf(file, format, args);
    va_end(args);
    return rc;
}
