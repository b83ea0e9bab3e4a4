#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# init.sh - process 1 of a virtual machine: mounts what the kernel suite needs, runs it,
# and prints its exit status as the one line that the host believes. It must never exit.
# shellcheck shell=dash

export PATH=/usr/bin:/bin:/sbin HOME=/root TERM=dumb LANG=C.UTF-8
/bin/busybox mkdir -p /bin
/bin/busybox --install -s /bin

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t tmpfs tmpfs /run
mount -t bpf bpf /sys/fs/bpf
mount -t tracefs tracefs /sys/kernel/tracing
mount -t debugfs debugfs /sys/kernel/debug
mount -t securityfs securityfs /sys/kernel/security
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ln -s /proc/self/fd /dev/fd
ln -s /proc/self/fd/0 /dev/stdin
ln -s /proc/self/fd/1 /dev/stdout
ln -s /proc/self/fd/2 /dev/stderr
ip link set lo up
for module in /modules/*.ko; do
    [ ! -e "$module" ] || insmod "$module" || echo "init: $module cannot be inserted"
done
# What Debian's package of the configuration would bring; libbpf looks here.
mkdir -p /boot
echo CONFIG_HZ=250 >"/boot/config-$(uname -r)"

echo "Linux $(uname -r) $(uname -m), lsm: $(cat /sys/kernel/security/lsm)"
read -r up _ </proc/uptime
echo "in user space after $up s"
status=0
sh /suite </dev/null || status=$?
# VM_NONCE came with the kernel's command line.
printf '\nVM-RC-%s=%s\n' "$VM_NONCE" "$status"
poweroff -f
sleep 60
