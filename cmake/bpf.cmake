# SPDX-License-Identifier: MIT
# bpf.cmake - compiles <name>.bpf.c to <name>.bpf.o for the kernel: CO-RE objects with
# BTF, from the UAPI headers and libbpf's own, independent of the build host's kernel.

include_guard(GLOBAL)
include("${CMAKE_CURRENT_LIST_DIR}/arch.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/llvm.cmake")

# The compiler's flags; TINYBPF_BPF_INCLUDES (cmake/libbpf.cmake) comes first.
function(tinybpf_bpf_flags out_flags)
  string(REPLACE "aarch64" "arm64" arch "${TINYBPF_ARCH}")
  string(REPLACE "x86_64" "x86" arch "${arch}")
  set(flags -target bpf -mcpu=v3 -O2 -g -Wall -Werror -D__TARGET_ARCH_${arch})
  foreach(include IN LISTS TINYBPF_BPF_INCLUDES)
    list(APPEND flags -isystem "${include}")
  endforeach()
  tinybpf_uapi_dirs(common asm)
  list(APPEND flags -isystem "${asm}" -isystem "${common}")
  set(${out_flags} "${flags}" PARENT_SCOPE)
endfunction()

# Compile each source in ARGN into `dir`; `target` builds them all. Headers beside a
# source (tests/bpf/trigger.h) are tracked by the compiler's own depfile.
function(tinybpf_bpf_objects target dir)
  tinybpf_bpf_flags(flags)
  set(objects "")
  foreach(source IN LISTS ARGN)
    get_filename_component(name "${source}" NAME)
    string(REGEX REPLACE "\\.c$" ".o" name "${name}")
    set(object "${dir}/${name}")
    file(RELATIVE_PATH comment "${CMAKE_SOURCE_DIR}" "${source}")
    set(depfile "${CMAKE_CURRENT_BINARY_DIR}/${target}-${name}.d")
    add_custom_command(
      OUTPUT "${object}"
      COMMAND "${TINYBPF_CLANG}" ${flags} -MD -MT "${object}" -MF "${depfile}"
              -c "${source}" -o "${object}"
      DEPENDS "${source}" DEPFILE "${depfile}"
      COMMENT "BPF ${comment}" VERBATIM)
    list(APPEND objects "${object}")
  endforeach()
  add_custom_target(${target} ALL DEPENDS ${objects})
endfunction()
