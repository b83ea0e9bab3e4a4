# SPDX-License-Identifier: MIT
# apt-source.cmake - the last resort of tarball.cmake: the newest version of the
# locked line that `apt-get source` can bring, checked by apt's own signatures.
#
# The index lists versions whose files are gone, so several are tried. What was taken
# is noted in <name>.other, so that the next build does not ask again; it is said
# aloud each time.

include_guard(GLOBAL)
include("${CMAKE_CURRENT_LIST_DIR}/apt-index.cmake")

# Bring the first of VERSIONS (ARGN) whose file is there and may be taken, and note it.
# A file of the locked version that is not the locked file may not.
function(tinybpf_apt_take name note)
  tinybpf_lock(${name})
  foreach(pair IN LISTS ARGN)
    string(REGEX MATCH "^([^=]+)=(.*)$" pair "${pair}")
    set(version "${CMAKE_MATCH_1}")
    file(REMOVE_RECURSE "${TINYBPF_CACHE}/apt/files")
    file(MAKE_DIRECTORY "${TINYBPF_CACHE}/apt/files")
    tinybpf_private_apt("${TINYBPF_APT_GET}" text failed source --download-only
                        --tar-only ${LOCK_SOURCE}=${CMAKE_MATCH_2})
    file(GLOB file "${TINYBPF_CACHE}/apt/files/*.orig.tar.*[a-z2]")
    if(NOT failed AND file)
      file(SHA256 "${file}" sum)
      get_filename_component(file_name "${file}" NAME)
      if(NOT version STREQUAL LOCK_VERSION OR sum STREQUAL LOCK_POOL_SHA256)
        file(RENAME "${file}" "${TINYBPF_CACHE}/sources/${file_name}")
        file(WRITE "${note}" "${version};${file_name}")
        break()
      endif()
      message(NOTICE "tinybpf: refused apt's ${file_name}: not the locked sha256")
    endif()
  endforeach()
  file(REMOVE_RECURSE "${TINYBPF_CACHE}/apt/files")
endfunction()

# As tinybpf_fetch; stops the build if nothing of the line is to be had.
function(tinybpf_from_apt_source name out_file out_version)
  tinybpf_lock(${name})
  set(note "${TINYBPF_CACHE}/sources/${name}-${LOCK_VERSION}.other")
  set(versions "")
  if(NOT EXISTS "${note}" AND TINYBPF_APT_GET)
    string(REGEX REPLACE "\\.[0-9]+$" "" line "${LOCK_VERSION}")
    tinybpf_apt_update()
    tinybpf_apt_versions(${LOCK_SOURCE} ${line} versions)
    tinybpf_apt_take(${name} "${note}" ${versions})
  endif()
  if(NOT EXISTS "${note}")
    message(FATAL_ERROR "no source of ${LOCK_SOURCE} ${LOCK_VERSION} could be had: put "
            "its tarball into a folder and set TINYBPF_SOURCES to it (tried also: "
            "${LOCK_URL}, the Debian mirror's ${LOCK_POOL}, other versions: ${versions})")
  endif()
  file(READ "${note}" taken)
  list(POP_FRONT taken version)
  if(NOT version STREQUAL LOCK_VERSION)
    message(NOTICE "tinybpf: ${name} ${LOCK_VERSION} could not be had, "
            "TAKEN INSTEAD: ${version}")
  endif()
  set(${out_file} "${TINYBPF_CACHE}/sources/${taken}" PARENT_SCOPE)
  set(${out_version} "${version}" PARENT_SCOPE)
endfunction()
