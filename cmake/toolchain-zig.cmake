# SPDX-License-Identifier: MIT
# toolchain-zig.cmake - compile for glibc 2.28 on any Linux: `zig cc` of the Python
# package ziglang, found beside the Python that TINYBPF_ZIG_PYTHON names.
#
# Three scripts stand for the compiler and the archiver: CMake wants single programs.

cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/arch.cmake")
if(NOT TINYBPF_ZIG_PYTHON)
  set(TINYBPF_ZIG_PYTHON "$ENV{TINYBPF_ZIG_PYTHON}")
endif()
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES TINYBPF_ARCH TINYBPF_ZIG_PYTHON)

set(bin "${CMAKE_BINARY_DIR}/zig")
foreach(tool IN ITEMS cc ar ranlib)
  set(target "")
  if(tool STREQUAL "cc")
    set(target "-target ${TINYBPF_ARCH}-linux-gnu.2.28")
  endif()
  file(CONFIGURE OUTPUT "${bin}/${tool}" @ONLY CONTENT
"#!/bin/sh
exec \"@TINYBPF_ZIG_PYTHON@\" -m ziglang @tool@ @target@ \"$@\"
")
  file(CHMOD "${bin}/${tool}" PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
endforeach()

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR "${TINYBPF_ARCH}")
set(CMAKE_C_COMPILER "${bin}/cc")
set(CMAKE_AR "${bin}/ar")
set(CMAKE_RANLIB "${bin}/ranlib")
