# SPDX-License-Identifier: MIT
# libffi.cmake - the static library tinybpf::ffi from libffi's own sources.
#
# fficonfig.h is kept by hand (cmake/shims/libffi); ffi.h is made from ffi.h.in.

function(tinybpf_libffi source_dir version)
  if(TINYBPF_ARCH STREQUAL "aarch64")
    set(cpu aarch64)
    set(cpu_files ffi.c sysv.S)
    set(TARGET AARCH64)
  else()
    set(cpu x86)
    set(cpu_files ffi64.c unix64.S ffiw64.c win64.S)
    set(TARGET X86_64)
  endif()
  list(TRANSFORM cpu_files PREPEND "${source_dir}/src/${cpu}/")
  set(files prep_cif types raw_api java_raw_api closures tramp)
  list(TRANSFORM files PREPEND "${source_dir}/src/")
  list(TRANSFORM files APPEND ".c")

  set(VERSION "${version}")
  set(FFI_VERSION_STRING "${version}")
  string(REGEX MATCH "^([0-9]+)\\.([0-9]+)\\.([0-9]+)" parts "${version}")
  math(EXPR FFI_VERSION_NUMBER
       "${CMAKE_MATCH_1} * 10000 + ${CMAKE_MATCH_2} * 100 + ${CMAKE_MATCH_3}")
  set(HAVE_LONG_DOUBLE 1)
  set(FFI_EXEC_TRAMPOLINE_TABLE 0)
  set(include_dir "${CMAKE_CURRENT_BINARY_DIR}/ffi/include")
  configure_file("${source_dir}/include/ffi.h.in" "${include_dir}/ffi.h" @ONLY)
  configure_file("${source_dir}/src/${cpu}/ffitarget.h" "${include_dir}/ffitarget.h"
                 COPYONLY)

  add_library(tinybpf_ffi STATIC ${files} ${cpu_files})
  add_library(tinybpf::ffi ALIAS tinybpf_ffi)
  target_compile_options(tinybpf_ffi PRIVATE -w -ffunction-sections -fdata-sections)
  target_include_directories(tinybpf_ffi SYSTEM PUBLIC "${include_dir}")
  target_include_directories(
    tinybpf_ffi PRIVATE "${TINYBPF_CMAKE_DIR}/shims/libffi" "${source_dir}/include"
                        "${source_dir}/src" "${source_dir}/src/${cpu}")
  set_target_properties(tinybpf_ffi PROPERTIES OUTPUT_NAME ffi
                                               POSITION_INDEPENDENT_CODE "${TINYBPF_PIC}")
endfunction()
