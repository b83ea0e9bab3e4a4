/* SPDX-License-Identifier: MIT
 *
 * Names and sets of capabilities (host/capability.h). All calls are the kernel's own:
 * /proc may not be there.
 */
#include "host/capability.h"

#include "base/nearest.h"

#include <linux/capability.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* By number, as in linux/capability.h. */
static const char *const names[] = {
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux_immutable",
    "net_bind_service",
    "net_broadcast",
    "net_admin",
    "net_raw",
    "ipc_lock",
    "ipc_owner",
    "sys_module",
    "sys_rawio",
    "sys_chroot",
    "sys_ptrace",
    "sys_pacct",
    "sys_admin",
    "sys_boot",
    "sys_nice",
    "sys_resource",
    "sys_time",
    "sys_tty_config",
    "mknod",
    "lease",
    "audit_write",
    "audit_control",
    "setfcap",
    "mac_override",
    "mac_admin",
    "syslog",
    "wake_alarm",
    "block_suspend",
    "audit_read",
    "perfmon",
    "bpf",
    "checkpoint_restore",
};

enum { COUNT = sizeof(names) / sizeof(names[0]), BITS = 64, PREFIX = 4 };

/* A name without the "cap_" that it may begin with. */
static const char *
bare(const char *name)
{
    return strncasecmp(name, "cap_", PREFIX) == 0 ? name + PREFIX : name;
}

uint64_t
tb_capability_find(const char *name, char *text, size_t size)
{
    struct tb_nearest nearest;

    tb_nearest_start(&nearest, bare(name));
    for (int i = 0; i < COUNT; i++) {
        if (strcasecmp(names[i], bare(name)) == 0) {
            return (uint64_t)1 << i;
        }
        tb_nearest_offer(&nearest, names[i]);
    }
    snprintf(text, size, "there is no capability '%.64s'", name);
    tb_nearest_append(&nearest, "", text, size);
    return 0;
}

int
tb_capability_list(const char *list, uint64_t *out_caps, char *text, size_t size)
{
    char name[64];

    *out_caps = 0;
    if (strcmp(list, "none") == 0) {
        return 0;
    }
    for (const char *at = list, *end; at != NULL; at = *end ? end + 1 : NULL) {
        uint64_t cap;

        end = at + strcspn(at, ",");
        if (end == at) {
            snprintf(text, size,
                     "a capability is missing in '%.64s': bpf,perfmon is a list, none "
                     "an empty one",
                     list);
            return -1;
        }
        snprintf(name, sizeof(name), "%.*s", (int)(end - at < 63 ? end - at : 63), at);
        cap = tb_capability_find(name, text, size);
        if (cap == 0) {
            return -1;
        }
        *out_caps |= cap;
    }
    return 0;
}

void
tb_capability_write(uint64_t caps, char *text, size_t size)
{
    size_t n = 0;

    text[0] = '\0';
    for (int i = 0; i < BITS && n < size; i++) {
        const char *comma = n == 0 ? "" : ", ";

        if ((caps >> i & 1) == 0) {
            continue;
        }
        if (i >= COUNT) {
            n += (size_t)snprintf(text + n, size - n, "%s%d", comma, i);
            continue;
        }
        n += (size_t)snprintf(text + n, size - n, "%sCAP_", comma);
        for (const char *at = names[i]; *at != '\0' && n + 1 < size; at++) {
            text[n++] = *at == '_' ? '_' : (char)(*at - 'a' + 'A');
            text[n] = '\0';
        }
    }
}

int
tb_capability_get(struct tb_capability_sets *out_sets)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2]; /* 64 capabilities since version 3 */

    if (syscall(SYS_capget, &header, data) < 0) {
        return -errno;
    }
    out_sets->effective = data[0].effective | (uint64_t)data[1].effective << 32;
    out_sets->permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
    out_sets->inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
    return 0;
}

int
tb_capability_set(const struct tb_capability_sets *sets)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];

    for (int i = 0; i < 2; i++) {
        data[i].effective = (uint32_t)(sets->effective >> 32 * i);
        data[i].permitted = (uint32_t)(sets->permitted >> 32 * i);
        data[i].inheritable = (uint32_t)(sets->inheritable >> 32 * i);
    }
    return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

int
tb_capability_exists(uint64_t cap)
{
    return prctl(PR_CAPBSET_READ, (unsigned long)__builtin_ctzll(cap), 0, 0, 0) >= 0;
}
