# SPDX-License-Identifier: MIT
# compile-beside.cmake - script mode: compile the .bpf.c files that lie beside a script
# (FILE) where their objects are missing or older, as cmake/bpf.cmake does it.
#
#   cmake -DFILE=tool.py -DBUILD=build/dev -P cmake/compile-beside.cmake

cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/unpack.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/bpf.cmake")

get_filename_component(file "${FILE}" ABSOLUTE)
get_filename_component(dir "${file}" DIRECTORY)
tinybpf_source(bpf)
set(TINYBPF_BPF_INCLUDES "${BUILD}/libbpf/include" "${TINYBPF_BPF_DIR}/include/uapi"
    "${CMAKE_CURRENT_LIST_DIR}/../tinybpf/include")
tinybpf_bpf_flags(flags)

file(GLOB sources "${dir}/*.bpf.c")
file(GLOB headers "${dir}/*.h")
foreach(source IN LISTS sources)
  string(REGEX REPLACE "\\.c$" ".o" object "${source}")
  set(stale FALSE)
  foreach(input IN LISTS source headers)
    if("${input}" IS_NEWER_THAN "${object}")
      set(stale TRUE)
    endif()
  endforeach()
  if(stale)
    tinybpf_run("${dir}" "${TINYBPF_CLANG}" ${flags} -c "${source}" -o "${object}.part")
    file(RENAME "${object}.part" "${object}")
  endif()
endforeach()
