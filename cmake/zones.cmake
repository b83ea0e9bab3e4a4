# SPDX-License-Identifier: MIT
# zones.cmake - the time zones inside the runner: IANA's database as a Python module,
# compiled by runner/zones.py.

include_guard(GLOBAL)
include("${CMAKE_CURRENT_LIST_DIR}/unpack.cmake")

# Set out_module to the generated module.
function(tinybpf_zones source_dir output_dir out_module)
  tinybpf_source(tz)
  set(module "${output_dir}/_tbpy_zones.py")
  add_custom_command(
    OUTPUT "${module}"
    COMMAND "${TINYBPF_PYTHON_EXE}" -I -B "${source_dir}/zones.py" "${TINYBPF_TZ_DIR}"
            "${module}"
    DEPENDS "${source_dir}/zones.py" "${TINYBPF_TZ_DIR}/version"
    COMMENT "Compiling time zones"
    VERBATIM)
  set(${out_module} "${module}" PARENT_SCOPE)
endfunction()
