# SPDX-License-Identifier: MIT
# build-dependency.cmake - script mode: make one dependency ready in the cache, so that
# configuring the project finds it there.
#
#   cmake [-DTINYBPF_CACHE=DIR] [-DTINYBPF_SOURCES=DIR] -DSTEP=fetch|musl|python|profile|release
#         -P cmake/build-dependency.cmake

cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/python/release.cmake")

if(STEP STREQUAL "fetch")
  foreach(name IN ITEMS z elf bpf ffi musl python tz)
    tinybpf_source(${name})
  endforeach()
  message(STATUS "CPython: ${TINYBPF_PYTHON_DIR}")
elseif(STEP STREQUAL "musl")
  tinybpf_musl()
  message(STATUS "sysroot: ${TINYBPF_SYSROOT}")
elseif(STEP STREQUAL "python")
  tinybpf_python()
elseif(STEP STREQUAL "profile")
  foreach(name IN ITEMS python z ffi)
    tinybpf_source(${name})
  endforeach()
  tinybpf_profile()
  message(STATUS "profile: ${TINYBPF_PROFILE}")
elseif(STEP STREQUAL "release")
  tinybpf_python_release()
else()
  message(FATAL_ERROR "STEP is fetch, musl, python, profile or release, not '${STEP}'")
endif()
