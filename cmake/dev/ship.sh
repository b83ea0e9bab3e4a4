# SPDX-License-Identifier: MIT
# ship.sh - the part of ./dev for workflows that build on one machine and test on
# others: what one made is packed, what another made is taken, tried and published.
# shellcheck shell=sh disable=SC2154 # variables of dev

# The release that holds packed dependencies, by the version of libbpf in the lock table.
prebuilt_release() {
    printf 'libbpf-v%s' "$(sed -n 's/^bpf | \([^ ]*\) |.*/\1/p' "$root/cmake/deps.lock")"
}

# Fill the cache from TINYBPF_PREBUILT, the address of a repository's releases.
prebuilt() {
    [ -n "${TINYBPF_PREBUILT:-}" ] || return 0
    url=$TINYBPF_PREBUILT/$(prebuilt_release)/dependencies-$arch.tar.xz
    step "taking dependencies that are built" \
        cmake -DURL="$url" -P "$root/cmake/prebuilt.cmake"
}

# Pack what is in the cache, less what a build makes of its tarballs in seconds.
pack_dependencies() (
    cd "$cache"
    {
        find . -mindepth 1 -maxdepth 1 -type d ! -name vm ! -name apt ! -name sources \
            ! -name '*.part'
        find sources -maxdepth 1 -type f ! -name '*.part'
    } | LC_ALL=C sort | tar -cJf "$root/dist/dependencies-$arch.tar.xz" -T -
)

# Pack what the tests need beside the checkout: BPF objects and helpers.
pack_tests() {
    rm -rf "$build/packed"
    mkdir -p "$build/packed/examples"
    cp -r "$tree/bpf" "$tree/kernel_ids" "$tree/probed" "$tree/versioned" "$build/packed"
    from=$root
    [ -z "$ending" ] || from=$tree
    (cd "$from" && find examples -name '*.bpf.o' -exec cp --parents -t "$build/packed" {} +)
    tar -czf "$root/dist/tests-$arch.tar.gz" -C "$build/packed" .
}

# Take what was packed for the tests, and the runner beside it, for `arch`: no build.
# Archives of workflows lose the bit that makes a file executable.
unpack_tests() {
    [ -e "$root/dist/tinybpf-run$ending" ] || ending=-$arch
    tree=$build/packed TINYBPF_RUN=$root/dist/tinybpf-run$ending
    rm -rf "$tree"
    mkdir -p "$tree"
    tar -xzf "$root/dist/tests-$arch.tar.gz" -C "$tree"
    chmod +x "$TINYBPF_RUN"
}

command_pack() {
    what=${1:-}
    take_arch "$@"
    # shellcheck disable=SC2086 # a list
    need $to_run $to_cross
    mkdir -p "$root/dist"
    case $what in
        dependencies)
            dependencies
            step "training the profile of CPython" dependency profile
            step "building CPython for the release$for_arch" dependency release
            step "packing dependencies" pack_dependencies
            ;;
        tests)
            runner all
            step "packing tests" pack_tests
            ;;
        *) die "pack what? dependencies or tests" ;;
    esac
}

# try_with_python 3.X: the wheel in a CPython that uv has or brings.
try_with_python() {
    uv venv -q --clear --python "$1" "$build/try-$1"
    uv pip install -q --python "$build/try-$1" 'pytest==8.4.*' "$TINYBPF_WHEEL"
}

# try_image NAME: load a program by the runner in a container that has nothing else of
# it; "scratch" is an image without any file but the runner.
try_image() {
    image=$1
    if [ "$image" = scratch ]; then
        image=$(tar -cC "$root/dist" "$(basename "$TINYBPF_RUN")" | docker import -)
    fi
    docker run --rm --privileged -v "$root:$root:ro" "$image" "$TINYBPF_RUN" \
        "$root/tests/wheel/load.py" "$tree/bpf/counts.bpf.o"
}

# try [3.X ...], try --image NAME: what lies in dist/, where nothing is built.
command_try() {
    unpack_tests
    [ "${1:-}" != --image ] || { try_image "$2"; return; }
    mounts
    cp -r "$tree/examples" "$root"
    test_variables
    failed=no summary='' selective=no every=no
    cd "$root"
    for version in "$@"; do
        step "environment of Python $version" try_with_python "$version"
        # shellcheck disable=SC2046 # a list
        part "wheel $version" "$build/try-$version/bin/pytest" $(share_of "$version" "$*")
    done
    step "pytest for the runner" uv pip install -q --target "$build/pytest" 'pytest==8.4.*'
    part tinybpf-run env PYTHONPATH="$build/pytest" "$TINYBPF_RUN" -m pytest tests/kernel
    printf '\n%s' "$summary"
    [ "$failed" = no ]
}

# Leave in build/published what a release shows: the files, of names that tell the
# architecture, and their sums.
gather() {
    rm -rf "$build/published"
    mkdir -p "$build/published"
    for file in "$@"; do
        name=$(basename "$file")
        case $name in tinybpf-run | tinybpf-run.debug) name=tinybpf-run-$host${name#tinybpf-run} ;; esac
        cp "$file" "$build/published/$name"
    done
    (cd "$build/published" && sha256sum -- * >"$build/SHA256SUMS")
    mv "$build/SHA256SUMS" "$build/published"
}

# addresses RELEASE FILES: print a sed script that puts the addresses of the wheels among
# the files in place of those in the tree, which lead nowhere.
addresses() {
    release=$1
    shift
    for file in "$@"; do
        case $file in
            *_x86_64.whl) wheel_arch=x86_64 ;;
            *_aarch64.whl) wheel_arch=aarch64 ;;
            *) continue ;;
        esac
        echo "s|https://tinybpf.invalid/$wheel_arch.whl|$release/$(basename "$file")|"
    done
}

# pack_examples RELEASE FILES: leave build/examples.tar.gz, whose scripts name the wheels.
pack_examples() {
    rm -rf "$build/examples"
    mkdir -p "$build/examples"
    addresses "$@" >"$build/addresses.sed"
    (cd "$root" && git ls-files examples) | while read -r file; do
        mkdir -p "$build/$(dirname "$file")"
        sed -f "$build/addresses.sed" "$root/$file" >"$build/$file"
    done
    tar -czf "$build/examples.tar.gz" -C "$build" examples
}

# publish dev FILES: the rolling release has these files, the examples and no others, and
# its tag is on the commit that is checked out. publish prebuilt FILES: add them to the
# release that stays, of the locked version of libbpf.
command_publish() {
    what=${1:-}
    shift
    [ $# -gt 0 ] || die "publish what?"
    if [ "$what" = dev ]; then
        pack_examples "$(gh repo view --json url --jq .url)/releases/download/dev" "$@"
        set -- "$@" "$build/examples.tar.gz"
    fi
    gather "$@"
    commit=$(git -C "$root" rev-parse HEAD)
    case $what in
        dev) tag=dev; gh release delete dev --yes --cleanup-tag || say "no release dev yet" ;;
        prebuilt) tag=$(prebuilt_release) ;;
        *) die "publish dev or prebuilt, not $what" ;;
    esac
    gh release view "$tag" >/dev/null 2>&1 ||
        gh release create "$tag" --prerelease --target "$commit" --title "$tag" \
            --notes "Built by a workflow from $commit."
    gh release upload "$tag" --clobber "$build"/published/*
}
