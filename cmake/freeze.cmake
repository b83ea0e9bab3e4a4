# SPDX-License-Identifier: MIT
# freeze.cmake - the Python that the runner carries, as tables for its compiler:
# runner/freeze.py, run by the CPython that was built, over the standard library, the
# runner's own modules and the tinybpf package.
#
# Wants TINYBPF_PYTHON_EXE, TINYBPF_PYTHON_LIB, TINYBPF_PYTHON_DIR (CPython's sources),
# TINYBPF_LICENSES_DIR (a folder of licence texts) and TINYBPF_HEADERS_MODULE.

include_guard(GLOBAL)
include("${CMAKE_CURRENT_LIST_DIR}/unicode.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/zones.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/patterns.cmake")

# Set out_files to the generated sources, which are made in `output_dir`.
function(tinybpf_freeze source_dir package_dir output_dir out_files)
  file(GLOB_RECURSE inputs CONFIGURE_DEPENDS "${package_dir}/*.py"
       "${source_dir}/lib/*.py" "${TINYBPF_LICENSES_DIR}/*")
  tinybpf_zones("${source_dir}" "${output_dir}" zones)
  tinybpf_patterns("${source_dir}" "${output_dir}" patterns)
  tinybpf_unicode("${source_dir}" "${output_dir}" tables sources)
  set(programs freeze.py squeeze.py quick.py solid.py stdlib.toml edits.toml)
  list(TRANSFORM programs PREPEND "${source_dir}/")
  add_custom_command(
    OUTPUT "${output_dir}/table.c" "${output_dir}/blob.S" "${output_dir}/blob.bin"
    # Nothing of the caller's environment reaches the code that is compiled. Columns of
    # the library's lines would be a fifth of it; tracebacks show carets in scripts.
    COMMAND "${CMAKE_COMMAND}" -E env --unset=PYTHONPATH --unset=PYTHONHOME
            PYTHONHASHSEED=0 "${TINYBPF_PYTHON_EXE}" -E -s -B -X
            no_debug_ranges "${source_dir}/freeze.py"
            --list "${source_dir}/stdlib.toml" --edits "${source_dir}/edits.toml"
            --library "${TINYBPF_PYTHON_LIB}" --own "${source_dir}/lib" --package
            "${package_dir}" --headers "${TINYBPF_HEADERS_MODULE}" --zones
            "${zones}" --patterns "${patterns}" --tables ${tables}
            --licenses "${TINYBPF_LICENSES_DIR}"
            --platform "${TINYBPF_ARCH}-linux-musl" --output "${output_dir}"
    DEPENDS ${programs} ${inputs} "${TINYBPF_HEADERS_MODULE}" "${zones}"
            "${patterns}" ${tables} "${TINYBPF_PYTHON_EXE}"
    COMMENT "Freezing the standard library"
    VERBATIM)
  set(stable_abi "${TINYBPF_PYTHON_DIR}/Misc/stable_abi.toml")
  add_custom_command(
    OUTPUT "${output_dir}/capi.def"
    COMMAND "${TINYBPF_PYTHON_EXE}" -I -B "${source_dir}/capi.py" "${stable_abi}"
            "${output_dir}/capi.def"
    DEPENDS "${source_dir}/capi.py" "${stable_abi}"
    COMMENT "Listing the C API"
    VERBATIM)
  set_source_files_properties("${output_dir}/blob.S" PROPERTIES OBJECT_DEPENDS
                              "${output_dir}/blob.bin")
  set(${out_files} "${output_dir}/table.c" "${output_dir}/blob.S"
                   "${output_dir}/capi.def" ${sources} PARENT_SCOPE)
endfunction()
