# SPDX-License-Identifier: MIT
# prebuilt.cmake - script mode: fill the cache with dependencies that another machine
# built and packed (./dev pack), so that they need not be built here.
#
#   cmake -DURL=ADDRESS [-DTINYBPF_CACHE=DIR] -P cmake/prebuilt.cmake
#
# The names in the cache are keys of what a folder was made from: what is not of this
# tree's lock table and recipes lies there unused. That there is no such file is no error.

cmake_minimum_required(VERSION 3.25)
include("${CMAKE_CURRENT_LIST_DIR}/lock.cmake")

set(work "${TINYBPF_CACHE}/prebuilt.part")
file(REMOVE_RECURSE "${work}")
file(DOWNLOAD "${URL}" "${work}/packed" INACTIVITY_TIMEOUT 60 TLS_VERIFY ON STATUS status)
if(NOT status MATCHES "^0;")
  message(NOTICE "tinybpf: nothing prebuilt is at ${URL}: ${status}")
else()
  file(ARCHIVE_EXTRACT INPUT "${work}/packed" DESTINATION "${work}/root")
  file(GLOB found RELATIVE "${work}/root" "${work}/root/*" "${work}/root/sources/*")
  list(REMOVE_ITEM found sources)
  file(MAKE_DIRECTORY "${TINYBPF_CACHE}/sources")
  foreach(name IN LISTS found)
    if(NOT EXISTS "${TINYBPF_CACHE}/${name}")
      message(STATUS "taking ${name}")
      file(RENAME "${work}/root/${name}" "${TINYBPF_CACHE}/${name}")
    endif()
  endforeach()
endif()
file(REMOVE_RECURSE "${work}")
