# SPDX-License-Identifier: MIT
# vm.sh - the part of ./dev that tests on what this machine is not: the kernel suite
# on kernels of Debian in virtual machines (tests/vm), and what needs no kernel on
# another processor (tests/arch), both of them emulated.
# shellcheck shell=sh disable=SC2154 # variables of dev

# take_arch ARGS: set the target that --arch asks for; words after -- are pytest's.
take_arch() {
    previous=
    for word in "$@"; do
        [ "$word" != -- ] || break
        [ "$previous" != --arch ] || target "$word"
        case $word in --arch=*) target "${word#*=}" ;; esac
        previous=$word
    done
}

# What emulates a whole machine of the target, by its package.
emulator() {
    case $arch in
        x86_64) echo qemu-system-x86 ;;
        aarch64) echo qemu-system-arm ;;
    esac
}

# Build what machines of the target need: its runner, BPF objects, helpers.
guest() {
    # shellcheck disable=SC2086 # lists
    need $to_test $to_cross "$(emulator)"
    environment
    runner all
}

# vm --packed ...: with what another machine built (cmake/dev/ship.sh). vm --all: on all
# architectures, as it is shipped.
command_vm() {
    packed=no every=no
    [ "${1:-}" != --packed ] || { packed=yes && shift; }
    [ "${1:-}" != --all ] || every=yes
    take_arch "$@"
    if [ $packed = yes ]; then
        need python3 python3-venv binutils busybox-static "$(emulator)"
        unpack_tests
        export TINYBPF_BUILD="$tree" TINYBPF_RUN
        environment
    elif [ $every = yes ]; then
        [ -z "${TINYBPF_RUN:-}${TINYBPF_BUILD:-}" ] ||
            die "TINYBPF_RUN and TINYBPF_BUILD are of one architecture, --all is of several"
        for each in x86_64 aarch64; do
            (target $each && guest && release) || exit
        done
        environment
        export TINYBPF_SHIPPED="$root/dist/tinybpf-run"
    else
        guest
    fi
    [ -e "$build/pytest.zip" ] || step "pytest as a zip" make_pytest_zip
    "$venv/bin/python" "$root/tests/vm" "$@"
}

# test_emulated [PYTEST ARGS]: runner and wheel of another architecture, and this machine's
# runner, which sends the other one to hosts. Tests of the runner that cannot be under
# qemu-user, such as those that start it from itself, are marked so, and skipped; they
# run on a kernel of that architecture.
test_emulated() {
    # shellcheck disable=SC2086 # a list
    need $to_test $to_cross qemu-user-static
    environment
    (target "$host" && runner) || exit
    export TINYBPF_NATIVE_RUN="$build/dev/tinybpf-run"
    runner all
    wheel
    test_variables
    export TINYBPF_ARCH="$arch" TINYBPF_EMULATOR="qemu-$arch-static"
    cd "$root"
    [ $# -gt 0 ] || set -- tests/arch tests/runner tests/wheel/test_abi.py
    "$venv/bin/pytest" "$@"
}
