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
# whoever still uses them is found, and the interpreter does not count those of malloc().
not_sanitized='not grows_nothing and not holds_few_large_values'

# Memory of Python's own is the C library's, so that each object is watched. Leaks are
# not told: an interpreter keeps much until its end, and the suite has its own watch. A
# handler of SIGSEGV of ours or Python's comes before the runtime's. Reports go to files,
# for pytest keeps what goes to standard error of a process that ends like this.
asan_options=detect_leaks=0:allocator_may_return_null=1:allow_user_segv_handler=1
under_address() {
    rm -f "$build"/logs/sanitizer.*
    status=0
    env LD_PRELOAD="$(clang-22 -print-file-name=libclang_rt.asan-$arch.so)" \
        PYTHONMALLOC=malloc \
        UBSAN_OPTIONS="print_stacktrace=1:log_path=$build/logs/sanitizer" \
        ASAN_OPTIONS="$asan_options:log_path=$build/logs/sanitizer" "$@" || status=$?
    for report in "$build"/logs/sanitizer.*; do
        [ ! -e "$report" ] || { head -n 40 "$report" && status=1; }
    done
    return "$status"
}

sanitize_address() {
    newest_python
    step "building the sanitized wheel" make_sanitized_wheel sanitize
    TINYBPF_WHEEL=$(echo "$build"/sanitize-wheel/*.whl)
    step "environment of $found" make_test_environment "$found" "$build/venv-sanitize"
    [ $# -gt 0 ] || set -- tests/kernel
    # shellcheck disable=SC2086 # a list
    [ "$1" != --part ] || { shift && set -- $sanitized_part "$@"; }
    part sanitize under_address "$build/venv-sanitize/bin/pytest" \
        -k "$not_sanitized" --ignore-glob='*/test_references.py' "$@"
}

# Tests in which threads meet in the core.
thread_tests='tests/kernel/process/test_threads.py tests/kernel/host/test_kernel_btf.py
    tests/kernel/map/test_iter.py tests/kernel/map/test_drain.py
    tests/kernel/stream/test_end.py tests/kernel/stream/test_read.py
    tests/kernel/stream/test_stream.py tests/kernel/stream/test_perfbuf.py
    tests/kernel/stream/test_ringbuf_async.py tests/kernel/stream/test_columns_large.py
    tests/kernel/view/test_globals.py'

# A CPython that ThreadSanitizer watches, in the cache, for no distribution has one.
# Without its own modules of tests, and pip.
make_threads_python() {
    rm -rf "$build/threads-python"
    cp -a "$1" "$build/threads-python"
    cd "$build/threads-python"
    ./configure -q --prefix="$2" --with-thread-sanitizer CC=clang-22 CXX=clang++-22 \
        OPT='-O1 -g1' --disable-test-modules --with-ensurepip=no
    nice make -j"$(nproc)"
    make DESTDIR="$build/threads-python/root" altinstall bininstall
    mv "$build/threads-python/root$2" "$2"
    rm -rf "$build/threads-python"
}

# The runtime is in the interpreter, which runs the tests from archives: -P, for the
# folder in which it starts holds the sources of the package.
under_threads() {
    env PYTHONPATH="$build/pytest.zip:$build/threads-site" \
        TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1 "$@"
}

sanitize_threads() {
    step "fetching sources" dependency fetch
    source=$(sed -n 's/^-- CPython: //p' "$build/logs/fetching-sources.log")
    prefix=$cache/threads-$(basename "$source")
    [ -x "$prefix/bin/python3" ] ||
        step "building CPython for ThreadSanitizer" make_threads_python "$source" "$prefix"
    step "building the wheel for threads" make_sanitized_wheel threads
    [ -e "$build/pytest.zip" ] || step "pytest as a zip" make_pytest_zip
    TINYBPF_WHEEL=$(echo "$build"/threads-wheel/*.whl)
    rm -rf "$build/threads-site"
    "$prefix/bin/python3" -m zipfile -e "$TINYBPF_WHEEL" "$build/threads-site"
    # shellcheck disable=SC2086 # a list
    [ $# -gt 0 ] || set -- $thread_tests
    part threads under_threads "$prefix/bin/python3" -P -m pytest "$@"
}

# sanitize [--part | --threads] [PYTEST ARGS]
command_sanitize() {
    # shellcheck disable=SC2086 # a list
    need $to_test
    mounts
    environment
    runner all
    test_variables
    cd "$root"
    failed=no summary='' selective=no
    case ${1:-} in
        --threads) shift && sanitize_threads "$@" ;;
        *) sanitize_address "$@" ;;
    esac
    printf '\n%s' "$summary"
    [ "$failed" = no ]
}
