# SPDX-License-Identifier: MIT
# dev-vm.sh - the part of ./dev that runs the kernel suite on kernels of Debian, in
# virtual machines; tests/vm does it.
# shellcheck shell=sh disable=SC2154 # variables of dev

command_vm() {
    # shellcheck disable=SC2086 # a list
    need $to_test qemu-system-x86 busybox-static
    environment
    runner all
    [ -e "$build/pytest.zip" ] || step "pytest as a zip" make_pytest_zip
    "$venv/bin/python" "$root/tests/vm" "$@"
}
