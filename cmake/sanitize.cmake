# SPDX-License-Identifier: MIT
# sanitize.cmake - everything compiled with clang's sanitizers, which end the process at
# what they find: "address" (with undefined behaviour) and "thread" for the extension,
# "fuzz" (address, and the coverage that libFuzzer follows) for programs.
#
# Others' code breaks some rules of C in ways that no compiler minds: libbpf reads words
# where they lie, counts with pointers to nothing and copies nothing from there, shifts
# into the sign. There those rules are left out; our own code has to keep all of them
# (TINYBPF_ALL_RULES).

set_property(CACHE TINYBPF_SANITIZE PROPERTY STRINGS address thread fuzz)
set(flags -g -fno-omit-frame-pointer -fno-sanitize-recover=all)
if(TINYBPF_SANITIZE STREQUAL "thread") # whose runtime is the interpreter's own
  list(APPEND flags -fsanitize=thread
       "-fsanitize-ignorelist=${CMAKE_CURRENT_LIST_DIR}/races.txt")
else()
  list(APPEND flags -fsanitize=address,undefined
       -fno-sanitize=alignment,pointer-overflow,null,object-size)
  list(APPEND flags -fno-sanitize=shift-base,function,nonnull-attribute)
  set(TINYBPF_ALL_RULES -fsanitize=undefined -fno-sanitize=function
                        -fno-sanitize-recover=all)
endif()
if(TINYBPF_SANITIZE STREQUAL "fuzz")
  list(APPEND flags -fsanitize=fuzzer-no-link)
elseif(TINYBPF_SANITIZE STREQUAL "address")
  list(APPEND flags -shared-libsan)
endif()
add_compile_options(${flags})
add_link_options(${flags} -fuse-ld=lld-22)
