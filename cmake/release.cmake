# SPDX-License-Identifier: MIT
# release.cmake - what the preset `release` adds to every target: link-time optimisation
# with CPython's bitcode, which was compiled with the profile, and line tables.

include(python/release)
tinybpf_python_release()

# Sources are reached by links in the build tree, and compiled by their path from there,
# alike wherever the tree and the cache are: link-time optimisation gives a local that two
# modules share a name with a hash, which the path of its module goes into.
set(CMAKE_C_COMPILER_LAUNCHER sh "${CMAKE_CURRENT_LIST_DIR}/relative.sh"
                              "${CMAKE_BINARY_DIR}")
set(links "${CMAKE_BINARY_DIR}/from")
file(MAKE_DIRECTORY "${links}")
file(CREATE_LINK "${CMAKE_SOURCE_DIR}" "${links}/tree" SYMBOLIC)
file(CREATE_LINK "${TINYBPF_CACHE}/sources" "${links}/sources" SYMBOLIC)
set(TINYBPF_TREE "${links}/tree")
foreach(dir IN ITEMS TINYBPF_Z_DIR TINYBPF_ELF_DIR TINYBPF_BPF_DIR)
  string(REPLACE "${TINYBPF_CACHE}/sources/" "${links}/sources/" ${dir} "${${dir}}")
endforeach()
foreach(folder IN ITEMS tree sources)
  add_compile_options("-ffile-prefix-map=from/${folder}/="
                      "-ffile-prefix-map=${links}/${folder}/=")
endforeach()

separate_arguments(flags UNIX_COMMAND "${TINYBPF_RELEASE_FLAGS}")
# CMake would drop the second -mllvm.
list(REMOVE_ITEM flags -mllvm ${TINYBPF_INLINING})
list(TRANSFORM TINYBPF_INLINING PREPEND "SHELL:-mllvm " OUTPUT_VARIABLE inlining)
add_compile_options(${inlining})
add_compile_options(${flags} "-ffile-prefix-map=${TINYBPF_SYSROOT}/=musl/"
                    "-ffile-prefix-map=${TINYBPF_PYTHON_RELEASE}/=")
list(TRANSFORM TINYBPF_INLINING PREPEND "-Wl,-mllvm," OUTPUT_VARIABLE inlining)
add_link_options(${inlining} -Wl,-mllvm,-import-instr-limit=30)
# Native code of bitcode that has not changed since the last link is taken again.
add_link_options(-flto=thin -Wl,--icf=safe -Wl,--compress-debug-sections=zlib
                 "-Wl,--thinlto-cache-dir=${CMAKE_BINARY_DIR}/lto")
