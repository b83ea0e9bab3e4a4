# SPDX-License-Identifier: MIT
# wheel.sh - the part of ./dev that makes dist/tinybpf-*.whl: compiled by zig for
# glibc 2.28, tagged as manylinux_2_28 only after auditwheel has found that true.
# shellcheck shell=sh disable=SC2154 # variables of dev

wheel_is_new() {
    set -- "$root"/dist/*_"$arch".whl
    [ -e "$1" ] && [ -z "$(find "$root/tinybpf" "$root/cmake" "$root/pyproject.toml" \
        "$root/CMakeLists.txt" "$root/CMakePresets.json" "$root/README.md" \
        "$root/LICENSE" -not -path '*/__pycache__*' -newer "$1" -print -quit)" ]
}

make_wheel() {
    cd "$root"
    raw=$build/wheel-raw$ending
    rm -rf "$raw" dist/*_"$arch".whl
    # _PYTHON_HOST_PLATFORM: what Python takes its own platform for.
    TINYBPF_ZIG_PYTHON=$venv/bin/python PATH=$venv/bin:$PATH \
        _PYTHON_HOST_PLATFORM=linux-$arch \
        "$venv/bin/python" -m pip wheel . -v --no-build-isolation --no-deps -w "$raw" \
        -C cmake.args=--preset=wheel -C build-dir="build/wheel$ending" \
        -C cmake.define.TINYBPF_ARCH="$arch"
    PATH=$venv/bin:$PATH "$venv/bin/auditwheel" show "$raw"/*.whl >"$raw/audit"
    cat "$raw/audit"
    tr '\n' ' ' <"$raw/audit" | grep -Eq \
        'following platform tag: "manylinux(_2_(5|12|17|2[0-8])|1|2010|2014)_'"$arch"'"' ||
        { echo "the wheel is not true to manylinux_2_28"; return 1; }
    "$venv/bin/python" -m wheel tags --remove --platform-tag "manylinux_2_28_$arch" "$raw"/*.whl
    mkdir -p dist
    mv "$raw"/*.whl dist/
}

wheel() { wheel_is_new || step "building the wheel$for_arch" make_wheel; }
