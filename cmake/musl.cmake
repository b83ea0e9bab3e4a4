# SPDX-License-Identifier: MIT
# musl.cmake - the C library of the runner: a folder of the cache with musl's headers
# and libc.a, the kernel's UAPI headers, and bin/musl-cc, the compiler over them.
#
# The key hashes musl's source, this recipe, the compiler, its runtime where that is
# another package's, and the UAPI headers' version.

include_guard(GLOBAL)
include("${CMAKE_CURRENT_LIST_DIR}/llvm.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/unpack.cmake")

# Copy the kernel's headers: those of the package linux-libc-dev.
function(tinybpf_uapi include_dir)
  tinybpf_uapi_dirs(common asm)
  file(COPY "${common}/linux" "${common}/asm-generic" "${asm}/asm"
       DESTINATION "${include_dir}")
endfunction()

# Make sure that the folder exists: set TINYBPF_SYSROOT, TINYBPF_MUSL_VERSION,
# TINYBPF_MUSL_DIR (sources) and TINYBPF_MUSL_ID (the key) in the caller.
function(tinybpf_musl)
  tinybpf_source(musl)
  tinybpf_compiler_id(compiler)
  tinybpf_uapi_dirs(uapi asm)
  tinybpf_runtime(runtime libgcc)
  list(TRANSFORM libgcc PREPEND "@" OUTPUT_VARIABLE libgcc_id)
  tinybpf_key(key "${TINYBPF_MUSL_ID}" "${TINYBPF_ARCH}" "${compiler}" ${libgcc_id}
              "@${uapi}/linux/version.h" "@${TINYBPF_CMAKE_DIR}/musl.cmake"
              "@${TINYBPF_CMAKE_DIR}/musl-cc.in" "@${TINYBPF_CMAKE_DIR}/arch.cmake")
  set(dir "${TINYBPF_CACHE}/musl-${TINYBPF_MUSL_VERSION}-${key}")
  if(NOT EXISTS "${dir}")
    message(STATUS "building musl ${TINYBPF_MUSL_VERSION} for ${TINYBPF_ARCH}")
    tinybpf_workdir("${dir}" work)
    list(TRANSFORM libgcc PREPEND "LIBCC=" OUTPUT_VARIABLE libcc)
    tinybpf_run("${work}/build" "${TINYBPF_MUSL_DIR}/configure" --disable-shared
                --enable-wrapper=no --prefix=/ --target=${TINYBPF_ARCH}-linux-musl
                "CC=${TINYBPF_CLANG} --target=${TINYBPF_ARCH}-linux-musl -fno-pie"
                AR=${TINYBPF_LLVM_AR} RANLIB=${TINYBPF_LLVM_RANLIB} CFLAGS=-O2 ${libcc})
    tinybpf_run("${work}/build" make -s -j${TINYBPF_JOBS})
    tinybpf_run("${work}/build" make -s install "DESTDIR=${work}/root")
    tinybpf_uapi("${work}/root/include")
    configure_file("${TINYBPF_CMAKE_DIR}/musl-cc.in" "${work}/root/bin/musl-cc" @ONLY
                   FILE_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ
                                    GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
    tinybpf_publish("${work}" "${work}/root" "${dir}")
  endif()
  set(TINYBPF_SYSROOT "${dir}" PARENT_SCOPE)
  set(TINYBPF_MUSL_ID "${key}" PARENT_SCOPE)
  set(TINYBPF_MUSL_DIR "${TINYBPF_MUSL_DIR}" PARENT_SCOPE)
  set(TINYBPF_MUSL_VERSION "${TINYBPF_MUSL_VERSION}" PARENT_SCOPE)
endfunction()
