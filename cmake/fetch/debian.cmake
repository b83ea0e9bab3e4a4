# SPDX-License-Identifier: MIT
# debian.cmake - the last two places of tarball.cmake, for machines that reach
# nothing but a Debian mirror: the pool by an exact path (old files stay there after
# the index forgot them) and `apt-get source` of another version of the same line.
#
# apt's own programs do it, so its proxies and transports are used; the system's apt
# configuration and state are read, never written.

include_guard(GLOBAL)
find_program(TINYBPF_APT_GET apt-get)
set(TINYBPF_APT_HELPER "/usr/lib/apt/apt-helper")
set(TINYBPF_APT_KEYS "/usr/share/keyrings/debian-archive-keyring.gpg")

# The addresses of the Debian archives that this machine is configured to use.
function(tinybpf_mirrors out_uris)
  set(uris "")
  if(TINYBPF_APT_GET)
    foreach(filter IN ITEMS "Origin: Debian" "Created-By: Packages")
      execute_process(
        COMMAND "${TINYBPF_APT_GET}" indextargets --format "$(REPO_URI)"
                "Created-By: Packages" "${filter}" OUTPUT_VARIABLE uris ERROR_QUIET)
      if(uris)
        break()
      endif()
    endforeach()
    string(REGEX MATCHALL "[^\n]+" uris "${uris}")
    list(REMOVE_DUPLICATES uris)
    list(FILTER uris INCLUDE REGEX "^(https?|file):")
  endif()
  set(${out_uris} "${uris}" PARENT_SCOPE)
endfunction()

# Download pool/<path> of the first mirror that has it to `file`.
function(tinybpf_from_pool path sha256 file)
  tinybpf_mirrors(uris)
  foreach(uri IN LISTS uris)
    execute_process(
      COMMAND "${TINYBPF_APT_HELPER}" -o APT::Sandbox::User=root
              -o Acquire::http::Timeout=15 -o Acquire::https::Timeout=15
              -o Acquire::Retries=0 download-file "${uri}pool/${path}" "${file}" "SHA256:${sha256}"
      RESULT_VARIABLE failed OUTPUT_QUIET ERROR_VARIABLE reason)
    if(NOT failed)
      return()
    elseif(reason MATCHES "Hash Sum mismatch")
      message(NOTICE "tinybpf: refused pool/${path}: it has not the locked sha256")
    endif()
    file(REMOVE "${file}" "${file}.FAILED")
  endforeach()
endfunction()
