# SPDX-License-Identifier: MIT
# patterns.cmake - the regular expressions of the standard library, compiled into a Python
# module by runner/patterns.py.

include_guard(GLOBAL)

# Set out_module to the generated module.
function(tinybpf_patterns source_dir output_dir out_module)
  set(module "${output_dir}/_tbpy_patterns.py")
  set(inputs "${source_dir}/patterns.py" "${source_dir}/stdlib.toml")
  add_custom_command(
    OUTPUT "${module}"
    COMMAND "${CMAKE_COMMAND}" -E make_directory "${output_dir}"
    COMMAND "${TINYBPF_PYTHON_EXE}" -I -B ${inputs} "${module}"
    DEPENDS ${inputs} "${TINYBPF_PYTHON_EXE}"
    COMMENT "Compiling regular expressions"
    VERBATIM)
  set(${out_module} "${module}" PARENT_SCOPE)
endfunction()
