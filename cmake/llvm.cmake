# SPDX-License-Identifier: MIT
# llvm.cmake - the one LLVM that compiles the runner, musl, CPython and the BPF
# objects, and the running of a build step in a folder of the cache.

include_guard(GLOBAL)
set(TINYBPF_LLVM 22)
foreach(tool IN ITEMS clang llvm-ar llvm-ranlib llvm-strip llvm-objcopy llvm-readelf
                      ld.lld llvm-profdata)
  string(TOUPPER "${tool}" var)
  string(REGEX REPLACE "[^A-Z]" "_" var "TINYBPF_${var}")
  find_program(${var} "${tool}-${TINYBPF_LLVM}" REQUIRED)
endforeach()
cmake_host_system_information(RESULT TINYBPF_JOBS QUERY NUMBER_OF_LOGICAL_CORES)

# The first line of the compiler's version: part of every key.
function(tinybpf_compiler_id out_id)
  execute_process(COMMAND "${TINYBPF_CLANG}" --version OUTPUT_VARIABLE text
                  COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCH "^[^\n]+" id "${text}")
  set(${out_id} "${id}" PARENT_SCOPE)
endfunction()

# Run a command in `dir`; its output goes where ours goes; a failure stops the build.
function(tinybpf_run dir)
  file(MAKE_DIRECTORY "${dir}")
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY "${dir}" COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# A new folder beside `dir` to build in. tinybpf_publish renames what was made there
# to `dir`; another build that was faster wins.
function(tinybpf_workdir dir out_work)
  string(RANDOM LENGTH 8 tag)
  set(${out_work} "${dir}.${tag}.part" PARENT_SCOPE)
endfunction()

function(tinybpf_publish work product dir)
  if(NOT EXISTS "${dir}")
    file(RENAME "${product}" "${dir}")
  endif()
  file(REMOVE_RECURSE "${work}")
endfunction()
