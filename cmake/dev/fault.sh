# SPDX-License-Identifier: MIT
# fault.sh - the part of ./dev that lets allocations and system calls fail in turn
# (tests/fault): with the wheel, in the newest CPython found.
# shellcheck shell=sh disable=SC2154 # variables of dev

make_injector() {
    mkdir -p "$build/fault"
    gcc -O1 -Wall -Wextra -shared -fPIC -fno-builtin -o "$build/fault/inject.so" \
        "$root/tests/fault/inject.c" -ldl
}

# fault [TRIALS] [OPTIONS]: of each scenario and kind so many, evenly spread, or all.
command_fault() {
    # shellcheck disable=SC2086 # a list
    need $to_test
    mounts
    environment
    runner all
    wheel
    test_variables
    found=
    for version in 3.13 3.12 3.11 3.10 3.9; do
        [ -n "$found" ] || found=$(find_python $version)
    done
    [ -n "$found" ] || die "no CPython from 3.9 to 3.13 is here to try the wheel in"
    step "building the injector" make_injector
    step "environment of $found" make_test_environment "$found" "$build/venv-fault"
    LD_PRELOAD=$build/fault/inject.so PYTHONPATH=$root/tests \
        "$build/venv-fault/bin/python" "$root/tests/fault" "$@"
}
