# SPDX-License-Identifier: MIT
# zlib.cmake - the static library tinybpf::z from zlib's own sources.
#
# All of zlib in fifteen C files and no configure step: what it would look for
# (unistd.h, stdarg.h, hidden visibility) is there on every Linux.

function(tinybpf_zlib source_dir)
  set(files adler32 compress crc32 deflate gzclose gzlib gzread gzwrite infback
            inffast inflate inftrees trees uncompr zutil)
  list(TRANSFORM files PREPEND "${source_dir}/")
  list(TRANSFORM files APPEND ".c")
  add_library(tinybpf_z STATIC ${files})
  add_library(tinybpf::z ALIAS tinybpf_z)
  target_compile_options(tinybpf_z PRIVATE -w -ffunction-sections -fdata-sections)
  target_include_directories(tinybpf_z SYSTEM PUBLIC "${source_dir}")
  target_compile_definitions(tinybpf_z PRIVATE HAVE_UNISTD_H=1 HAVE_STDARG_H=1
                                               HAVE_HIDDEN=1 _LARGEFILE64_SOURCE=1)
  set_target_properties(tinybpf_z PROPERTIES OUTPUT_NAME z C_VISIBILITY_PRESET hidden
                                             POSITION_INDEPENDENT_CODE "${TINYBPF_PIC}")
endfunction()
