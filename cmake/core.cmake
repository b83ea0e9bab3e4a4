# SPDX-License-Identifier: MIT
# core.cmake - the target tinybpf_core: all C below tinybpf/core over libbpf, as
# object files that export nothing but PyInit__core.

include("${CMAKE_CURRENT_LIST_DIR}/docstrings.cmake")

# `python`: a target that carries the include folders of Python.h; `interpreter`: a
# Python that runs here.
function(tinybpf_core python interpreter)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS "${TINYBPF_TREE}/tinybpf/core/*.c")
  tinybpf_docstrings("${interpreter}" files)
  add_library(tinybpf_core OBJECT ${files})
  target_include_directories(
    tinybpf_core SYSTEM
    PRIVATE "$<TARGET_PROPERTY:${python},INTERFACE_INCLUDE_DIRECTORIES>")
  # PUBLIC: runner/drop.c takes of the core what needs no Python
  target_compile_options(tinybpf_core PUBLIC "SHELL:-iquote ${TINYBPF_TREE}/tinybpf/core")
  target_compile_definitions(
    tinybpf_core PRIVATE _GNU_SOURCE # as Python.h says it, which need not come first
                         "TINYBPF_VERSION=\"${TINYBPF_VERSION}\""
                         "TINYBPF_LIBBPF_VERSION=\"${TINYBPF_BPF_VERSION}\"")
  target_link_libraries(tinybpf_core PUBLIC tinybpf::bpf)
  # host/kernel_btf.c says why
  target_link_options(tinybpf_core INTERFACE -Wl,--wrap=btf__load_vmlinux_btf
                                             -Wl,--wrap=btf__free)
  tinybpf_own_code(tinybpf_core)
  set_target_properties(tinybpf_core PROPERTIES POSITION_INDEPENDENT_CODE
                                                "${TINYBPF_PIC}")
endfunction()

# The rules for C that is ours: C11, hidden symbols, warnings.
function(tinybpf_own_code target)
  set_target_properties(
    ${target} PROPERTIES C_STANDARD 11 C_STANDARD_REQUIRED ON C_EXTENSIONS ON
                         C_VISIBILITY_PRESET hidden)
  target_compile_options(
    ${target} PRIVATE -Wall -Wextra -ffunction-sections -fdata-sections
                      $<$<BOOL:${TINYBPF_WERROR}>:-Werror> ${TINYBPF_ALL_RULES})
endfunction()
