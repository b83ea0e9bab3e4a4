/* SPDX-License-Identifier: MIT */
/*
 * config.h - what elfutils' configure would have found, for libelf alone, on any
 * Linux with glibc or musl and gcc or clang. No zstd, no NLS; a declaration that
 * one C library lacks counts as absent, elfutils then brings its own.
 */
#ifndef EU_SHIM_CONFIG_H
#define EU_SHIM_CONFIG_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

#define PACKAGE "elfutils"
#define PACKAGE_NAME "elfutils"

#define HAVE_ERR_H 1
#define HAVE_MREMAP 1
#define HAVE_VISIBILITY 1
#define HAVE_FALLTHROUGH 1
#include <features.h>

#define HAVE_DECL_MEMRCHR 1
#define HAVE_DECL_MEMPCPY 1
#define HAVE_DECL_POWEROF2 1
#define HAVE_DECL_REALLOCARRAY 1
#ifdef __GLIBC__
#define HAVE_DECL_RAWMEMCHR 1
#else
#define HAVE_DECL_RAWMEMCHR 0
#endif

#include <eu-config.h>

#endif
