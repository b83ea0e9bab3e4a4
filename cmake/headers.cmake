# SPDX-License-Identifier: MIT
# headers.cmake - libbpf's headers for BPF programs, and our own, as a Python module,
# tinybpf/_headers.py: what `python -m tinybpf headers` writes, the same in both forms.

# With the licences that they come under.
set(TINYBPF_HEADER_FILES
    src/bpf_core_read.h src/bpf_endian.h src/bpf_helper_defs.h src/bpf_helpers.h
    src/bpf_tracing.h src/usdt.bpf.h
    LICENSE LICENSE.BSD-2-Clause LICENSE.LGPL-2.1)

# Write the module from the sources of libbpf; TINYBPF_HEADERS_MODULE is where it is.
function(tinybpf_headers source_dir)
  set(text "\"\"\"Headers and licences by name; written by headers.cmake.\"\"\"\n")
  string(APPEND text "\nFILES = {\n")
  set(own "${CMAKE_SOURCE_DIR}/tinybpf/include/tinybpf.bpf.h")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${own}")
  list(TRANSFORM TINYBPF_HEADER_FILES PREPEND "${source_dir}/" OUTPUT_VARIABLE files)
  foreach(file IN LISTS files own)
    file(READ "${file}" content)
    get_filename_component(name "${file}" NAME)
    string(REPLACE "\\" "\\\\" content "${content}")
    string(REPLACE "\"" "\\\"" content "${content}")
    string(APPEND text "    \"${name}\": \"\"\"${content}\"\"\",\n")
  endforeach()
  set(module "${CMAKE_CURRENT_BINARY_DIR}/headers/_headers.py")
  file(WRITE "${module}.new" "${text}}\n")
  file(COPY_FILE "${module}.new" "${module}" ONLY_IF_DIFFERENT)
  set(TINYBPF_HEADERS_MODULE "${module}" PARENT_SCOPE)
endfunction()
