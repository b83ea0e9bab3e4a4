# SPDX-License-Identifier: MIT
# toolchain-musl.cmake - compile static programs with clang over musl. The compiler's
# sysroot is made (or found in the cache) when this file is read.

cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/musl.cmake")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES TINYBPF_CACHE TINYBPF_SOURCES
     TINYBPF_ARCH)
tinybpf_musl()

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR "${TINYBPF_ARCH}")
set(CMAKE_C_COMPILER "${TINYBPF_SYSROOT}/bin/musl-cc")
set(CMAKE_ASM_COMPILER "${CMAKE_C_COMPILER}")
set(CMAKE_AR "${TINYBPF_LLVM_AR}")
set(CMAKE_RANLIB "${TINYBPF_LLVM_RANLIB}")
set(CMAKE_STRIP "${TINYBPF_LLVM_STRIP}")
set(CMAKE_OBJCOPY "${TINYBPF_LLVM_OBJCOPY}")
set(CMAKE_FIND_ROOT_PATH "${TINYBPF_SYSROOT}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
