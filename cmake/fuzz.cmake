# SPDX-License-Identifier: MIT
# fuzz.cmake - the target `fuzz`: the programs of tests/fuzz for libFuzzer, with our pure
# C and libbpf's BTF code under AddressSanitizer, for this machine in <build>/fuzz.
# What libbpf needs of the kernel and of libelf is never reached, and left unresolved.

function(tinybpf_fuzz source_dir)
  set(dir "${CMAKE_BINARY_DIR}/fuzz")
  set(core "${CMAKE_SOURCE_DIR}/tinybpf/core")
  set(pure "${core}/btf/layout.c" "${core}/value/bits.c" "${core}/btf/check.c"
           "${core}/btf/table.c" "${core}/btf/unfold.c" "${core}/base/text.c")
  set(includes ${TINYBPF_BPF_INCLUDES} "${TINYBPF_BPF_DIR}/src"
               "${TINYBPF_BPF_DIR}/include" "${CMAKE_BINARY_DIR}/elf/include")
  list(TRANSFORM includes PREPEND "-I")
  foreach(name IN ITEMS btf hashmap strset libbpf_utils btf_iter)
    list(APPEND of_libbpf "${TINYBPF_BPF_DIR}/src/${name}.c")
  endforeach()
  file(MAKE_DIRECTORY "${dir}")
  file(GLOB programs CONFIGURE_DEPENDS "${source_dir}/*.c")
  foreach(source IN LISTS programs)
    get_filename_component(name "${source}" NAME_WE)
    add_custom_command(
      OUTPUT "${dir}/${name}"
      COMMAND
        clang-22 -O1 -g -w -D_GNU_SOURCE -fsanitize=fuzzer,address,undefined
        -fno-sanitize=alignment,pointer-overflow -fno-sanitize-recover=undefined
        -ffunction-sections -iquote "${core}" ${includes} "${source}" ${pure} ${of_libbpf} -o
        "${dir}/${name}" -fuse-ld=lld-22 -no-pie
        -Wl,--gc-sections -Wl,--unresolved-symbols=ignore-all
      DEPENDS "${source}" ${pure} VERBATIM)
    list(APPEND outputs "${dir}/${name}")
  endforeach()
  add_custom_target(fuzz DEPENDS ${outputs})
endfunction()
