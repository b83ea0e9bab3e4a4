# SPDX-License-Identifier: MIT
# install.cmake - what is kept of a CPython build (daily.cmake), and the target
# tinybpf::python over it.

include_guard(GLOBAL)

# Copy archives and headers of a finished build to `prefix`.
function(tinybpf_python_install_archives source_dir build_dir prefix)
  file(GLOB archives "${build_dir}/libpython*.a" "${build_dir}/Modules/*/*.a"
       "${build_dir}/Modules/*/*/*.a")
  file(COPY ${archives} DESTINATION "${prefix}/lib")
  file(COPY "${source_dir}/Include/" "${build_dir}/pyconfig.h"
       DESTINATION "${prefix}/include/python3.14")
endfunction()

# Copy library and executable, too. "make install" would compile the library three
# times and bring what nobody uses.
function(tinybpf_python_install source_dir build_dir prefix)
  tinybpf_python_install_archives("${source_dir}" "${build_dir}" "${prefix}")
  file(COPY "${source_dir}/Lib/" DESTINATION "${prefix}/lib/python3.14"
       PATTERN "__pycache__" EXCLUDE PATTERN "test" EXCLUDE PATTERN "idle_test" EXCLUDE
       PATTERN "ensurepip" EXCLUDE)
  file(MAKE_DIRECTORY "${prefix}/lib/python3.14/lib-dynload")
  file(MAKE_DIRECTORY "${prefix}/bin")
  file(COPY_FILE "${build_dir}/python" "${prefix}/bin/python3.14")
endfunction()

# tinybpf::python: include folders and all archives of `prefix`. `daily` is the prefix
# of tinybpf_host_python(): TINYBPF_PYTHON_EXE runs on the build machine, TINYBPF_PYTHON_LIB is
# the library's folder.
function(tinybpf_python_target prefix daily)
  file(GLOB archives "${prefix}/lib/*.a")
  list(FILTER archives EXCLUDE REGEX "/libz\\.a$")
  add_library(tinybpf_python INTERFACE)
  add_library(tinybpf::python ALIAS tinybpf_python)
  target_include_directories(tinybpf_python SYSTEM INTERFACE
                             "${prefix}/include/python3.14" "${prefix}/include")
  target_link_libraries(tinybpf_python INTERFACE "-Wl,--start-group" ${archives}
                        "-Wl,--end-group" tinybpf::z m)
  set(TINYBPF_PYTHON_EXE "${daily}/bin/python3.14" PARENT_SCOPE)
  set(TINYBPF_PYTHON_LIB "${daily}/lib/python3.14" PARENT_SCOPE)
endfunction()
