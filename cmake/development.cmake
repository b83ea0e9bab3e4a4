# SPDX-License-Identifier: MIT
# development.cmake - all that the preset `dev` builds: the runner over CPython, the
# BPF objects of tests and examples, the programs that tests and bench use.

include(python)
include(bpf)
tinybpf_python()
tinybpf_python_target("${TINYBPF_PYTHON_PREFIX}")
tinybpf_source(ffi)
tinybpf_source(python)
tinybpf_source(musl)
tinybpf_licenses("${CMAKE_CURRENT_BINARY_DIR}/licenses" z elf bpf ffi musl python)
tinybpf_core(tinybpf_python)

enable_language(ASM)
include(runner)
tinybpf_runner("${CMAKE_SOURCE_DIR}/runner" "${CMAKE_SOURCE_DIR}/tinybpf")

# tests/bpf/*.bpf.c, and one target bpf-<folder> for each example, so that ./dev run
# compiles no more than it needs.
file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/bpf/*.bpf.c")
file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/bpf")
tinybpf_bpf_objects(bpf-tests "${CMAKE_BINARY_DIR}/bpf" ${sources})
file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/examples/*/*.bpf.c")
foreach(source IN LISTS sources)
  get_filename_component(dir "${source}" DIRECTORY)
  get_filename_component(name "${dir}" NAME)
  list(APPEND sources_of_${name} "${source}")
  list(APPEND examples "${name}")
endforeach()
list(REMOVE_DUPLICATES examples)
foreach(name IN LISTS examples)
  tinybpf_bpf_objects(bpf-${name} "${CMAKE_SOURCE_DIR}/examples/${name}"
                      ${sources_of_${name}})
endforeach()

# Programs of the tests: static, so that both forms can call them anywhere.
file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/leak/*.c")
foreach(source IN LISTS sources)
  get_filename_component(name "${source}" NAME_WE)
  add_executable(${name} "${source}")
  target_link_libraries(${name} PRIVATE tinybpf::bpf)
  tinybpf_own_code(${name})
endforeach()

include(bench)
tinybpf_bench("${CMAKE_SOURCE_DIR}/tests/bench")
