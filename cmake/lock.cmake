# SPDX-License-Identifier: MIT
# lock.cmake - reads deps.lock and names the places of the cache. Works in a
# project and in script mode.
#
# TINYBPF_CACHE    where downloads and built dependencies live between builds
# TINYBPF_SOURCES  a folder of tarballs that is looked into before anything else

include_guard(GLOBAL)
include("${CMAKE_CURRENT_LIST_DIR}/arch.cmake")
set(TINYBPF_CMAKE_DIR "${CMAKE_CURRENT_LIST_DIR}")

foreach(setting IN ITEMS TINYBPF_CACHE TINYBPF_SOURCES)
  if(NOT DEFINED ${setting} AND DEFINED ENV{${setting}})
    set(${setting} "$ENV{${setting}}")
  endif()
endforeach()
if(NOT TINYBPF_CACHE)
  if(DEFINED ENV{XDG_CACHE_HOME} AND NOT "$ENV{XDG_CACHE_HOME}" STREQUAL "")
    set(TINYBPF_CACHE "$ENV{XDG_CACHE_HOME}/tinybpf")
  else()
    set(TINYBPF_CACHE "$ENV{HOME}/.cache/tinybpf")
  endif()
endif()

# Set LOCK_VERSION, LOCK_LICENCE, LOCK_URL, LOCK_URL_SHA256, LOCK_SOURCE,
# LOCK_POOL, LOCK_POOL_SHA256 for one name, in the caller.
function(tinybpf_lock name)
  file(STRINGS "${TINYBPF_CMAKE_DIR}/deps.lock" lines REGEX "^${name} \\|")
  list(LENGTH lines n)
  if(NOT n EQUAL 1)
    message(FATAL_ERROR "deps.lock has ${n} lines for '${name}', not one")
  endif()
  string(REPLACE " | " ";" columns "${lines}")
  set(keys name VERSION LICENCE URL URL_SHA256 SOURCE POOL POOL_SHA256)
  foreach(key value IN ZIP_LISTS keys columns)
    set(LOCK_${key} "${value}" PARENT_SCOPE)
  endforeach()
endfunction()

# The first twelve digits of the hash of all arguments and of the contents of the
# files that they name with a leading "@".
function(tinybpf_key out_key)
  set(text "")
  foreach(part IN LISTS ARGN)
    if(part MATCHES "^@(.*)$")
      file(SHA256 "${CMAKE_MATCH_1}" part)
    endif()
    string(APPEND text "${part}\n")
  endforeach()
  string(SHA256 hash "${text}")
  string(SUBSTRING "${hash}" 0 12 hash)
  set(${out_key} "${hash}" PARENT_SCOPE)
endfunction()

# The hash of what the recipes in ARGN do (names below cmake/, without .cmake), a part of
# a key. Comments and includes do not count: explaining a recipe, or moving what it
# includes, rebuilds nothing.
function(tinybpf_recipes out_hash)
  set(all "")
  foreach(recipe IN LISTS ARGN)
    file(READ "${TINYBPF_CMAKE_DIR}/${recipe}.cmake" text)
    string(REGEX REPLACE "(^|\n)( *#|include\\()[^\n]*" "" text "${text}")
    string(APPEND all "${text}\n")
  endforeach()
  string(SHA256 hash "${all}")
  set(${out_hash} "${hash}" PARENT_SCOPE)
endfunction()
