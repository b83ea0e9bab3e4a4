# SPDX-License-Identifier: MIT
# licenses.cmake - gathers into one folder the licences of all that is inside an
# artifact, from the unpacked sources, with our own and how to relink.

# Files of each dependency, named by its name in deps.lock.
set(TINYBPF_LICENSES_z LICENSE)
set(TINYBPF_LICENSES_elf COPYING COPYING-GPLV2 COPYING-LGPLV3)
set(TINYBPF_LICENSES_bpf LICENSE LICENSE.BSD-2-Clause LICENSE.LGPL-2.1)
set(TINYBPF_LICENSES_ffi LICENSE)
set(TINYBPF_LICENSES_musl COPYRIGHT)
set(TINYBPF_LICENSES_tz LICENSE)
set(TINYBPF_LICENSES_python LICENSE Doc/license.rst Modules/expat/COPYING)

# Names that people know them by.
set(TINYBPF_TITLE_z zlib)
set(TINYBPF_TITLE_elf elfutils)
set(TINYBPF_TITLE_bpf libbpf)
set(TINYBPF_TITLE_ffi libffi)
set(TINYBPF_TITLE_musl musl)
set(TINYBPF_TITLE_python cpython)
set(TINYBPF_TITLE_tz tzdata)

# Fill `dir` for the dependencies in ARGN: <title>/<file>, THIRD-PARTY (the list of
# parts), RELINKING.md, LICENSE.
function(tinybpf_licenses dir)
  set(text "tinybpf ${TINYBPF_VERSION} (MIT, see LICENSE) contains:\n\n")
  foreach(name IN LISTS ARGN)
    string(TOUPPER "${name}" upper)
    tinybpf_lock(${name})
    set(title "${TINYBPF_TITLE_${name}}")
    string(APPEND text "${title} ${TINYBPF_${upper}_VERSION}: ${LOCK_LICENCE}\n"
           "    source: ${LOCK_URL}\n")
    foreach(file IN LISTS TINYBPF_LICENSES_${name})
      configure_file("${TINYBPF_${upper}_DIR}/${file}" "${dir}/${title}/${file}" COPYONLY)
    endforeach()
  endforeach()
  string(APPEND text "\nThe text of each is in the folder of its name.\n")
  file(CONFIGURE OUTPUT "${dir}/THIRD-PARTY" CONTENT "${text}")
  configure_file("${CMAKE_CURRENT_SOURCE_DIR}/LICENSE" "${dir}/LICENSE" COPYONLY)
  configure_file("${TINYBPF_CMAKE_DIR}/licenses/RELINKING.md" "${dir}/RELINKING.md"
                 COPYONLY)
  set(TINYBPF_LICENSES_DIR "${dir}" PARENT_SCOPE)
endfunction()
