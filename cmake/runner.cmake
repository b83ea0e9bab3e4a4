# SPDX-License-Identifier: MIT
# runner.cmake - the executable tinybpf-run: runner/*.c, the frozen library, CPython
# and tinybpf's core, one static ELF. Target: runner; the stripped executable is
# <build>/tinybpf-run; debuggers find <build>/tinybpf-run.debug beside it or by build id.
#
# Wants tinybpf::python, core.cmake's targets and functions, TINYBPF_VERSION and what
# freeze.cmake wants.

include_guard(GLOBAL)
include("${CMAKE_CURRENT_LIST_DIR}/freeze.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/unpack.cmake")

# One line "name version" for each thing that is inside, as a C string.
function(tinybpf_runner_versions out_text)
  set(text "")
  foreach(pair IN ITEMS libbpf=bpf libelf=elf zlib=z libffi=ffi musl=musl zones=tz)
    string(REGEX MATCH "(.+)=(.+)" pair "${pair}")
    set(title "${CMAKE_MATCH_1}")
    set(name "${CMAKE_MATCH_2}")
    string(TOUPPER "${name}" upper)
    if(NOT DEFINED TINYBPF_${upper}_VERSION)
      tinybpf_source(${name})
    endif()
    string(APPEND text "${title} ${TINYBPF_${upper}_VERSION}\\n")
  endforeach()
  set(${out_text} "${text}" PARENT_SCOPE)
endfunction()

# The sources of memcpy and the like, whose loops must not become calls of memcpy.
function(tinybpf_memory_functions source_dir out_sources)
  file(GLOB sources CONFIGURE_DEPENDS "${source_dir}/mem/*.c")
  set_source_files_properties(${sources} PROPERTIES COMPILE_OPTIONS
                              "-fno-builtin;-fno-lto")
  set(${out_sources} ${sources} PARENT_SCOPE)
endfunction()

function(tinybpf_runner source_dir package_dir)
  if(NOT DEFINED TINYBPF_PYTHON_DIR)
    tinybpf_source(python)
  endif()
  set(generated "${CMAKE_CURRENT_BINARY_DIR}/frozen")
  tinybpf_freeze("${source_dir}" "${package_dir}" "${generated}" frozen_files)
  tinybpf_runner_versions(versions)
  file(GLOB sources CONFIGURE_DEPENDS "${source_dir}/*.c")
  tinybpf_memory_functions("${source_dir}" memory)

  add_executable(tinybpf-run-full ${sources} ${memory} ${frozen_files})
  target_include_directories(tinybpf-run-full PRIVATE "${source_dir}" "${generated}")
  target_compile_definitions(
    tinybpf-run-full PRIVATE _GNU_SOURCE "TINYBPF_VERSION=\"${TINYBPF_VERSION}\""
                              "TBR_VERSIONS=\"${versions}\"")
  tinybpf_own_code(tinybpf-run-full)
  set_source_files_properties("${source_dir}/dlsym.c" PROPERTIES OBJECT_DEPENDS
                              "${generated}/capi.def;${source_dir}/symbols.def")
  target_link_libraries(tinybpf-run-full PRIVATE tinybpf_core tinybpf::python)
  # sha.c, ending.c, and importers.c, stack.c, collector.c, localhost.c, config.c say why.
  set(wrapped SHA1_update SHA1_update_multi SHA2_update_256 SHA2_sha256_update_nblocks
              SHA2_sha256_update_last SHA2_digest_256)
  list(TRANSFORM wrapped PREPEND _Py_LibHacl_Hacl_Hash_)
  list(APPEND wrapped _PyExc_Fini _PySys_FiniTypes _PyTypes_Fini _PyTypes_FiniExtTypes
       _PyTypes_FiniTypes _PyUnicode_ClearInterned _PyGC_ClearAllFreeLists getaddrinfo
       _PyImport_InitExternal pthread_attr_setstacksize Py_GetCompiler)
  list(TRANSFORM wrapped PREPEND -Wl,--wrap=)
  target_link_options(tinybpf-run-full PRIVATE -static ${wrapped}
    -Wl,--gc-sections,-O2,--build-id=sha1,-z,stack-size=4194304)
  set_target_properties(tinybpf-run-full PROPERTIES OUTPUT_NAME tinybpf-run.full
                                                    POSITION_INDEPENDENT_CODE OFF)

  set(product "${CMAKE_CURRENT_BINARY_DIR}/tinybpf-run")
  set(full "$<TARGET_FILE:tinybpf-run-full>")
  add_custom_command(
    OUTPUT "${product}" "${product}.debug"
    COMMAND "${CMAKE_OBJCOPY}" --only-keep-debug "${full}" "${product}.debug"
    COMMAND "${CMAKE_OBJCOPY}" --strip-all "--add-gnu-debuglink=${product}.debug"
            "${full}" "${product}"
    DEPENDS tinybpf-run-full
    COMMENT "Stripping tinybpf-run"
    VERBATIM)
  add_custom_target(runner ALL DEPENDS "${product}")
endfunction()
