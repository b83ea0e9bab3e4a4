# SPDX-License-Identifier: MIT
# libelf.cmake - the static library tinybpf::elf: libelf of elfutils, nothing else.
#
# All of elfutils' libelf/ and one file of its lib/. config.h and libintl.h are
# kept by hand (cmake/shims/libelf); zstd is not used. Users see only libelf.h and
# gelf.h: elfutils' elf.h must not hide the C library's.

function(tinybpf_libelf source_dir)
  file(GLOB files "${source_dir}/libelf/*.c")
  set(include_dir "${CMAKE_CURRENT_BINARY_DIR}/elf/include")
  foreach(header IN ITEMS libelf.h gelf.h)
    configure_file("${source_dir}/libelf/${header}" "${include_dir}/${header}" COPYONLY)
  endforeach()

  add_library(tinybpf_elf STATIC ${files} "${source_dir}/lib/eu-search.c")
  add_library(tinybpf::elf ALIAS tinybpf_elf)
  target_compile_options(tinybpf_elf PRIVATE -w -ffunction-sections -fdata-sections)
  target_include_directories(tinybpf_elf SYSTEM PUBLIC "${include_dir}")
  target_include_directories(
    tinybpf_elf PRIVATE "${TINYBPF_CMAKE_DIR}/shims/libelf" "${source_dir}/libelf"
                        "${source_dir}/lib")
  target_compile_definitions(tinybpf_elf PRIVATE HAVE_CONFIG_H _GNU_SOURCE)
  target_link_libraries(tinybpf_elf PRIVATE tinybpf::z)
  set_target_properties(
    tinybpf_elf PROPERTIES OUTPUT_NAME elf C_STANDARD 11 C_VISIBILITY_PRESET hidden
                           POSITION_INDEPENDENT_CODE "${TINYBPF_PIC}")
endfunction()
