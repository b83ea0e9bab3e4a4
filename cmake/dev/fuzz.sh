# SPDX-License-Identifier: MIT
# fuzz.sh - the part of ./dev that searches for inputs which do harm: the programs of
# tests/fuzz, one after the other, beginning with our own objects (build/inputs, which
# keeps what was found, too).
# shellcheck shell=sh disable=SC2154 # variables of dev

# Each program, its share of the time in percent, and what is behind it.
fuzzers() {
    cat <<'END_OF_FUZZERS'
object 25
bundle 5
btf 15
layout 10
ring 10
symbols 10
linker 10
python 15
END_OF_FUZZERS
}

configure_fuzz() {
    cd "$root"
    cmake --preset fuzz -B build/fuzz -DPython_EXECUTABLE=/usr/bin/python3
}

# What all begin with: objects without the compiler's debug information.
make_inputs() {
    rm -rf "$build/fuzz/objects"
    mkdir -p "$build/fuzz/objects" "$build/inputs/ring"
    for object in "$build"/dev/bpf/*.o; do
        llvm-strip-22 -g -o "$build/fuzz/objects/$(basename "$object")" "$object"
    done
    "$venv/bin/python" "$root/tests/fuzz/corpus.py" "$build/inputs" \
        "$build"/fuzz/objects/*.o
}

# run_fuzzer NAME SECONDS: leaks are told, but for an interpreter, which keeps much until
# its end. An input that needs more than 10 seconds of the processor ends it as well. A
# seed of 0 is another one each time.
run_fuzzer() {
    leaks=1
    case $1 in python | linker) leaks=0 ;; esac
    log=$build/logs/fuzz-$1.log
    status=0
    ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=$leaks \
        UBSAN_OPTIONS=print_stacktrace=1 TINYBPF_FUZZ_OBJECTS=$build/fuzz/objects \
        nice "$build/fuzz/$1" \
        -seed="$seed" -max_total_time="$2" -max_len=65536 -rss_limit_mb=4096 -timeout=600 \
        -print_final_stats=1 -print_funcs=0 "-artifact_prefix=$build/fuzz/$1-" \
        "$build/inputs/$1" >"$log" 2>&1 || status=$?
    printf '  %-8s %10s executions  %6s edges  %s\n' "$1" \
        "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" \
        "$(grep -ao 'cov: [0-9]*' "$log" | tail -n 1 | cut -c 6-)" \
        "$([ "$status" = 0 ] && echo nothing found || echo FOUND SOMETHING)"
    [ "$status" = 0 ] && return
    tail -n 40 "$log"
    failed=yes
}

# fuzz [--minutes N] [NAMES]: a minute of all of them, which tries the same each time, so
# that what it finds came with a change; or so many, which search.
command_fuzz() {
    minutes=1 seed=1
    case ${1:-} in --minutes) minutes=$2 seed=0 && shift 2 ;; esac
    # shellcheck disable=SC2086 # a list
    need $to_test
    environment
    dependencies
    step "configuring" configure dev
    step "compiling BPF objects" ninja -C "$build/dev" bpf-tests
    step "configuring the fuzzers" configure_fuzz
    step "building the fuzzers" ninja -C "$build/fuzz"
    step "making inputs" make_inputs
    failed=no
    fuzzers >"$build/fuzz/fuzzers"
    while read -r name share; do
        case " $* " in *" $name "* | "  ") ;; *) continue ;; esac
        run_fuzzer "$name" $((minutes * 60 * share / 100))
    done <"$build/fuzz/fuzzers"
    [ "$failed" = no ]
}
