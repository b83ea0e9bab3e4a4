# SPDX-License-Identifier: MIT
# module.cmake - the extension of the wheel, tinybpf/_core.abi3.so: the core and all it
# is made of in one file that exports PyInit__core and needs the C library only.

find_package(Python 3.9 REQUIRED COMPONENTS Interpreter Development.Module)
add_library(tinybpf_python INTERFACE)
target_include_directories(tinybpf_python SYSTEM INTERFACE ${Python_INCLUDE_DIRS})
# Debian's pyconfig.h includes <ARCH-linux-gnu/python3.X/pyconfig.h> of /usr/include,
# which zig does not look into. This machine's serves for all: what the limited API
# takes from it is the same wherever a long has 64 bits.
get_filename_component(name "${Python_INCLUDE_DIRS}" NAME)
set(multiarch "/usr/include/${CMAKE_HOST_SYSTEM_PROCESSOR}-linux-gnu/${name}")
if(EXISTS "${multiarch}")
  set(dir "${CMAKE_CURRENT_BINARY_DIR}/python/${CMAKE_SYSTEM_PROCESSOR}-linux-gnu")
  file(MAKE_DIRECTORY "${dir}")
  file(CREATE_LINK "${multiarch}" "${dir}/${name}" SYMBOLIC)
  target_include_directories(tinybpf_python SYSTEM INTERFACE
                             "${CMAKE_CURRENT_BINARY_DIR}/python")
endif()
tinybpf_core(tinybpf_python "${Python_EXECUTABLE}")

set(exports "${CMAKE_CURRENT_BINARY_DIR}/exports.map")
file(WRITE "${exports}" "{ global: PyInit__core; local: *; };\n")
add_library(_core MODULE)
target_link_libraries(_core PRIVATE tinybpf_core)
target_link_options(
  _core PRIVATE "LINKER:--version-script=${exports}"
                "LINKER:--gc-sections" "LINKER:-z,relro" "LINKER:-z,now"
                "$<$<NOT:$<BOOL:${TINYBPF_SANITIZE}>>:LINKER:--strip-all>")
set_target_properties(_core PROPERTIES PREFIX "" SUFFIX ".abi3.so"
                                       LINK_DEPENDS "${exports}")

install(TARGETS _core LIBRARY DESTINATION tinybpf)
install(FILES "${TINYBPF_HEADERS_MODULE}" DESTINATION tinybpf)
install(DIRECTORY "${TINYBPF_LICENSES_DIR}/" DESTINATION "${SKBUILD_METADATA_DIR}/licenses")
