#!/bin/sh
# SPDX-License-Identifier: MIT
# relative.sh - sh relative.sh DIR COMMAND...: run it in DIR, with what it names by
# absolute paths below DIR named by relative ones.
set -eu
dir=$1
shift
cd "$dir"
for argument; do
    shift
    set -- "$@" "${argument#"$dir"/}"
done
exec "$@"
