# SPDX-License-Identifier: MIT
# cross.cmake - CPython for another architecture: the CPython of this machine
# does what the new one would do for its own build, and freezes the runner's library.

include_guard(GLOBAL)

# What configure cannot find out without running what it compiles, and takes to be
# worse than it is.
set(TINYBPF_PYTHON_ANSWERS
    ac_cv_file__dev_ptmx=yes ac_cv_file__dev_ptc=no ac_cv_buggy_getaddrinfo=no
    ac_cv_aligned_required=no ac_cv_broken_sem_getvalue=no ac_cv_computed_gotos=yes
    ac_cv_working_tzset=yes ac_cv_pthread_system_supported=yes
    ac_cv_ffi_complex_double_supported=yes)

# tinybpf_python() for this machine: TINYBPF_HOST_PYTHON is its prefix. It also sets
# TINYBPF_PYTHON_VERSION.
function(tinybpf_host_python)
  set(TINYBPF_ARCH "${TINYBPF_HOST_ARCH}")
  tinybpf_python()
  set(TINYBPF_HOST_PYTHON "${TINYBPF_PYTHON_PREFIX}" PARENT_SCOPE)
  set(TINYBPF_PYTHON_VERSION "${TINYBPF_PYTHON_VERSION}" PARENT_SCOPE)
endfunction()

# Set out_settings and out_options to what configure must be told for another
# architecture: nothing for this machine's own.
function(tinybpf_python_cross out_settings out_options)
  set(${out_settings} "" PARENT_SCOPE)
  set(${out_options} "" PARENT_SCOPE)
  if(NOT TINYBPF_ARCH STREQUAL TINYBPF_HOST_ARCH)
    tinybpf_host_python()
    set(${out_settings} ${TINYBPF_PYTHON_ANSWERS} PARENT_SCOPE)
    set(${out_options} --host=${TINYBPF_ARCH}-linux-musl
        --build=${TINYBPF_HOST_ARCH}-pc-linux-gnu
        "--with-build-python=${TINYBPF_HOST_PYTHON}/bin/python3.14" PARENT_SCOPE)
  endif()
endfunction()

# Say in `pyconfig` what configure says only where it runs what it compiles: the stack
# that the linker gives a thread (runner/stack.c).
function(tinybpf_python_stack pyconfig size)
  file(READ "${pyconfig}" text)
  set(unset "/* #undef _Py_LINKER_THREAD_STACK_SIZE */")
  string(REPLACE "${unset}" "#define _Py_LINKER_THREAD_STACK_SIZE ${size}" text "${text}")
  if(NOT text MATCHES "#define _Py_LINKER_THREAD_STACK_SIZE ${size}\n")
    message(FATAL_ERROR "${pyconfig} says nothing of _Py_LINKER_THREAD_STACK_SIZE")
  endif()
  file(WRITE "${pyconfig}" "${text}")
endfunction()
