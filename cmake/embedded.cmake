# SPDX-License-Identifier: MIT
# embedded.cmake - the runner with the core in it, over the daily CPython (preset `dev`)
# or the release's (preset `release`).

if(TINYBPF_RELEASE)
  target_compile_options(tinybpf_elf PRIVATE -Os)
  tinybpf_python_target("${TINYBPF_PYTHON_RELEASE}" "${TINYBPF_HOST_PYTHON}")
else()
  include(python/daily)
  tinybpf_python()
  tinybpf_host_python()
  tinybpf_python_target("${TINYBPF_PYTHON_PREFIX}" "${TINYBPF_HOST_PYTHON}")
endif()
foreach(name IN ITEMS ffi python musl tz)
  tinybpf_source(${name})
endforeach()
tinybpf_licenses("${CMAKE_CURRENT_BINARY_DIR}/licenses" z elf bpf ffi musl python tz)
tinybpf_core(tinybpf_python "${TINYBPF_PYTHON_EXE}")
target_compile_definitions(tinybpf_core PRIVATE TINYBPF_OWN_PYTHON) # base/abi3.h

enable_language(ASM)
include(runner)
tinybpf_runner("${TINYBPF_TREE}/runner" "${TINYBPF_TREE}/tinybpf")
