# SPDX-License-Identifier: MIT
# tarball.cmake - brings the tarball of one line of deps.lock into the cache.
#
# Places are asked in this order: the caller's folder (TINYBPF_SOURCES), the cache,
# the upstream URL, the pool of the machine's own Debian mirror, `apt-get source`.
# A file counts only with the locked sha256; it is written beside its place, checked
# and renamed, so that nothing half or wrong stays. What is refused is said aloud.
include_guard(GLOBAL)
include("${CMAKE_CURRENT_LIST_DIR}/../lock.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/debian.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/apt-source.cmake")

# Move `file` to `place` if it has one of the sha256 sums in ARGN.
function(tinybpf_accept out_ok file place from)
  set(${out_ok} FALSE PARENT_SCOPE)
  if(NOT EXISTS "${file}")
    return()
  endif()
  file(SHA256 "${file}" sum)
  if(NOT sum IN_LIST ARGN)
    message(NOTICE "tinybpf: refused ${from}: its sha256 is ${sum}, not the locked one")
    file(REMOVE "${file}")
    return()
  endif()
  file(RENAME "${file}" "${place}")
  set(${out_ok} TRUE PARENT_SCOPE)
endfunction()

# Download `url` to `file`; nothing is left after a failure. A host that does not
# answer costs ten seconds, not minutes.
function(tinybpf_download url file)
  file(DOWNLOAD "${url}" "${file}" RANGE_START 0 RANGE_END 0 TIMEOUT 10 STATUS status)
  if(status MATCHES "^0;")
    file(DOWNLOAD "${url}" "${file}" INACTIVITY_TIMEOUT 30 TLS_VERIFY ON STATUS status)
  endif()
  if(NOT status MATCHES "^0;")
    file(REMOVE "${file}")
    message(VERBOSE "not from ${url}: ${status}")
  endif()
endfunction()

# Set out_file to the tarball of `name` in the cache and out_version to its version.
function(tinybpf_fetch name out_file out_version)
  tinybpf_lock(${name})
  set(sums ${LOCK_URL_SHA256} ${LOCK_POOL_SHA256})
  list(REMOVE_ITEM sums "-")
  get_filename_component(pool_name "${LOCK_POOL}" NAME)
  get_filename_component(url_name "${LOCK_URL}" NAME)
  set(place "${TINYBPF_CACHE}/sources/${pool_name}")
  string(RANDOM LENGTH 8 tag)
  set(part "${place}.${tag}.part")
  file(MAKE_DIRECTORY "${TINYBPF_CACHE}/sources")
  set(${out_file} "${place}" PARENT_SCOPE)
  set(${out_version} "${LOCK_VERSION}" PARENT_SCOPE)

  foreach(given IN ITEMS "${pool_name}" "${url_name}")
    if(TINYBPF_SOURCES AND EXISTS "${TINYBPF_SOURCES}/${given}")
      file(COPY_FILE "${TINYBPF_SOURCES}/${given}" "${part}")
      tinybpf_accept(ok "${part}" "${place}" "${TINYBPF_SOURCES}/${given}" ${sums})
      if(ok)
        return()
      endif()
    endif()
  endforeach()
  tinybpf_accept(ok "${place}" "${place}" "${place} (removed)" ${sums})
  if(NOT ok AND NOT LOCK_URL_SHA256 STREQUAL "-")
    tinybpf_download("${LOCK_URL}" "${part}")
    tinybpf_accept(ok "${part}" "${place}" "${LOCK_URL}" ${LOCK_URL_SHA256})
  endif()
  if(NOT ok)
    tinybpf_from_pool("${LOCK_POOL}" "${LOCK_POOL_SHA256}" "${part}")
    tinybpf_accept(ok "${part}" "${place}" "${LOCK_POOL} of the mirror"
                   ${LOCK_POOL_SHA256})
  endif()
  if(NOT ok)
    tinybpf_from_apt_source(${name} file version)
    set(${out_file} "${file}" PARENT_SCOPE)
    set(${out_version} "${version}" PARENT_SCOPE)
  endif()
endfunction()
