# SPDX-License-Identifier: MIT
# arch.cmake - the architecture to build for (TINYBPF_ARCH), the one to build on
# (TINYBPF_HOST_ARCH), and where Debian puts what a build for another one needs.

include_guard(GLOBAL)
cmake_host_system_information(RESULT TINYBPF_HOST_ARCH QUERY OS_PLATFORM)
if(NOT TINYBPF_ARCH AND DEFINED ENV{TINYBPF_ARCH})
  set(TINYBPF_ARCH "$ENV{TINYBPF_ARCH}")
endif()
if(NOT TINYBPF_ARCH)
  set(TINYBPF_ARCH "${TINYBPF_HOST_ARCH}")
endif()

# The folders of the kernel's UAPI headers: one has linux/ and asm-generic/, the other
# asm/. Of the package linux-libc-dev, or linux-libc-dev-<arch>-cross.
function(tinybpf_uapi_dirs out_common out_asm)
  set(common "/usr/include")
  set(asm "/usr/include/${TINYBPF_ARCH}-linux-gnu")
  if(NOT TINYBPF_ARCH STREQUAL TINYBPF_HOST_ARCH)
    set(common "/usr/${TINYBPF_ARCH}-linux-gnu/include")
    set(asm "${common}")
  endif()
  set(${out_common} "${common}" PARENT_SCOPE)
  set(${out_asm} "${asm}" PARENT_SCOPE)
endfunction()

# What the compiler's own code calls: compiler-rt, which Debian has for the machine
# itself, or libgcc of libgcc-<n>-dev-<arch>-cross. out_library is the latter's path.
function(tinybpf_runtime out_flags out_library)
  set(flags "-rtlib=compiler-rt")
  set(library "")
  if(NOT TINYBPF_ARCH STREQUAL TINYBPF_HOST_ARCH)
    file(GLOB found "/usr/lib/gcc-cross/${TINYBPF_ARCH}-linux-gnu/*/libgcc.a")
    list(SORT found COMPARE NATURAL ORDER DESCENDING)
    list(POP_FRONT found library)
    if(NOT library)
      message(FATAL_ERROR "no libgcc for ${TINYBPF_ARCH} here: install a package "
              "libgcc-<n>-dev-<arch>-cross of Debian")
    endif()
    get_filename_component(dir "${library}" DIRECTORY)
    set(flags "-rtlib=libgcc -B${dir} -L${dir}")
  endif()
  set(${out_flags} "${flags}" PARENT_SCOPE)
  set(${out_library} "${library}" PARENT_SCOPE)
endfunction()
