# SPDX-License-Identifier: MIT
# daily.cmake - the runner's CPython: a folder of the cache laid out as a prefix, with
# a static python3.14, libpython3.14.a and the archives it wants, headers, library.
#
# The key hashes CPython's, zlib's and libffi's sources and patches, the recipes, the
# compiler and musl's key.

include_guard(GLOBAL)
include("${CMAKE_CURRENT_LIST_DIR}/configure.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/install.cmake")

# Make sure that the folder exists: set TINYBPF_PYTHON_PREFIX, TINYBPF_PYTHON_VERSION
# and TINYBPF_PYTHON_ID (the key) in the caller.
function(tinybpf_python)
  tinybpf_musl()
  foreach(name IN ITEMS python z ffi)
    tinybpf_source(${name})
  endforeach()
  tinybpf_recipes(recipes python/daily python/configure python/install python/modules
                  python/cross zlib libffi)
  tinybpf_key(key "${TINYBPF_MUSL_ID}" "${TINYBPF_PYTHON_ID}" "${TINYBPF_Z_ID}"
              "${TINYBPF_FFI_ID}" "${recipes}"
              "@${TINYBPF_CMAKE_DIR}/shims/libffi/fficonfig.h")
  set(dir "${TINYBPF_CACHE}/python-${TINYBPF_PYTHON_VERSION}-${key}")
  if(NOT EXISTS "${dir}")
    message(STATUS "building CPython ${TINYBPF_PYTHON_VERSION} for ${TINYBPF_ARCH}")
    tinybpf_workdir("${dir}" work)
    tinybpf_python_needs("${work}" "${work}/prefix")
    tinybpf_python_configure("${work}" "${work}/prefix" -O2)
    tinybpf_run("${work}/build" make -s -j${TINYBPF_JOBS} libpython3.14.a python)
    tinybpf_python_install("${TINYBPF_PYTHON_DIR}" "${work}/build" "${work}/prefix")
    tinybpf_publish("${work}" "${work}/prefix" "${dir}")
  endif()
  set(TINYBPF_PYTHON_PREFIX "${dir}" PARENT_SCOPE)
  set(TINYBPF_PYTHON_VERSION "${TINYBPF_PYTHON_VERSION}" PARENT_SCOPE)
  set(TINYBPF_PYTHON_ID "${key}" PARENT_SCOPE)
  set(TINYBPF_SYSROOT "${TINYBPF_SYSROOT}" PARENT_SCOPE)
endfunction()
