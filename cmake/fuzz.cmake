# SPDX-License-Identifier: MIT
# fuzz.cmake - the programs of tests/fuzz for libFuzzer (preset `fuzz`), for this machine:
# our pure C, libbpf, libelf and zlib, under sanitizers (cmake/sanitize.cmake).
#
# Those of pure C see no interpreter; `python` and `linker` are the core in one.

find_package(Python 3.9 REQUIRED COMPONENTS Interpreter Development.Embed)
set(tests "${TINYBPF_TREE}/tests/fuzz")
set(core "${TINYBPF_TREE}/tinybpf/core")

# What is pure, and of some more files what is pure in them.
set(pure base/text.c btf/candidates.c btf/check.c btf/ext.c btf/find.c btf/gate.c
         btf/layout.c btf/mapdef.c btf/mark.c btf/table.c btf/unfold.c column/arrow.c
         column/arrow_schema.c column/batch.c column/convert.c column/flat.c column/ipc.c
         column/plan.c column/scatter.c elf/bounds.c elf/check.c elf/image.c elf/probes.c
         elf/ranges.c elf/rust.c elf/rust_parser.c elf/rust_v0.c elf/symbols.c
         base/nearest.c object/arena.c stream/perf_ring.c stream/ring.c value/bits.c
         system/foreign.c system/kallsyms.c system/mappings.c system/perf_map.c)
list(TRANSFORM pure PREPEND "${core}/")
add_library(fuzz_pure STATIC ${pure} "${tests}/input.c" "${tests}/watch.c"
                             "${tests}/mutate_btf.c" "${tests}/mutate_object.c")
target_include_directories(fuzz_pure SYSTEM PRIVATE ${Python_INCLUDE_DIRS})
target_compile_options(fuzz_pure PUBLIC "SHELL:-iquote ${core}")
target_compile_definitions(fuzz_pure PUBLIC _GNU_SOURCE)
target_link_libraries(fuzz_pure PUBLIC tinybpf::bpf)
tinybpf_own_code(fuzz_pure)

# tinybpf_fuzz(name [SOURCES...]): one program, of <name>.c and more.
function(tinybpf_fuzz name)
  list(TRANSFORM ARGN PREPEND "${tests}/")
  add_executable(fuzz-${name} "${tests}/${name}.c" ${ARGN})
  set_target_properties(fuzz-${name} PROPERTIES OUTPUT_NAME ${name})
  target_include_directories(fuzz-${name} SYSTEM PRIVATE ${Python_INCLUDE_DIRS})
  target_link_libraries(fuzz-${name} PRIVATE fuzz_pure)
  tinybpf_own_code(fuzz-${name})
  target_link_options(fuzz-${name} PRIVATE -fsanitize=fuzzer LINKER:--gc-sections)
endfunction()

tinybpf_fuzz(btf mutate.c)
tinybpf_fuzz(layout mutate.c)
tinybpf_fuzz(ring)
tinybpf_fuzz(symbols)
tinybpf_fuzz(bundle ../../runner/bundle.c)
target_include_directories(fuzz-bundle PRIVATE "${TINYBPF_TREE}/runner")
target_link_libraries(fuzz-bundle PRIVATE tinybpf::z)
tinybpf_fuzz(object mutate.c kernel.c)
foreach(call IN ITEMS syscall feat_supported btf__load_vmlinux_btf fopen gzopen unlink
                      mkdir statfs)
  target_link_options(fuzz-object PRIVATE LINKER:--wrap=${call})
endforeach()

# All of the core over the interpreter's library.
tinybpf_core(Python::Python "${Python_EXECUTABLE}")
foreach(name IN ITEMS python linker)
  tinybpf_fuzz(${name} mutate.c interpreter.c)
  target_compile_definitions(fuzz-${name} PRIVATE "FUZZ_TESTS=\"${tests}\"")
  target_link_libraries(fuzz-${name} PRIVATE tinybpf_core Python::Python)
endforeach()
