# SPDX-License-Identifier: MIT
# configure.cmake - the one way in which CPython is configured, for the daily
# build (daily.cmake), the profile (profile.cmake) and the release.

include_guard(GLOBAL)
include("${CMAKE_CURRENT_LIST_DIR}/../musl.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/cross.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/modules.cmake")

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

# Configure in <work>/build, against zlib and libffi in `prefix`. `opt`: the compiler's
# flags; the rest is more arguments of configure. The sources are reached by a path that
# is the same in every cache: with link-time optimisation it decides names and orders.
function(tinybpf_python_configure work prefix opt)
  set(cc "${TINYBPF_SYSROOT}/bin/musl-cc")
  list(TRANSFORM TINYBPF_PYTHON_LEFT_OUT REPLACE "(.+)" "py_cv_module_\\1=n/a"
       OUTPUT_VARIABLE left_out)
  tinybpf_python_cross(cross_settings cross_options)
  set(map "-ffile-prefix-map=${TINYBPF_PYTHON_DIR}/= -ffile-prefix-map=../source/=")
  file(MAKE_DIRECTORY "${work}")
  file(CREATE_LINK "${TINYBPF_PYTHON_DIR}" "${work}/source" SYMBOLIC)
  tinybpf_run("${work}/build" "${CMAKE_COMMAND}" -E env
    MODULE_BUILDTYPE=static DYNLOADFILE=dynload_stub.o PKG_CONFIG=/bin/false
    "CC=${cc}" "CPP=${cc} -E" CXX=false AR=${TINYBPF_LLVM_AR}
    RANLIB=${TINYBPF_LLVM_RANLIB} READELF=${TINYBPF_LLVM_READELF}
    LLVM_PROFDATA=${TINYBPF_LLVM_PROFDATA}
    "LIBFFI_CFLAGS=-I${prefix}/include" "LIBFFI_LIBS=-L${prefix}/lib -lffi"
    "ZLIB_CFLAGS=-I${prefix}/include" "ZLIB_LIBS=-L${prefix}/lib -lz"
    "OPT=-DNDEBUG ${opt} -ffunction-sections -fdata-sections ${map}"
    LDFLAGS=-Wl,--gc-sections
    ac_cv_func_dlopen=no ac_cv_thread_stack_size=4194304 ${left_out}
    # else time.strftime() goes by wide characters, each field through mbstowcs
    ac_cv_func_wcsftime=no
    ${cross_settings}
    ../source/configure --prefix=/tinybpf --disable-shared
    --without-ensurepip --disable-test-modules --without-remote-debug
    --with-tail-call-interp ${cross_options} ${ARGN})
  tinybpf_python_stack("${work}/build/pyconfig.h" 4194304)
  file(CREATE_LINK Setup.stdlib "${work}/build/Modules/Setup.local" SYMBOLIC)
endfunction()
