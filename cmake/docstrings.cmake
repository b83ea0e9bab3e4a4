# SPDX-License-Identifier: MIT
# docstrings.cmake - the method tables of the core with the whole docstrings of the
# stubs (cmake/docs/fill.py), so that help() shows in both forms what editors show.

# Replace in the list of C files `out_files`, which are below tinybpf/core, those that
# have tables by their filled copies. `python`: an interpreter that runs here.
function(tinybpf_docstrings python out_files)
  set(core "${TINYBPF_TREE}/tinybpf/core")
  set(output "${CMAKE_CURRENT_BINARY_DIR}/docstrings/core")
  set(fill "${TINYBPF_CMAKE_DIR}/docs/fill.py")
  file(GLOB stubs CONFIGURE_DEPENDS "${TINYBPF_TREE}/tinybpf/_core.pyi"
       "${TINYBPF_TREE}/tinybpf/_reference/*.pyi")
  foreach(file IN LISTS ${out_files})
    file(STRINGS "${file}" tables REGEX "PyMethodDef [a-z_]+\\[\\] = {" LIMIT_COUNT 1)
    if(tables)
      file(RELATIVE_PATH name "${core}" "${file}")
      list(REMOVE_ITEM ${out_files} "${file}")
      list(APPEND ${out_files} "${output}/${name}")
      list(APPEND names "${name}")
      list(APPEND sources "${file}")
      list(APPEND copies "${output}/${name}")
    endif()
  endforeach()
  add_custom_command(
    OUTPUT ${copies}
    COMMAND "${python}" -I -B "${fill}" --core "${core}" --output "${output}" ${names} --
            ${stubs}
    DEPENDS "${fill}" ${sources} ${stubs}
    COMMENT "Filling in docstrings" VERBATIM)
  set(${out_files} "${${out_files}}" PARENT_SCOPE)
endfunction()
