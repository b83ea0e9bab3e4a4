# SPDX-License-Identifier: MIT
# build-dependency.cmake - script mode: make one dependency ready in the cache, so that
# configuring the project finds it there.
#
#   cmake [-DTINYBPF_CACHE=DIR] [-DTINYBPF_SOURCES=DIR] -DSTEP=fetch|musl|python
#         -P cmake/build-dependency.cmake

cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/python.cmake")

if(STEP STREQUAL "fetch")
  foreach(name IN ITEMS z elf bpf ffi musl python)
    tinybpf_source(${name})
  endforeach()
elseif(STEP STREQUAL "musl")
  tinybpf_musl()
elseif(STEP STREQUAL "python")
  tinybpf_python()
  message(STATUS "sysroot: ${TINYBPF_SYSROOT}")
else()
  message(FATAL_ERROR "STEP is fetch, musl or python, not '${STEP}'")
endif()
