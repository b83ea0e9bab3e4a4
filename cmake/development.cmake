# SPDX-License-Identifier: MIT
# development.cmake - what daily work needs beside the runner: the BPF objects of
# tests and examples, the programs that tests and bench use.

include(bpf)

# tests/bpf/*.bpf.c, and one target bpf-<folder> for each example, so that ./dev run
# compiles no more than it needs. Objects of examples lie beside their sources, those
# for another architecture in the build tree.
set(examples_dir "${CMAKE_SOURCE_DIR}/examples")
if(NOT TINYBPF_ARCH STREQUAL TINYBPF_HOST_ARCH)
  set(examples_dir "${CMAKE_BINARY_DIR}/examples")
endif()
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
  file(MAKE_DIRECTORY "${examples_dir}/${name}")
  tinybpf_bpf_objects(bpf-${name} "${examples_dir}/${name}" ${sources_of_${name}})
endforeach()

# Programs of the tests: static, so that both forms can call them anywhere.
file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/leak/*.c"
     "${CMAKE_SOURCE_DIR}/tests/probed/*.c")
foreach(source IN LISTS sources)
  get_filename_component(name "${source}" NAME_WE)
  add_executable(${name} "${source}")
  target_link_libraries(${name} PRIVATE tinybpf::bpf)
  tinybpf_own_code(${name})
endforeach()
set(versions "${CMAKE_SOURCE_DIR}/tests/probed/versioned.map")
set_target_properties(versioned PROPERTIES LINK_DEPENDS "${versions}")
target_compile_options(versioned PRIVATE -fPIC)
target_link_options(versioned PRIVATE -shared -nostdlib
                    "LINKER:--version-script=${versions}")

# The runner's memory functions, called one by one.
tinybpf_memory_functions("${TINYBPF_TREE}/runner" memory)
add_executable(memory-check "${TINYBPF_TREE}/tests/runner/mem/check.c"
               "${TINYBPF_TREE}/runner/cpu.c" ${memory})
target_include_directories(memory-check PRIVATE "${TINYBPF_TREE}/runner")
target_compile_options(memory-check PRIVATE -fno-builtin)
target_compile_definitions(memory-check PRIVATE _GNU_SOURCE)
tinybpf_own_code(memory-check)

# The rings of the core, over pages of any size.
set(core "${TINYBPF_TREE}/tinybpf/core")
add_executable(check_ring "${TINYBPF_TREE}/tests/fuzz/check_ring.c"
               "${core}/stream/ring.c" "${core}/stream/perf_ring.c")
target_compile_options(check_ring PRIVATE "SHELL:-iquote ${core}")
target_compile_definitions(check_ring PRIVATE _GNU_SOURCE)
target_link_libraries(check_ring PRIVATE tinybpf::bpf)
tinybpf_own_code(check_ring)

include(bench)
tinybpf_bench("${CMAKE_SOURCE_DIR}/tests/bench")
