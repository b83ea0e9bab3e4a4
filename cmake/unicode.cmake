# SPDX-License-Identifier: MIT
# unicode.cmake - CPython's unicodedata without its large tables, which are squeezed with
# the library (runner/unicode.py): a copy of unicodedata.c beside headers of the same
# names as CPython's. It is linked in place of the one in libpython3.14.a.
#
# Wants TINYBPF_PYTHON_EXE, TINYBPF_PYTHON_DIR and, in a release, TINYBPF_PROFILE.

include_guard(GLOBAL)

# Set out_tables to what is squeezed, made in `output_dir`, and out_sources to what the
# executable is to be made from besides.
function(tinybpf_unicode source_dir output_dir out_tables out_sources)
  set(modules "${TINYBPF_PYTHON_DIR}/Modules")
  set(copy "${output_dir}/unicodedata.c")
  set(tables names.bin properties.bin)
  set(headers unicodename_db.h unicodedata_db.h unicode_tables.h)
  list(TRANSFORM tables PREPEND "${output_dir}/")
  list(TRANSFORM headers PREPEND "${output_dir}/")
  file(MAKE_DIRECTORY "${output_dir}")
  configure_file("${modules}/unicodedata.c" "${copy}" COPYONLY)
  add_custom_command(
    OUTPUT ${tables} ${headers}
    COMMAND "${TINYBPF_PYTHON_EXE}" -I -B "${source_dir}/unicode.py" "${modules}"
            "${output_dir}"
    DEPENDS "${source_dir}/unicode.py" "${modules}/unicodename_db.h"
            "${modules}/unicodedata_db.h"
    COMMENT "Taking out tables of Unicode"
    VERBATIM)
  # As CPython compiles it.
  set(options -w -fno-strict-overflow -iquote "${modules}" -isystem
              "${TINYBPF_PYTHON_DIR}/Include/internal")
  if(TINYBPF_PROFILE)
    list(APPEND options "-fprofile-instr-use=${TINYBPF_PROFILE}")
  endif()
  set_source_files_properties("${copy}" PROPERTIES COMPILE_OPTIONS "${options}")
  set(${out_tables} ${tables} PARENT_SCOPE)
  set(${out_sources} "${copy}" ${headers} PARENT_SCOPE)
endfunction()
