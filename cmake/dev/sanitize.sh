# SPDX-License-Identifier: MIT
# sanitize.sh - the part of ./dev that runs tests under clang's sanitizers: a wheel whose
# extension, with libbpf, libelf and zlib, is compiled for them (cmake/sanitize.cmake), in
# a CPython that is given their runtime before all else.
# shellcheck shell=sh disable=SC2154 # variables of dev

# Folders of the kernel suite that read what others wrote; they fit into 6 minutes.
sanitized_part='tests/kernel/btf tests/kernel/object tests/kernel/value tests/kernel/view
    tests/kernel/stream tests/kernel/process'

# sanitized_wheel PRESET: leave it in build/PRESET-wheel.
make_sanitized_wheel() {
    cd "$root"
    rm -rf "$build/$1-wheel"
    "$venv/bin/python" -m pip wheel . -v --no-build-isolation --no-deps \
        -w "$build/$1-wheel" -C cmake.args="--preset=$1" -C build-dir="build/$1" \
        -C install.strip=false
}

# The newest CPython that the wheel's tests run on.
newest_python() {
    for version in 3.13 3.12 3.11 3.10 3.9; do
        found=$(find_python $version)
        [ -z "$found" ] || break
    done
    [ -n "$found" ] || die "there is no CPython to test with"
}

# What measures memory cannot be measured here: freed blocks stay for a while, so that
# whoever still uses them is found.
not_sanitized='not grows_nothing'

# Memory of Python's own is the C library's, so that each object is watched. Leaks are
# not told: an interpreter keeps much until its end, and the suite has its own watch. A
# handler of SIGSEGV of ours or Python's comes before the runtime's.
under_address() {
    env LD_PRELOAD="$(clang-22 -print-file-name=libclang_rt.asan-$arch.so)" \
        PYTHONMALLOC=malloc UBSAN_OPTIONS=print_stacktrace=1 \
        ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:allow_user_segv_handler=1 \
        "$@"
}

sanitize_address() {
    newest_python
    step "building the sanitized wheel" make_sanitized_wheel sanitize
    TINYBPF_WHEEL=$(echo "$build"/sanitize-wheel/*.whl)
    step "environment of $found" make_test_environment "$found" "$build/venv-sanitize"
    [ $# -gt 0 ] || set -- tests/kernel
    # shellcheck disable=SC2086 # a list
    [ "$1" != --part ] || { shift && set -- $sanitized_part "$@"; }
    part sanitize under_address "$build/venv-sanitize/bin/pytest" -k "$not_sanitized" "$@"
}

# sanitize [--part] [PYTEST ARGS]
command_sanitize() {
    # shellcheck disable=SC2086 # a list
    need $to_test
    mounts
    environment
    runner all
    test_variables
    cd "$root"
    failed=no summary='' selective=no
    sanitize_address "$@"
    printf '\n%s' "$summary"
    [ "$failed" = no ]
}
