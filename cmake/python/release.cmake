# SPDX-License-Identifier: MIT
# release.cmake - the CPython of the release build: libpython3.14.a as bitcode
# for ThinLTO, compiled with the profile; a folder of the cache with lib and include.
#
# No executable is linked here: the daily build's python (daily.cmake) freezes modules
# for it, and the one link of bitcode is that of tinybpf-run.

include_guard(GLOBAL)
include("${CMAKE_CURRENT_LIST_DIR}/daily.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/profile.cmake")

# For CPython and for our own code alike. Line tables, less the rest of the debugging
# information: they symbolise crashes and profiles at a tenth of the size. Nothing
# throws or unwinds in the executable: its unwind tables go to .debug_frame. What the
# profile calls cold is not inlined.
set(TINYBPF_INLINING -inline-cold-callsite-threshold=5 -inlinecold-threshold=5)
list(TRANSFORM TINYBPF_INLINING PREPEND "-mllvm " OUTPUT_VARIABLE inlining)
list(JOIN inlining " " inlining)
set(TINYBPF_RELEASE_FLAGS
    "-O2 -flto=thin -gline-tables-only -ffile-compilation-dir=. \
-fno-asynchronous-unwind-tables -fno-unwind-tables ${inlining}")

# Parser and compiler of Python: training is full of them, scripts are not, and what is
# inlined for it would be half a megabyte.
set(TINYBPF_PYTHON_SMALL
    Parser/action_helpers Parser/parser Parser/pegen Parser/pegen_errors
    Parser/string_parser Python/Python-ast Python/assemble Python/ast
    Python/ast_preprocess Python/ast_unparse Python/codegen Python/compile
    Python/flowgraph Python/initconfig Python/instruction_sequence Python/symtable)

# Make sure that the folder exists: set what tinybpf_host_python() sets, TINYBPF_SYSROOT,
# TINYBPF_PYTHON_RELEASE (the folder) and TINYBPF_PROFILE in the caller.
function(tinybpf_python_release)
  tinybpf_host_python()
  foreach(name IN ITEMS python z ffi)
    tinybpf_source(${name})
  endforeach()
  tinybpf_musl()
  tinybpf_profile()
  file(REAL_PATH "${TINYBPF_PROFILE}" profile)
  string(REGEX MATCH "[0-9a-f]+$" daily "${TINYBPF_HOST_PYTHON}")
  tinybpf_recipes(recipes python/release)
  tinybpf_key(key "${daily}" "${TINYBPF_MUSL_ID}" "@${profile}" "${TINYBPF_RELEASE_FLAGS}"
              "${recipes}")
  set(dir "${TINYBPF_CACHE}/python-release-${TINYBPF_PYTHON_VERSION}-${key}")
  if(NOT EXISTS "${dir}")
    message(STATUS "building CPython ${TINYBPF_PYTHON_VERSION} for the release, ${TINYBPF_ARCH}")
    tinybpf_workdir("${dir}" work)
    tinybpf_python_needs("${work}" "${work}/prefix")
    set(map "-ffile-prefix-map=${work}/= -ffile-prefix-map=${TINYBPF_SYSROOT}/=musl/")
    tinybpf_python_configure("${work}" "${work}/prefix"
      "${TINYBPF_RELEASE_FLAGS} ${map} -fprofile-instr-use=${profile}"
      "--with-build-python=${TINYBPF_HOST_PYTHON}/bin/python3.14")
    list(TRANSFORM TINYBPF_PYTHON_SMALL APPEND ".o" OUTPUT_VARIABLE small)
    list(JOIN small " " small)
    file(APPEND "${work}/build/Makefile" "\n${small}: OPT += -Os\n")
    # Else make links two programs of all the bitcode, only to freeze modules.
    set(freeze "${TINYBPF_HOST_PYTHON}/bin/python3.14 ../source/Programs/_freeze_module.py")
    set(freeze "FREEZE_MODULE_BOOTSTRAP=${freeze}" FREEZE_MODULE_BOOTSTRAP_DEPS=
               "FREEZE_MODULE=${freeze}" FREEZE_MODULE_DEPS=)
    # The date in sys.version: that of CPython's release, not of this build.
    file(TIMESTAMP "${TINYBPF_PYTHON_DIR}/Include/patchlevel.h" date "%s" UTC)
    tinybpf_run("${work}/build" "${CMAKE_COMMAND}" -E env SOURCE_DATE_EPOCH=${date}
                make -s -j${TINYBPF_JOBS} libpython3.14.a ${freeze})
    tinybpf_python_install_archives("${TINYBPF_PYTHON_DIR}" "${work}/build"
                                    "${work}/prefix")
    tinybpf_publish("${work}" "${work}/prefix" "${dir}")
  endif()
  set(TINYBPF_HOST_PYTHON "${TINYBPF_HOST_PYTHON}" PARENT_SCOPE)
  set(TINYBPF_PYTHON_VERSION "${TINYBPF_PYTHON_VERSION}" PARENT_SCOPE)
  set(TINYBPF_PYTHON_RELEASE "${dir}" PARENT_SCOPE)
  set(TINYBPF_PROFILE "${profile}" PARENT_SCOPE)
  set(TINYBPF_SYSROOT "${TINYBPF_SYSROOT}" PARENT_SCOPE)
endfunction()
