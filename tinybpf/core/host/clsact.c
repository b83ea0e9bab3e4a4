/* SPDX-License-Identifier: MIT
 *
 * Asks rtnetlink for the filters of a clsact (host/clsact.h).
 */
#include "host/clsact.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

/* What is found on the way through the answers. */
struct search {
    struct tb_clsact_filter *out;
    int max;
    int n;
};

/* The attribute of that type among size bytes; NULL if it is not there. */
static const struct rtattr *
find_attribute(const struct rtattr *attribute, int size, int type)
{
    while (RTA_OK(attribute, size)) {
        if ((attribute->rta_type & NLA_TYPE_MASK) == type) {
            return attribute;
        }
        attribute = RTA_NEXT(attribute, size);
    }
    return NULL;
}

/* The id of the program of a filter; 0 if it has none. */
static uint32_t
program_of(const struct nlmsghdr *message)
{
    const struct tcmsg *filter = NLMSG_DATA(message);
    const struct rtattr *first = TCA_RTA(filter), *kind, *options, *id = NULL;
    int size = (int)(message->nlmsg_len - NLMSG_LENGTH(sizeof(*filter)));
    uint32_t number = 0;

    kind = find_attribute(first, size, TCA_KIND);
    options = find_attribute(first, size, TCA_OPTIONS);
    if (kind != NULL && options != NULL && RTA_PAYLOAD(kind) >= 4 &&
        memcmp(RTA_DATA(kind), "bpf", 4) == 0) {
        id = find_attribute(RTA_DATA(options), (int)RTA_PAYLOAD(options), TCA_BPF_ID);
    }
    if (id != NULL && RTA_PAYLOAD(id) >= sizeof(number)) {
        memcpy(&number, RTA_DATA(id), sizeof(number));
    }
    return number;
}

/* A priority without a filter is told of with the handle 0. */
static void
add(struct search *search, const struct nlmsghdr *message)
{
    const struct tcmsg *filter = NLMSG_DATA(message);

    if (filter->tcm_handle == 0) {
        return;
    }
    if (search->n < search->max) {
        search->out[search->n] =
            (struct tb_clsact_filter){.priority = TC_H_MAJ(filter->tcm_info) >> 16,
                                      .handle = filter->tcm_handle,
                                      .prog_id = program_of(message)};
    }
    search->n++;
}

/* Go through one answer: 1 if more come, 0 at the end, or -errno. */
static int
read_answer(struct search *search, const char *buffer, int size)
{
    const struct nlmsghdr *message = (const struct nlmsghdr *)buffer;
    const struct nlmsgerr *error;

    for (; NLMSG_OK(message, (unsigned)size); message = NLMSG_NEXT(message, size)) {
        switch (message->nlmsg_type) {
        case NLMSG_DONE:
            return 0;
        case NLMSG_ERROR:
            error = NLMSG_DATA(message);
            return error->error;
        case RTM_NEWTFILTER:
            if (message->nlmsg_len >= NLMSG_LENGTH(sizeof(struct tcmsg))) {
                add(search, message);
            }
            break;
        default:
            break;
        }
    }
    return 1;
}

/* Ask, and read all that comes; 0 or -errno. */
static int
dump(int fd, int ifindex, uint32_t parent, struct search *search)
{
    struct {
        struct nlmsghdr head;
        struct tcmsg filter;
    } question = {
        .head = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct tcmsg)),
                 .nlmsg_type = RTM_GETTFILTER,
                 .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
        .filter = {.tcm_ifindex = ifindex, .tcm_parent = parent},
    };
    _Alignas(struct nlmsghdr) char buffer[32768]; /* what the kernel fills at most */
    int more = 1;

    if (send(fd, &question, question.head.nlmsg_len, 0) < 0) {
        return -errno;
    }
    while (more > 0) {
        ssize_t size = recv(fd, buffer, sizeof(buffer), 0);

        if (size < 0 && errno != EINTR) {
            return -errno;
        }
        more = size < 0 ? 1 : read_answer(search, buffer, (int)size);
    }
    return more;
}

int
tb_clsact_filters(int ifindex, int is_egress, struct tb_clsact_filter *out, int max)
{
    uint32_t parent =
        TC_H_MAKE(TC_H_CLSACT, is_egress ? TC_H_MIN_EGRESS : TC_H_MIN_INGRESS);
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), err;
    struct search search = {out, max, 0};

    if (fd < 0) {
        return -errno;
    }
    err = dump(fd, ifindex, parent, &search);
    close(fd);
    return err < 0 ? err : search.n;
}
