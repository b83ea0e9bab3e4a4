# SPDX-License-Identifier: MIT
# profile.cmake - what the release build knows about how Python is used: the
# file code.profclangd in a folder of the cache, made by an instrumented CPython that
# runs runner/train.py.
#
# TINYBPF_PROFILE (a variable or the environment's) hands one in instead: the profile
# counts functions and branches of the source, so that every architecture and machine
# takes the same one, and the same bytes come out.

include_guard(GLOBAL)
include("${CMAKE_CURRENT_LIST_DIR}/configure.cmake")
if(NOT DEFINED TINYBPF_PROFILE AND DEFINED ENV{TINYBPF_PROFILE})
  set(TINYBPF_PROFILE "$ENV{TINYBPF_PROFILE}")
endif()

# The malloc that the runner will have is trained with the rest.
function(tinybpf_profile_shims work out_objects)
  set(runner "${TINYBPF_CMAKE_DIR}/../runner")
  set(objects "")
  file(GLOB files "${runner}/mem/*.c")
  foreach(file IN ITEMS "${runner}/memory.c" "${runner}/cpu.c" ${files}
                        "${TINYBPF_CMAKE_DIR}/shims/profile/fortify.c")
    get_filename_component(name "${file}" NAME_WE)
    list(APPEND objects "${work}/${name}.o")
    tinybpf_run("${work}" "${TINYBPF_SYSROOT}/bin/musl-cc" -O2 -D_GNU_SOURCE
                -fno-builtin "-I${runner}" -c "${file}" -o "${work}/${name}.o")
  endforeach()
  list(JOIN objects " " objects)
  set(${out_objects} "${objects}" PARENT_SCOPE)
endfunction()

# Set TINYBPF_PROFILE in the caller, making the file if it has to be, on this machine's
# architecture. The caller has called tinybpf_source() for python, z and ffi.
function(tinybpf_profile)
  if(TINYBPF_PROFILE)
    return()
  endif()
  set(TINYBPF_ARCH "${TINYBPF_HOST_ARCH}")
  tinybpf_musl()
  tinybpf_recipes(recipes python/profile python/configure python/modules python/cross)
  tinybpf_key(key "${TINYBPF_MUSL_ID}" "${TINYBPF_PYTHON_ID}" "${TINYBPF_Z_ID}"
              "${TINYBPF_FFI_ID}" "${recipes}" "@${TINYBPF_CMAKE_DIR}/../runner/train.py")
  set(dir "${TINYBPF_CACHE}/profile-${TINYBPF_PYTHON_VERSION}-${key}")
  if(NOT EXISTS "${dir}")
    message(STATUS "training the profile of CPython ${TINYBPF_PYTHON_VERSION}")
    tinybpf_workdir("${dir}" work)
    tinybpf_python_needs("${work}" "${work}/prefix")
    tinybpf_python_configure("${work}" "${work}/prefix" -O2 --enable-optimizations)
    tinybpf_profile_shims("${work}" objects)
    tinybpf_run("${work}/build" make -s -j${TINYBPF_JOBS} profile-run-stamp
                "LIBS=${objects} -lm"
                "PROFILE_TASK=${TINYBPF_CMAKE_DIR}/../runner/train.py")
    file(COPY "${work}/build/code.profclangd" DESTINATION "${work}/product")
    tinybpf_publish("${work}" "${work}/product" "${dir}")
  endif()
  set(TINYBPF_PROFILE "${dir}/code.profclangd" PARENT_SCOPE)
endfunction()
