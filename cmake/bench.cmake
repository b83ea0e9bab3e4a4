# SPDX-License-Identifier: MIT
# bench.cmake - the target `bench`: the yardsticks of tests/bench, C programs on our
# own libbpf and BPF objects, side by side in <build>/bench.

function(tinybpf_bench source_dir)
  set(dir "${CMAKE_BINARY_DIR}/bench")
  file(MAKE_DIRECTORY "${dir}")

  file(GLOB objects CONFIGURE_DEPENDS "${source_dir}/*.bpf.c")
  tinybpf_bpf_objects(bpf-bench "${dir}" ${objects})
  add_custom_target(bench DEPENDS bpf-bench)

  file(GLOB programs CONFIGURE_DEPENDS "${source_dir}/*.c")
  list(REMOVE_ITEM programs ${objects})
  foreach(source IN LISTS programs)
    get_filename_component(name "${source}" NAME_WE)
    add_executable(bench-${name} EXCLUDE_FROM_ALL "${source}")
    target_link_libraries(bench-${name} PRIVATE tinybpf::bpf)
    tinybpf_own_code(bench-${name})
    set_target_properties(bench-${name} PROPERTIES OUTPUT_NAME ${name}
                                                   RUNTIME_OUTPUT_DIRECTORY "${dir}")
    add_dependencies(bench bench-${name})
  endforeach()
endfunction()
