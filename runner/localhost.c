/* SPDX-License-Identifier: MIT
 *
 * Let "localhost" be this host even where no /etc/hosts says so.
 *
 * RFC 6761 (6.3) wants that of every resolver. musl asks a name server, and where
 * there is none, as in an empty root, that takes ten seconds and fails.
 */
#include <netdb.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

int __real_getaddrinfo(const char *node, const char *service,
                       const struct addrinfo *hints, struct addrinfo **out_list);
int __wrap_getaddrinfo(const char *node, const char *service,
                       const struct addrinfo *hints, struct addrinfo **out_list);

/* The linker routes every getaddrinfo() here (--wrap). */
int
__wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                   struct addrinfo **out_list)
{
    int is_localhost = node != NULL && strcmp(node, "localhost") == 0 &&
                       (hints == NULL || (hints->ai_flags & AI_NUMERICHOST) == 0);
    int err = EAI_NONAME;

    if (!is_localhost || access("/etc/hosts", R_OK) == 0) {
        err = __real_getaddrinfo(node, service, hints, out_list);
    }
    if (is_localhost && (err == EAI_NONAME || err == EAI_AGAIN)) {
        int is_ipv6 = hints != NULL && hints->ai_family == AF_INET6;

        err =
            __real_getaddrinfo(is_ipv6 ? "::1" : "127.0.0.1", service, hints, out_list);
    }
    return err;
}
