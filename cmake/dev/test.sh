# SPDX-License-Identifier: MIT
# test.sh - the part of ./dev that runs tests: the rules of the project, runner and wheel
# once; the kernel suite inside tinybpf-run, and on the wheel under the CPythons found.
# shellcheck shell=sh disable=SC2154 # variables of dev

# Files that tell soon whether the wheel works in a Python: those that its version makes a
# difference to.
smoke='tests/kernel/package/test_import.py tests/kernel/package/test_compatibility.py
    tests/kernel/object/test_load.py tests/kernel/map/test_map.py
    tests/kernel/value/test_record.py tests/kernel/ctype/test_typed.py
    tests/kernel/stream/test_ringbuf_async.py tests/kernel/process/test_shutdown.py'

test_variables() {
    export TINYBPF_BPF_DIR="$tree/bpf" TINYBPF_BUILD="$tree" PYTHONDONTWRITEBYTECODE=1
    export TINYBPF_RUN="${TINYBPF_RUN:-$tree/tinybpf-run}"
    TINYBPF_WHEEL=$(echo "$root"/dist/*_"$arch".whl)
    export TINYBPF_WHEEL
}

# find_python 3.X: print the path of that CPython, if the machine has it.
find_python() {
    for candidate in "$(command -v "python$1")" \
        "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/python; do
        if [ -x "$candidate" ] && "$candidate" -c \
            'import sys, venv; sys.exit(sys.implementation.name != "cpython")' 2>/dev/null
        then
            echo "$candidate"
            return
        fi
    done
}

# make_test_environment PYTHON DIR: pytest and the wheel, nothing else.
make_test_environment() {
    [ -e "$2/made" ] || "$1" -m venv --clear "$2"
    "$2/bin/python" -m pip install -q 'pytest==8.4.*'
    "$2/bin/python" -m pip install -q --no-deps --force-reinstall "$TINYBPF_WHEEL"
    touch "$2/made"
}

# Whole or not at all, also where two commands do so at a time.
make_pytest_zip() {
    parts=$(mktemp -d "$build/pytest.XXXXXX")
    "$venv/bin/python" -m pip install -q --target "$parts" 'pytest==8.4.*'
    "$venv/bin/python" -m zipfile -c "$parts.zip" "$parts"/*
    mv "$parts.zip" "$build/pytest.zip"
    rm -r "$parts"
}

# part NAME COMMAND...: run one part of the suite; note how it ended for the summary.
part() {
    name=$1
    shift
    printf '\n==== %s\n' "$name"
    status=0
    "$@" || status=$?
    [ "$status:$selective" != 5:yes ] || status=0
    [ "$status" = 0 ] && ended=passed || ended="FAILED (exit status $status)"
    [ "$status" = 0 ] || failed=yes
    summary="$summary$(printf '  %-18s %s' "$name" "$ended")
"
}

# Decide from the arguments which parts run: a path belongs to one kind of them.
choose_parts() {
    own=yes kernel=yes selective=no paths=no
    [ $# = 0 ] || selective=yes
    for arg in "$@"; do
        path=${arg%%::*}
        case $path in -*) continue ;; esac
        [ -e "$path" ] || continue
        paths=yes
        case $path in
            *tests/meta* | *tests/runner* | *tests/wheel* | *tests/vm* | *tests/fuzz*) kernel=no ;;
            *tests/kernel*) own=no ;;
        esac
    done
}

# make_frames_environment PYTHON: what takes columns, for tests/wheel; half a gigabyte.
make_frames_environment() {
    [ -e "$build/venv-frames/bin/pip" ] || "$1" -m venv --clear "$build/venv-frames"
    "$build/venv-frames/bin/python" -m pip install -q --upgrade 'pip>=25.1'
    "$build/venv-frames/bin/python" -m pip install -q --only-binary :all: --group frames
    touch "$build/venv-frames/made"
}

# Let TINYBPF_FRAMES be a Python of the newest version that has it all.
frames() {
    for version in 3.13 3.12 3.11; do
        python=$(find_python $version)
        [ -z "$python" ] || break
    done
    [ "$build/venv-frames/made" -nt "$root/pyproject.toml" ] ||
        step "environment of data frames" make_frames_environment "$python"
    export TINYBPF_FRAMES="$build/venv-frames/bin/python"
}

# Start the project's own tests. They go beside those of the kernel, which wait for it
# most of the time, and print when they have ended.
start_own() {
    own_log=$build/logs/project-tests.log
    case "$paths $*" in no* | *tests/wheel*) frames ;; esac
    [ "$paths" = yes ] || set -- tests/meta tests/fuzz tests/runner tests/vm tests/wheel "$@"
    if [ "$kernel" = yes ]; then
        "$venv/bin/pytest" "$@" >"$own_log" 2>&1 &
        own_pid=$!
        trap 'kill "$own_pid" 2>/dev/null' EXIT
        trap 'exit 130' INT
        trap 'exit 143' TERM
    else
        part project "$venv/bin/pytest" "$@"
    fi
}

end_own() {
    status=0
    wait "$own_pid" || status=$?
    trap - EXIT INT TERM
    cat "$own_log"
    return "$status"
}

# share_of 3.X VERSIONS: print what that Python runs of the kernel suite: the first and the
# last of the versions all of it, those between them the smoke part, unless every one is
# to run all.
share_of() {
    case $every:$1 in
        yes:* | no:"${2##* }") echo tests/kernel ;;
        *) case "$2 " in "$1 "* | " $1 "*) echo tests/kernel ;; *) echo "$smoke" ;; esac ;;
    esac
}

test_kernel() {
    for version in 3.9 3.10 3.11 3.12 3.13; do
        [ -z "$(find_python $version)" ] || found="$found $version"
    done
    for version in $found; do
        dir=$build/venv-$version share=''
        [ "$dir/made" -nt "$TINYBPF_WHEEL" ] || step "environment of Python $version" \
            make_test_environment "$(find_python "$version")" "$dir"
        [ "$paths" = yes ] || share=$(share_of "$version" "$found")
        # shellcheck disable=SC2086 # a list
        part "wheel $version" "$dir/bin/pytest" $share "$@"
    done
    [ -e "$build/pytest.zip" ] || step "pytest as a zip" make_pytest_zip
    [ "$paths" = yes ] || set -- tests/kernel "$@"
    part tinybpf-run env PYTHONPATH="$build/pytest.zip" "$TINYBPF_RUN" -m pytest "$@"
}

command_test() {
    take_arch "$@"
    case ${1:-} in --arch) shift 2 ;; --arch=*) shift ;; esac
    every=no
    [ "${1:-}" != --every-python ] || { every=yes && shift; }
    [ "$arch" = "$host" ] || { test_emulated "$@"; return; }
    # shellcheck disable=SC2086 # a list
    need $to_test
    mounts
    environment
    runner all
    wheel
    test_variables
    cd "$root"
    failed=no found='' summary=''
    choose_parts "$@"
    [ "$own" = no ] || start_own "$@"
    [ "$kernel" = no ] || test_kernel "$@"
    [ "$own:$kernel" != yes:yes ] || part project end_own
    printf '\nPythons found for the wheel:%s\n%s' "${found:- none}" "$summary"
    [ "$failed" = no ]
}

command_cpython_tests() {
    # shellcheck disable=SC2086 # a list
    need $to_test
    environment
    [ -n "${TINYBPF_RUN:-}" ] || release
    TINYBPF_RUN=${TINYBPF_RUN:-$root/dist/tinybpf-run}
    test_variables
    step "fetching sources" dependency fetch
    TINYBPF_PYTHON_SOURCE=$(sed -n 's/^-- CPython: //p' "$build/logs/fetching-sources.log") \
        "$venv/bin/python" "$root/tests/runner/cpython" "$@"
}

# packages [NAMES]: popular packages of PyPI, and a line of work with each of them.
command_packages() {
    # shellcheck disable=SC2086 # a list
    need $to_test
    environment
    [ -n "${TINYBPF_RUN:-}" ] || runner
    TINYBPF_RUN="${TINYBPF_RUN:-$tree/tinybpf-run}" \
        "$venv/bin/python" "$root/tests/runner/packages" "$@"
}
