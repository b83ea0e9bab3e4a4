# SPDX-License-Identifier: MIT
# unpack.cmake - a dependency's source tree in the cache, ready to be compiled:
# fetched, unpacked, patched by cmake/patches/<name>-*.patch.
#
# A patch says in its head what it changes, why, and what that brings; one that no longer
# fits its source ends the build.
#
# The tree's name carries the hash of the tarball and of the patches, so a tree that
# exists is right; it is renamed into place when it is complete.

include_guard(GLOBAL)
include("${CMAKE_CURRENT_LIST_DIR}/fetch/tarball.cmake")

# Set <PREFIX>_DIR, <PREFIX>_VERSION and <PREFIX>_ID (what decides the tree, for the
# keys of what is built from it), PREFIX being TINYBPF_<NAME>.
function(tinybpf_source name)
  tinybpf_fetch(${name} file version)
  file(GLOB patches "${TINYBPF_CMAKE_DIR}/patches/${name}-*.patch")
  list(TRANSFORM patches PREPEND "@" OUTPUT_VARIABLE parts)
  tinybpf_key(key "@${file}" ${parts})
  set(dir "${TINYBPF_CACHE}/sources/${name}-${version}-${key}")
  if(NOT EXISTS "${dir}")
    string(RANDOM LENGTH 8 tag)
    set(tmp "${dir}.${tag}.part")
    file(ARCHIVE_EXTRACT INPUT "${file}" DESTINATION "${tmp}")
    file(GLOB top "${tmp}/*")
    foreach(patch IN LISTS patches)
      message(STATUS "${name}: applying ${patch}")
      execute_process(COMMAND patch -p1 -s --fuzz=0 -i "${patch}"
                      WORKING_DIRECTORY "${top}" COMMAND_ERROR_IS_FATAL ANY)
    endforeach()
    list(LENGTH top n)
    if(n GREATER 1) # a tarball without a folder of its own
      set(top "${tmp}")
    endif()
    file(RENAME "${top}" "${dir}" RESULT raced)
    file(REMOVE_RECURSE "${tmp}")
  endif()
  string(TOUPPER "${name}" upper)
  set(TINYBPF_${upper}_DIR "${dir}" PARENT_SCOPE)
  set(TINYBPF_${upper}_VERSION "${version}" PARENT_SCOPE)
  set(TINYBPF_${upper}_ID "${key}" PARENT_SCOPE)
endfunction()
