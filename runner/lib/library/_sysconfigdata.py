# SPDX-License-Identifier: MIT
"""What sysconfig tells of this Python's build.

CPython generates a file of this kind full of the paths and flags of the build machine.
None of them mean anything where the executable runs: this is what remains.
"""

import sys

_SHORT = f"{sys.version_info[0]}.{sys.version_info[1]}"

# system configuration generated and used by the sysconfig module
build_time_vars = {
    "CC": "",
    "CFLAGS": "",
    "EXT_SUFFIX": "",
    "HAVE_DYNAMIC_LOADING": 0,
    "LDFLAGS": "",
    "LDLIBRARY": "",
    "LIBDIR": "",
    "LIBRARY": "",
    "MULTIARCH": sys.implementation._multiarch,
    "Py_DEBUG": 0,
    "Py_ENABLE_SHARED": 0,
    "Py_GIL_DISABLED": 0,
    "SHLIB_SUFFIX": ".so",
    "SOABI": f"{sys.implementation.cache_tag}-{sys.implementation._multiarch}",
    "TZPATH": ("/usr/share/zoneinfo:/usr/lib/zoneinfo:/usr/share/lib/zoneinfo:/etc/zoneinfo"),
    "VERSION": _SHORT,
    "WITH_DOC_STRINGS": 1,
    "WITH_MIMALLOC": 1,
    "abiflags": "",
    "base": sys.base_prefix,
    "exec_prefix": sys.base_exec_prefix,
    "installed_base": sys.base_prefix,
    "installed_platbase": sys.base_exec_prefix,
    "platlibdir": sys.platlibdir,
    "prefix": sys.base_prefix,
    "py_version_short": _SHORT,
}
