# SPDX-License-Identifier: MIT
# python.cmake - the runner's CPython: a folder of the cache laid out as a prefix, with
# a static python3.14, libpython3.14.a and the archives it wants, headers, library.
#
# The key hashes CPython's, zlib's and libffi's sources and patches, the recipes, the
# compiler and musl's key.

include_guard(GLOBAL)
include("${CMAKE_CURRENT_LIST_DIR}/musl.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/python-install.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/python-modules.cmake")

# zlib and libffi for CPython's configure, into `prefix`.
function(tinybpf_python_needs work prefix)
  tinybpf_run("${work}/static" "${CMAKE_COMMAND}" -G Ninja
    -S "${TINYBPF_CMAKE_DIR}/static" -DCMAKE_BUILD_TYPE=Release
    "-DCMAKE_C_FLAGS_RELEASE=-O2 -DNDEBUG -ffile-prefix-map=${TINYBPF_CACHE}/sources/="
    "-DCMAKE_TOOLCHAIN_FILE=${TINYBPF_CMAKE_DIR}/toolchain-musl.cmake"
    "-DCMAKE_INSTALL_PREFIX=${prefix}" "-DTINYBPF_CACHE=${TINYBPF_CACHE}"
    "-DTINYBPF_SOURCES=${TINYBPF_SOURCES}" "-DTINYBPF_ARCH=${TINYBPF_ARCH}"
    "-DTINYBPF_Z_DIR=${TINYBPF_Z_DIR}" "-DTINYBPF_FFI_DIR=${TINYBPF_FFI_DIR}"
    "-DTINYBPF_FFI_VERSION=${TINYBPF_FFI_VERSION}")
  tinybpf_run("${work}/static" ninja --quiet install)
endfunction()

function(tinybpf_python_make work prefix)
  set(cc "${TINYBPF_SYSROOT}/bin/musl-cc")
  set(map "-ffile-prefix-map=${TINYBPF_PYTHON_DIR}/=")
  list(TRANSFORM TINYBPF_PYTHON_LEFT_OUT REPLACE "(.+)" "py_cv_module_\\1=n/a"
       OUTPUT_VARIABLE left_out)
  tinybpf_run("${work}/build" "${CMAKE_COMMAND}" -E env
    MODULE_BUILDTYPE=static DYNLOADFILE=dynload_stub.o PKG_CONFIG=/bin/false
    "CC=${cc}" "CPP=${cc} -E" CXX=false AR=${TINYBPF_LLVM_AR}
    RANLIB=${TINYBPF_LLVM_RANLIB} READELF=${TINYBPF_LLVM_READELF}
    "LIBFFI_CFLAGS=-I${prefix}/include" "LIBFFI_LIBS=-L${prefix}/lib -lffi"
    "ZLIB_CFLAGS=-I${prefix}/include" "ZLIB_LIBS=-L${prefix}/lib -lz"
    "OPT=-DNDEBUG -O2 -ffunction-sections -fdata-sections ${map}"
    LDFLAGS=-Wl,--gc-sections
    ac_cv_func_dlopen=no ac_cv_thread_stack_size=4194304 ${left_out}
    "${TINYBPF_PYTHON_DIR}/configure" --prefix=/tinybpf --disable-shared
    --without-ensurepip --disable-test-modules --without-remote-debug
    --with-tail-call-interp)
  file(CREATE_LINK Setup.stdlib "${work}/build/Modules/Setup.local" SYMBOLIC)
  tinybpf_run("${work}/build" make -s -j${TINYBPF_JOBS} libpython3.14.a python)
endfunction()

# Make sure that the folder exists: set TINYBPF_PYTHON_PREFIX, TINYBPF_PYTHON_VERSION
# and TINYBPF_PYTHON_ID (the key) in the caller.
function(tinybpf_python)
  tinybpf_musl()
  foreach(name IN ITEMS python z ffi)
    tinybpf_source(${name})
  endforeach()
  tinybpf_key(key "${TINYBPF_MUSL_ID}" "${TINYBPF_PYTHON_ID}" "${TINYBPF_Z_ID}"
              "${TINYBPF_FFI_ID}" "@${TINYBPF_CMAKE_DIR}/python.cmake"
              "@${TINYBPF_CMAKE_DIR}/python-install.cmake"
              "@${TINYBPF_CMAKE_DIR}/python-modules.cmake"
              "@${TINYBPF_CMAKE_DIR}/zlib.cmake" "@${TINYBPF_CMAKE_DIR}/libffi.cmake"
              "@${TINYBPF_CMAKE_DIR}/shims/libffi/fficonfig.h")
  set(dir "${TINYBPF_CACHE}/python-${TINYBPF_PYTHON_VERSION}-${key}")
  if(NOT EXISTS "${dir}")
    message(STATUS "building CPython ${TINYBPF_PYTHON_VERSION}")
    tinybpf_workdir("${dir}" work)
    tinybpf_python_needs("${work}" "${work}/prefix")
    tinybpf_python_make("${work}" "${work}/prefix")
    tinybpf_python_install("${TINYBPF_PYTHON_DIR}" "${work}/build" "${work}/prefix")
    tinybpf_publish("${work}" "${work}/prefix" "${dir}")
  endif()
  set(TINYBPF_PYTHON_PREFIX "${dir}" PARENT_SCOPE)
  set(TINYBPF_PYTHON_VERSION "${TINYBPF_PYTHON_VERSION}" PARENT_SCOPE)
  set(TINYBPF_PYTHON_ID "${key}" PARENT_SCOPE)
  set(TINYBPF_SYSROOT "${TINYBPF_SYSROOT}" PARENT_SCOPE)
endfunction()
