# SPDX-License-Identifier: MIT
# release.sh - the part of ./dev that makes dist/tinybpf-run as it is shipped, and
# that shows that anybody else's build of it has the same bytes.
# shellcheck shell=sh disable=SC2154 # variables of dev

# release [TARGETS]: leave the runner and the file for debuggers in dist/; those for
# another architecture have its name in theirs. All that takes long is in the cache, under
# the hash of what it is made from; TINYBPF_PROFILE=FILE hands a profile in.
release() {
    dependencies
    step "training the profile of CPython" dependency profile
    step "building CPython for the release$for_arch" dependency release
    step "configuring the release$for_arch" configure release
    step "building the release$for_arch" ninja -C "$build/release$ending" tinybpf-run "$@"
    mkdir -p "$root/dist"
    for kind in '' .debug; do
        file=$build/release$ending/tinybpf-run$kind
        cmp -s "$file" "$root/dist/tinybpf-run$ending$kind" ||
            install -m 755 "$file" "$root/dist/tinybpf-run$ending$kind"
    done
}

command_build() {
    case ${1:-} in
        '') ;;
        --arch) target "${2:?$1 wants a name}" ;;
        *) die "build takes --arch A and nothing else, not $1" ;;
    esac
    # shellcheck disable=SC2086 # a list
    need $to_test $to_cross
    environment
    release
    wheel
    say "$root/dist: $(cd "$root/dist" && echo *)"
}

# build_elsewhere DIR: the release again from a copy of the tree below DIR, with a cache
# of its own; it shares the tarballs, the profile and the Python of the tools.
build_elsewhere() {
    rm -rf "$1"
    mkdir -p "$1/tree/build"
    (cd "$root" && git ls-files -z --cached --others --exclude-standard |
        xargs -0 cp --parents -t "$1/tree")
    ln -s "$venv" "$1/tree/build/venv"
    profile=$(sed -n 's/^-- profile: //p' "$build/logs/training-the-profile-of-CPython.log")
    TINYBPF_CACHE=$1/cache TINYBPF_SOURCES=$cache/sources TINYBPF_PROFILE=$profile \
        "$1/tree/dev" release
}

command_release() {
    # shellcheck disable=SC2086 # a list
    need $to_run
    release
}

# The same sources, lock table and profile, another folder and another cache.
command_reproduce() {
    command_release
    step "building it again elsewhere" build_elsewhere "$build/elsewhere"
    (cd "$root/dist" && sha256sum tinybpf-run tinybpf-run.debug)
    (cd "$build/elsewhere/tree/dist" && sha256sum tinybpf-run tinybpf-run.debug)
    for file in tinybpf-run tinybpf-run.debug; do
        cmp "$root/dist/$file" "$build/elsewhere/tree/dist/$file" || die "$file differs"
    done
    rm -rf "$build/elsewhere"
}
