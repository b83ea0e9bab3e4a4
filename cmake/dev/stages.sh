# SPDX-License-Identifier: MIT
# stages.sh - commands one after the other, each with the minutes that it should take:
# what they took is told at the end, for a budget that nobody sees is kept by nobody. A
# stage over its budget is said, not failed.
# shellcheck shell=sh

stages_told='' stages_failed='' stage_now=''

tell_stages() {
    printf '\n  %-16s %7s %8s\n%s' stage minutes budget "$stages_told"
    [ -z "$stage_now" ] || printf '  %-16s ended while it ran\n' "$stage_now"
    [ -z "$stages_failed" ] || printf 'failed:%s\n' "$stages_failed"
}

# stage NAME MINUTES COMMAND: run it and note how it went; the status is the command's.
stage() {
    printf '\n######## %s: %s\n' "$1" "$3"
    stage_now=$1 stage_began=$(date +%s) stage_status=0
    sh -c "$3" </dev/null || stage_status=$?
    stage_took=$(($(date +%s) - stage_began)) stage_remark=''
    [ $stage_took -le $(($2 * 60)) ] || stage_remark='  over its budget'
    [ $stage_status = 0 ] || {
        stage_remark="$stage_remark  FAILED (exit status $stage_status)"
        stages_failed="$stages_failed $1"
    }
    stages_told="$stages_told$(printf '  %-16s %5d.%d %8d%s' "$1" \
        $((stage_took / 60)) $((stage_took % 60 / 6)) "$2" "$stage_remark")
"
    stage_now=''
    return $stage_status
}
