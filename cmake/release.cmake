# SPDX-License-Identifier: MIT
# release.cmake - what the preset `release` adds to every target: link-time optimisation
# with CPython's bitcode, which was compiled with the profile, and line tables.

include(python-release)
tinybpf_python_release()
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
