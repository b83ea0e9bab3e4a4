# SPDX-License-Identifier: MIT
# apt-index.cmake - a private state of apt below the cache, with the source index
# of every suite of the machine's mirrors: which versions of a source package are listed.

include_guard(GLOBAL)

# Run a program of apt in a state of its own below the cache.
function(tinybpf_private_apt program out_text out_failed)
  set(dir "${TINYBPF_CACHE}/apt")
  execute_process(
    COMMAND ${program} -q=2 -o Dir::Etc::SourceList=${dir}/sources.list
            -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists=${dir}/lists
            -o Dir::State::status=${dir}/status -o Dir::Cache=${dir}/cache
            -o APT::Sandbox::User=root -o Acquire::Retries=0
            -o Acquire::Languages=none ${ARGN}
    WORKING_DIRECTORY "${dir}/files"
    RESULT_VARIABLE failed OUTPUT_VARIABLE text ERROR_QUIET)
  set(${out_text} "${text}" PARENT_SCOPE)
  set(${out_failed} "${failed}" PARENT_SCOPE)
endfunction()

# Start the private apt state: source lists of every suite of the mirrors.
function(tinybpf_apt_update)
  set(dir "${TINYBPF_CACHE}/apt")
  tinybpf_mirrors(uris)
  list(FILTER uris EXCLUDE REGEX "security")
  set(text "")
  foreach(uri IN LISTS uris)
    foreach(suite IN ITEMS bookworm trixie forky sid)
      string(APPEND text "deb-src [signed-by=${TINYBPF_APT_KEYS}] ${uri} ${suite} main\n")
    endforeach()
  endforeach()
  file(WRITE "${dir}/sources.list" "${text}")
  file(TOUCH "${dir}/status")
  file(MAKE_DIRECTORY "${dir}/lists/partial" "${dir}/cache/archives/partial"
       "${dir}/files")
  tinybpf_private_apt("${TINYBPF_APT_GET}" text failed update)
endfunction()

# The versions of a source package that lie on one line, the newest first, each as
# "<upstream version>=<Debian version>".
function(tinybpf_apt_versions package line out_versions)
  tinybpf_private_apt(apt-cache text failed showsrc --only-source ${package})
  string(REGEX MATCHALL "\nVersion: [^\n]+" versions "\n${text}")
  string(REPLACE "." "\\." line "${line}")
  set(found "")
  foreach(version IN LISTS versions)
    string(REGEX REPLACE "^\nVersion: " "" version "${version}")
    if(version MATCHES "^([0-9]+:)?(.*really)?(${line}\\.[0-9.]*[0-9])([-+~].*)?$")
      list(APPEND found "${CMAKE_MATCH_3}=${version}")
    endif()
  endforeach()
  list(REMOVE_DUPLICATES found)
  list(SORT found COMPARE NATURAL ORDER DESCENDING)
  set(${out_versions} "${found}" PARENT_SCOPE)
endfunction()
