/* SPDX-License-Identifier: MIT
 *
 * dlopen() and dlsym() for ctypes, over a table of what is inside.
 *
 * A static executable cannot load libraries, but ctypes opens one at its import: the
 * program itself (dlopen(NULL), ctypes.pythonapi). That one is here. libc's usual
 * names mean it, too: a script's CDLL("libc.so.6").setns(...) works as elsewhere.
 */
#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct symbol {
    const char *name;
    const char *address;
};

/* Each name is declared as bytes of its own address: no header, no prototype. */
#define SYMBOL(name) extern const char tbr_symbol_##name[] __asm__(#name);
#include "capi.def"
#include "symbols.def"
#undef SYMBOL

#define SYMBOL(name) {#name, tbr_symbol_##name},
static const struct symbol symbols[] = {
#include "capi.def"
#include "symbols.def"
};
#undef SYMBOL

/* Libraries that are inside, without the ".so" and what follows. */
static const char *const libraries[] = {
    "libc",  "libc.musl-x86_64", "libc.musl-aarch64", "libm", "libpthread", "librt",
    "libdl",
};

static const char self[] = "tinybpf-run";

/* dlerror() tells each thread its own last error, once. */
static _Thread_local char error[256];
static _Thread_local int error_is_new;

static void *
fail(const char *format, const char *name)
{
    snprintf(error, sizeof(error), format, name);
    error_is_new = 1;
    return NULL;
}

/* Does a path's last part name one of the libraries, whatever stands behind ".so"? */
static int
is_inside(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *file = slash != NULL ? slash + 1 : path;
    const char *suffix = strstr(file, ".so");

    for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++) {
        size_t n = strlen(libraries[i]);

        if (suffix == file + n && strncmp(file, libraries[i], n) == 0) {
            return 1;
        }
    }
    return 0;
}

void *
dlopen(const char *path, int flags)
{
    (void)flags;
    if (path == NULL || is_inside(path)) {
        return (void *)self;
    }
    return fail("%s: tinybpf-run is one static executable and loads no libraries",
                path);
}

int
dlclose(void *handle)
{
    (void)handle;
    return 0;
}

void *
dlsym(void *restrict handle, const char *restrict name)
{
    (void)handle;
    for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
        if (strcmp(symbols[i].name, name) == 0) {
            return (void *)symbols[i].address;
        }
    }
    return fail("%s: not among the symbols inside tinybpf-run", name);
}

char *
dlerror(void)
{
    if (!error_is_new) {
        return NULL;
    }
    error_is_new = 0;
    return error;
}
