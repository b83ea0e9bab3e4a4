/* SPDX-License-Identifier: MIT */
/*
 * fficonfig.h - what libffi's configure would have found on Linux with gcc or
 * clang (x86_64 and aarch64). Kept by hand so that no autotools are needed.
 */
#ifndef FFICONFIG_H
#define FFICONFIG_H

#define PACKAGE "libffi"
#define STDC_HEADERS 1
#define HAVE_ALLOCA_H 1
#define HAVE_MEMCPY 1
#define HAVE_MMAP 1
#define HAVE_MREMAP 1
#define HAVE_MKOSTEMP 1
#define HAVE_MEMFD_CREATE 1
#define HAVE_MNTENT 1
#define HAVE_GETPAGESIZE 1
#define HAVE_INT128 1
#define HAVE_LONG_DOUBLE 1
#define SIZEOF_DOUBLE 8
#define SIZEOF_LONG_DOUBLE 16
#define SIZEOF_SIZE_T 8

#define HAVE_AS_CFI_PSEUDO_OP 1
#define HAVE_HIDDEN_VISIBILITY_ATTRIBUTE 1
#define HAVE_RO_EH_FRAME 1
#define EH_FRAME_FLAGS "a"
#ifdef __x86_64__
#define HAVE_AS_X86_PCREL 1
#define HAVE_AS_X86_64_UNWIND_SECTION_TYPE 1
#endif

#define FFI_EXEC_STATIC_TRAMP 1

#ifdef LIBFFI_ASM
#define FFI_HIDDEN(name) .hidden name
#else
#define FFI_HIDDEN __attribute__((visibility("hidden")))
#endif

#endif
