# SPDX-License-Identifier: MIT
# nightly.sh - the part of ./dev that takes hours: everything on every Python and every
# kernel. All stages run, whatever becomes of those before them.
# shellcheck shell=sh disable=SC2154 # variables of dev

# shellcheck source=cmake/dev/stages.sh
. "$root/cmake/dev/stages.sh"

# What is done, a stage a line: name, minutes, command.
nightly_stages() {
    cat <<'END'
build 18 ./dev build
check 2 ./dev check
test 40 ./dev test --every-python
runner 2 TINYBPF_RUN=$PWD/dist/tinybpf-run ./dev test tests/runner
cpython-tests 40 ./dev cpython-tests
packages 10 ./dev packages
sanitize 40 ./dev sanitize
threads 30 ./dev sanitize --threads
fuzz 32 ./dev fuzz --minutes 30
fault 90 ./dev fault
hostile 60 TINYBPF_HOSTILE_STRIDE=7 ./dev test tests/kernel/owner/test_hostile_arguments.py
aarch64 40 ./dev test --arch aarch64
kernels 40 ./dev vm --all
reproduce 40 ./dev reproduce
bench 20 ./dev bench
END
}

command_nightly() {
    trap tell_stages EXIT
    trap 'exit 143' INT TERM
    cd "$root"
    mkdir -p "$build"
    nightly_stages >"$build/nightly"
    while read -r name minutes command; do
        stage "$name" "$minutes" "$command" || :
    done <"$build/nightly"
    [ -z "$stages_failed" ]
}
