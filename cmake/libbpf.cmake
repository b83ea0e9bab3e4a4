# SPDX-License-Identifier: MIT
# libbpf.cmake - the static library tinybpf::bpf from libbpf's own sources.
#
# Its headers are laid out as an installation would: <bpf/libbpf.h>, and libbpf's
# own copies of the UAPI headers before the system's. TINYBPF_BPF_INCLUDES names
# the same folders for code that runs in the kernel (cmake/bpf.cmake).

function(tinybpf_libbpf source_dir)
  file(GLOB files "${source_dir}/src/*.c")
  file(GLOB headers "${source_dir}/src/bpf_*.h")
  list(FILTER headers EXCLUDE REGEX "bpf_gen_internal")
  list(APPEND headers "${source_dir}/src/bpf.h" "${source_dir}/src/btf.h"
       "${source_dir}/src/libbpf.h" "${source_dir}/src/libbpf_common.h"
       "${source_dir}/src/libbpf_legacy.h" "${source_dir}/src/libbpf_version.h"
       "${source_dir}/src/skel_internal.h" "${source_dir}/src/usdt.bpf.h")
  set(include_dir "${CMAKE_CURRENT_BINARY_DIR}/libbpf/include")
  file(COPY ${headers} DESTINATION "${include_dir}/bpf")

  add_library(tinybpf_bpf STATIC ${files})
  add_library(tinybpf::bpf ALIAS tinybpf_bpf)
  target_compile_options(
    tinybpf_bpf PRIVATE -w -ffunction-sections -fdata-sections
                        "SHELL:-include ${TINYBPF_TREE}/cmake/shims/libbpf/memory.h")
  target_include_directories(tinybpf_bpf SYSTEM PUBLIC "${include_dir}")
  # Not SYSTEM: a compiler that brings UAPI headers (zig) puts them before those, and
  # libbpf must read the structs that it was written for (struct btf_header grew).
  target_include_directories(tinybpf_bpf PUBLIC "${source_dir}/include/uapi")
  target_include_directories(tinybpf_bpf PRIVATE "${source_dir}/src"
                                                 "${source_dir}/include")
  target_compile_definitions(tinybpf_bpf PRIVATE _LARGEFILE64_SOURCE
                                                 _FILE_OFFSET_BITS=64)
  target_link_libraries(tinybpf_bpf PUBLIC tinybpf::elf PRIVATE tinybpf::z)
  set_target_properties(
    tinybpf_bpf PROPERTIES OUTPUT_NAME bpf C_STANDARD 11 C_EXTENSIONS ON
                           C_VISIBILITY_PRESET hidden
                           POSITION_INDEPENDENT_CODE "${TINYBPF_PIC}")
  set(TINYBPF_BPF_INCLUDES "${include_dir}" "${source_dir}/include/uapi"
      "${CMAKE_SOURCE_DIR}/tinybpf/include" PARENT_SCOPE)
endfunction()
